import { fromArray, jit, sum, type Tensor } from '../../engine/index.ts'
import type { DecoderConfig } from './config.ts'
import { forward } from './decoder.ts'
import { tokenLosses } from './loss.ts'
import type { DecoderParams } from './params.ts'
import { bucketFor, type EncodedExample, sftBatch } from './sft.ts'

export interface CompletionScoring {
  /** Lengths of rows, rising. */
  readonly buckets: readonly number[]
  /** Examples at a time. */
  readonly batch?: number
  /** Awaited after each batch. */
  progress?(done: number, total: number): Promise<void> | void
}

/**
 * A scorer of completions, compiled once for each length: the bits that a model needs for each example's completion and its end, in the order of the
 * examples.
 *
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * const { examples } = encodeExamples([{ id: 1, prompt: 'one', completion: 'x = 1' }], byteTokenizer)
 * const bits = await completionScorer(config)(initDecoder(config, key(0)), examples, { buckets: [64] })
 * bits[0] / examples[0].bytes // 7.935
 */
export function completionScorer(config: DecoderConfig) {
  const nats = jit((params: DecoderParams, ids: Tensor, labels: Tensor) =>
    sum(tokenLosses(forward(config, params, { ids }), labels), { axes: [1] }),
  )
  return async (
    params: DecoderParams,
    examples: readonly EncodedExample[],
    { buckets, batch = 16, progress }: CompletionScoring,
  ): Promise<Float64Array> => {
    const bits = new Float64Array(examples.length)
    const places = buckets.map((): number[] => [])
    for (const [i, { ids, id }] of examples.entries()) places[bucketFor(ids.length - 1, buckets, id)].push(i)
    let done = 0
    for (const [bucket, length] of buckets.entries())
      for (let first = 0; first < places[bucket].length; first += batch) {
        const own = places[bucket].slice(first, first + batch)
        const rows = sftBatch(
          own.map((i) => examples[i]),
          length,
          { rows: batch },
        )
        const found = await nats(params, fromArray(rows.ids), fromArray(rows.labels)).data()
        for (const [row, i] of own.entries()) bits[i] = found[row] / Math.LN2
        done += own.length
        await progress?.(done, examples.length)
      }
    return bits
  }
}
