import { InputError } from '../../../engine/index.ts'
import type { LanguageModel } from '../model.ts'
import { endingOf } from './batch.ts'
import { type BeamSettings, type Hypothesis, searchBeams } from './beam-search.ts'
import { type Prompt, tokensOf } from './generate.ts'
import type { GenerationOptions } from './generation.ts'
import type { Scores } from './network.ts'
import { compiled, Rows } from './rows.ts'

export interface BeamOptions
  extends Pick<GenerationOptions, 'maxNewTokens' | 'end' | 'beyondContext'>,
    Partial<Pick<BeamSettings, 'beams' | 'lengthPenalty' | 'earlyStopping'>> {
  /** How many hypotheses to return, at most as many as beams; default: 1. */
  readonly numReturnSequences?: number
}

export interface Beam extends Hypothesis {
  readonly text: string
}

/**
 * The continuations of a text with the largest log-probability / length^lengthPenalty that beam search finds, best first, as Hugging Face's transformers
 * finds them. One beam is greedy decoding.
 *
 * @throws InputError as `generate`.
 * @example
 * const config = llamaConfig({ ...sizes.nano })
 * const model = { config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }
 * const [{ text, score }] = await beamSearch(model, 'Once', { beams: 3, maxNewTokens: 8 })
 */
export async function beamSearch(model: LanguageModel, prompt: Prompt, options: BeamOptions = {}): Promise<Beam[]> {
  const { beams = 4, lengthPenalty = 1, earlyStopping = false, numReturnSequences = 1 } = options
  if (!(Number.isInteger(beams) && beams >= 1)) throw new InputError(`beams is ${beams}, not a whole number of at least 1`)
  if (!(Number.isInteger(numReturnSequences) && numReturnSequences >= 1 && numReturnSequences <= beams))
    throw new InputError(`numReturnSequences is ${numReturnSequences}, not a whole number from 1 to the ${beams} beams`)
  const ids = tokensOf(model, prompt)
  const { end, maxNewTokens } = endingOf(model, ids, options, 0)
  const rows = new Rows(await compiled(model), beams)
  const found = await searchBeams(
    async (step) => {
      if (!step) {
        const [first] = logProbabilities(await rows.add([ids]), 1)
        rows.reorder(new Array(beams).fill(0))
        return new Array(beams).fill(first)
      }
      rows.reorder(step.parents)
      return logProbabilities(await rows.step(step.ids), beams)
    },
    { beams, lengthPenalty, earlyStopping, end, maxNewTokens },
  )
  const { tokenizer } = model
  const textOf = (ids: readonly number[]) =>
    tokenizer.decode(
      ids.filter((id) => id < tokenizer.size),
      { skipSpecial: true },
    )
  return found.slice(0, numReturnSequences).map((one) => ({ ...one, text: textOf(one.ids) }))
}

function logProbabilities({ logits, normalizers }: Scores, count: number): Float32Array[] {
  const size = logits.length / count
  return Array.from({ length: count }, (_, row) => logits.slice(row * size, (row + 1) * size).map((x) => x - normalizers[row]))
}
