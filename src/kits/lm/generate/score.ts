import { InputError } from '../../../engine/index.ts'
import type { LanguageModel } from '../model.ts'
import { checkPrompt } from './batch.ts'
import { type Prompt, tokensOf } from './generate.ts'
import { type Compiled, compiled, read } from './rows.ts'

/** Texts that are read in one run have this many tokens together at most, padding included, but for a single one. */
const mostAtOnce = 2048
/** Tokens whose logits there are at a time. */
const mostScored = 128

/**
 * log p(token | those before it) in nats of every token of each text but the first. Texts of about the same length are read together, the shorter ones
 * filled up on the right, where nothing that counts sees it.
 *
 * @throws InputError for a text that the context does not hold, or of less than two tokens.
 * @example
 * const config = llamaConfig({ ...sizes.nano })
 * const model = { config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }
 * const [logprobs] = await tokenLogprobs(model, ['Once'])
 * logprobs.length // 4
 */
export async function tokenLogprobs(model: LanguageModel, texts: readonly Prompt[]): Promise<Float32Array[]> {
  const all = texts.map((text) => tokensOf(model, text))
  for (const ids of all) {
    checkPrompt(model, ids)
    if (ids.length < 2) throw new InputError('a text of one token has nothing to score')
  }
  const network = await compiled(model)
  const out = new Array<Float32Array>(all.length)
  const order = [...all.keys()].sort((a, b) => all[b].length - all[a].length)
  while (order.length > 0) {
    const { length } = all[order[0]]
    const group = order.splice(0, Math.max(1, Math.floor(mostAtOnce / length)))
    const scores = await scoreTogether(
      network,
      group.map((i) => all[i]),
      length,
    )
    group.forEach((i, k) => {
      out[i] = scores[k]
    })
  }
  return out
}

async function scoreTogether(model: Compiled, texts: readonly (readonly number[])[], length: number): Promise<Float32Array[]> {
  const { width } = model.config
  const { top } = await read(
    model,
    texts.map((ids) => [...ids, ...new Array<number>(length - ids.length).fill(ids[0])]),
  )
  const out = texts.map((ids) => new Float32Array(ids.length - 1))
  for (const [row, ids] of texts.entries()) {
    for (let from = 0; from < ids.length - 1; from += mostScored) {
      const to = Math.min(from + mostScored, ids.length - 1)
      const { logits, normalizers } = await model.network.score(top.slice((row * length + from) * width, (row * length + to) * width))
      const size = logits.length / (to - from)
      for (let k = from; k < to; k++) out[row][k] = logits[(k - from) * size + ids[k + 1]] - normalizers[k - from]
    }
  }
  return out
}

export interface ChoiceOptions {
  /** What decides: the log-probability of a choice, or that divided by its tokens, so that short ones have no advantage. Default: `sum`. */
  readonly by?: 'sum' | 'length'
}

/**
 * Which of several texts the model finds most probable after a context: the place of the best, and the score of each. A choice's tokens are those of context
 * and choice together from where they differ from the context's own.
 *
 * @throws InputError as `tokenLogprobs`, and for a choice without a token.
 * @example
 * const config = llamaConfig({ ...sizes.nano })
 * const model = { config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }
 * const { best, scores } = await multipleChoice(model, 'Water is', [' wet', ' dry'], { by: 'length' })
 */
export async function multipleChoice(
  model: LanguageModel,
  context: string,
  choices: readonly string[],
  { by = 'sum' }: ChoiceOptions = {},
): Promise<{ best: number; scores: number[] }> {
  const own = tokensOf(model, context)
  const texts = choices.map((choice) => tokensOf(model, context + choice))
  const starts = texts.map((ids) => {
    const differs = ids.findIndex((id, k) => id !== own[k])
    return Math.max(1, differs < 0 ? ids.length : differs)
  })
  const empty = texts.findIndex((ids, i) => starts[i] >= ids.length)
  if (empty >= 0) throw new InputError(`choice ${empty + 1} has no token of its own`)
  const scores = (await tokenLogprobs(model, texts)).map((logprobs, i) => {
    const chosen = logprobs.subarray(starts[i] - 1)
    return chosen.reduce((sum, x) => sum + x, 0) / (by === 'length' ? chosen.length : 1)
  })
  return { best: scores.indexOf(Math.max(...scores)), scores }
}
