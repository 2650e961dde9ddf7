import { key } from '../../../../engine/index.ts'
import type { DecoderConfig } from '../../../../kits/lm/config.ts'
import { stream } from '../../../../kits/lm/generate/generate.ts'
import type { GenerationEvent } from '../../../../kits/lm/generate/generation.ts'
import { initDecoder } from '../../../../kits/lm/init.ts'
import type { LanguageModel } from '../../../../kits/lm/model.ts'
import { byteTokenizer } from '../../../../kits/lm/tokenizers/bytes.ts'
import { fromArrays } from '../../../../train/state.ts'
import { readWeights } from '../weights.ts'

export function readLanguageModel(bytes: Uint8Array, where: string): LanguageModel {
  const { tensors, metadata } = readWeights(bytes, where)
  const config = JSON.parse(metadata.config) as DecoderConfig
  return { config, params: fromArrays(tensors, initDecoder(config, key(0)), where), tokenizer: byteTokenizer }
}

export interface CompletionRequest {
  readonly prompt: string
  readonly temperature: number
  readonly seed: number
  readonly length: number
}

/** A token that may come next. */
export interface Candidate {
  readonly id: number
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

/** The last so many bytes of a prompt are read: windows of 128 were trained on, and positions far beyond mean nothing to the model. */
const mostPrompt = 192

/** Goes on with a text, token by token. */
export async function* complete(model: LanguageModel, { prompt, temperature, seed, length }: CompletionRequest, signal?: AbortSignal) {
  const options = { temperature, seed, maxNewTokens: length, alternatives: candidateCount }
  for await (const event of stream(model, promptTokens(prompt), options, signal)) yield pieceOf(event)
}

/** What the model thinks of the very next token. */
export async function candidatesAfter(model: LanguageModel, prompt: string): Promise<readonly Candidate[]> {
  for await (const { candidates } of complete(model, { prompt, temperature: 0, seed: 0, length: 1 })) return candidates
  return []
}

/** The bytes of the end of the text; of an empty one a line's end, as texts were trained one after another. */
export function promptTokens(prompt: string): number[] {
  const bytes = byteTokenizer.encode(prompt === '' ? '\n' : prompt)
  return bytes.slice(-mostPrompt)
}

function pieceOf(event: GenerationEvent): Piece {
  if (event.kind === 'end') return { text: event.text, candidates: [] }
  const { id, alternatives = [] } = event.token
  return { id, text: event.text, candidates: alternatives.map(({ id, logprob }) => ({ id, probability: Math.exp(logprob) })) }
}
