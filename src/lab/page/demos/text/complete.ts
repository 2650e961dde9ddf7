import { InputError, key } from '../../../../engine/index.ts'
import type { DecoderConfig } from '../../../../kits/lm/config.ts'
import { stream } from '../../../../kits/lm/generate/generate.ts'
import type { GeneratedToken } from '../../../../kits/lm/generate/generation.ts'
import { initDecoder } from '../../../../kits/lm/init.ts'
import type { LanguageModel } from '../../../../kits/lm/model.ts'
import { byteTokenizer } from '../../../../kits/lm/tokenizers/bytes.ts'
import { parseTokenizerJson } from '../../../../kits/lm/tokenizers/tokenizer-json.ts'
import { fromArrays } from '../../../../train/state.ts'
import { readWeights } from '../weights.ts'

/** A language model of the page. */
export interface TextModel extends LanguageModel {
  /** Tokens of the windows that it was trained on: positions far beyond mean nothing to it. */
  readonly window: number
}

/** @throws InputError for a file that is damaged, or holds something else. */
export function readTextModel(bytes: Uint8Array, where: string): TextModel {
  const { tensors, metadata } = readWeights(bytes, where)
  if (!metadata.config || !metadata.window) throw new InputError('holds no language model of this page', { where })
  const config = JSON.parse(metadata.config) as DecoderConfig
  const tokenizer = metadata.tokenizer === undefined ? byteTokenizer : parseTokenizerJson(metadata.tokenizer, { where })
  return { config, tokenizer, params: fromArrays(tensors, initDecoder(config, key(0)), where), window: Number(metadata.window) }
}

export interface CompletionRequest {
  readonly prompt: string
  readonly temperature: number
  readonly seed: number
  /** In tokens. */
  readonly length: number
}

/** A token that may come next. */
export interface Candidate {
  readonly id: number
  readonly text: string
  readonly probability: number
}

/** A token that came, what else might have come, and the text that it completes: often none within a character of several bytes. */
export interface Piece {
  readonly text: string
  readonly id?: number
  readonly candidates: readonly Candidate[]
}

/** How many candidates are told. */
export const candidateCount = 8

/** Windows of one completion draw by seeds of their own. */
const seedsApart = 1_000_000

/** Goes on with a text, token by token. Where a window is full, its second half begins the next one. */
export async function* complete(model: TextModel, { prompt, temperature, seed, length }: CompletionRequest, signal?: AbortSignal) {
  const { tokenizer, window } = model
  const decoder = tokenizer.stream()
  const tokens = promptTokens(model, prompt)
  let left = length
  for (let part = 0; left > 0; part++) {
    const read = tokens.slice(-window / 2)
    const options = { temperature, seed: seed + part * seedsApart, maxNewTokens: Math.min(left, window - read.length) }
    for await (const event of stream(model, read, { ...options, alternatives: candidateCount }, signal)) {
      if (event.kind === 'end') {
        if (event.finish === 'stop') left = 0
        break
      }
      tokens.push(event.token.id)
      left--
      yield pieceOf(event.token, decoder.push(event.token.id))
    }
    signal?.throwIfAborted()
  }
  yield { text: decoder.end(), candidates: [] } satisfies Piece
}

/** What the model thinks of the very next token. */
export async function candidatesAfter(model: TextModel, prompt: string): Promise<readonly Candidate[]> {
  for await (const { candidates } of complete(model, { prompt, temperature: 0, seed: 0, length: 1 })) return candidates
  return []
}

/** Of an empty text a line's end, as texts were trained one after another. */
export const promptTokens = ({ tokenizer }: Pick<TextModel, 'tokenizer'>, prompt: string): number[] =>
  tokenizer.encode(prompt === '' ? '\n' : prompt)

const pieceOf = ({ id, alternatives = [] }: GeneratedToken, text: string): Piece => ({
  id,
  text,
  candidates: alternatives.map(({ id, text, logprob }) => ({ id, text, probability: Math.exp(logprob) })),
})
