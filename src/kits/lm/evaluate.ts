import { fromArray, InputError, jit, ndarray, sum } from '../../engine/index.ts'
import type { DecoderConfig } from './config.ts'
import { forward } from './decoder.ts'
import { ignored, tokenLosses } from './loss.ts'
import type { LanguageModel } from './model.ts'
import type { DecoderParams } from './params.ts'
import type { Tokenizer } from './tokenizers/tokenizer.ts'

export interface ScoringOptions {
  /** Tokens that a window holds, T; each window begins without a context. Default: 128, or what the model holds if that is less. */
  readonly context?: number
  /** Windows at a time. */
  readonly batch?: number
}

/** Bits of a text by a model. */
export interface StreamScore {
  readonly bits: number
  /** Tokens that were scored: all but the first, up to the last whole window. */
  readonly tokens: number
}

/**
 * A scorer of token streams, compiled once: non-overlapping windows of T + 1 tokens, T apart, so that every token but the first is scored once; what is
 * left at the end is dropped.
 *
 * @throws InputError for a stream shorter than one window.
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * const score = streamScorer(config, { context: 32 })
 * const { tokens } = await score(initDecoder(config, key(0)), new Uint8Array(100)) // tokens: 96
 */
export function streamScorer(config: DecoderConfig, { context = Math.min(128, config.context), batch = 16 }: ScoringOptions = {}) {
  const lossOf = jit((params: DecoderParams, ids: ReturnType<typeof fromArray>, labels: ReturnType<typeof fromArray>) =>
    sum(tokenLosses(forward(config, params, { ids }), labels)),
  )
  return async (params: DecoderParams, stream: ArrayLike<number>): Promise<StreamScore> => {
    const windows = Math.floor((stream.length - 1) / context)
    if (windows < 1)
      throw new InputError(`a text of ${stream.length} tokens has no window of ${context} and the token after it`, {
        fix: 'give more text or a shorter context',
      })
    let nats = 0
    for (let first = 0; first < windows; first += batch) {
      const { ids, labels } = windowsAt(stream, first, Math.min(batch, windows - first), { context, batch })
      nats += await lossOf(params, fromArray(ids), fromArray(labels)).item()
    }
    return { bits: nats / Math.LN2, tokens: windows * context }
  }
}

/** So many windows; the batch is filled up with what is not scored, so that one graph serves all. */
function windowsAt(stream: ArrayLike<number>, first: number, count: number, { context, batch }: Required<ScoringOptions>) {
  const [ids, labels] = [new Int32Array(batch * context), new Int32Array(batch * context).fill(ignored)]
  for (let row = 0; row < count; row++) {
    const begin = (first + row) * context
    for (let k = 0; k < context; k++) {
      ids[row * context + k] = stream[begin + k]
      labels[row * context + k] = stream[begin + k + 1]
    }
  }
  const shape = [batch, context]
  return { ids: ndarray(ids, shape, 'int32'), labels: ndarray(labels, shape, 'int32') }
}

/**
 * What a model needs to write a text down, in bits for each byte of it: the measure by which models with different tokenizers, and languages, compare. It
 * is 8 for a model that knows nothing of bytes but their number. `bytes` and `bits` are those of the scored part; of a character that its ends cut, up to
 * three bytes are not counted.
 *
 * @throws InputError for a text shorter than one window.
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * const model = { config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }
 * const { bytes } = await bitsPerByte(model, 'It rained. '.repeat(20), { context: 32 })
 * bytes // 192
 */
export async function bitsPerByte(
  { config, params, tokenizer }: LanguageModel,
  text: string,
  options?: ScoringOptions,
): Promise<{ bitsPerByte: number; bits: number; bytes: number; tokens: number }> {
  const ids = tokenizer.encode(text)
  const { bits, tokens } = await streamScorer(config, options)(params, ids)
  const bytes = scoredBytes(tokenizer, ids, tokens)
  return { bitsPerByte: bits / bytes, bits, bytes, tokens }
}

/** Bytes of so many tokens after the first: of the characters that they complete. */
export function scoredBytes(tokenizer: Tokenizer, ids: ArrayLike<number>, tokens: number): number {
  const stream = tokenizer.stream()
  const texts = Array.from({ length: tokens + 1 }, (_, i) => stream.push(ids[i]))
  return new TextEncoder().encode(texts.slice(1).join('')).length
}
