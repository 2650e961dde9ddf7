import { isTensor, leaves, sizeOf, type Tensor } from '../../../engine/index.ts'
import type { DecoderConfig } from '../config.ts'
import type { DecoderParams } from '../params.ts'
import { type Adapter, trainableCount } from './adapter.ts'

/** What training an adapter needs at least, in bytes, by its parts. */
export interface TrainingMemory {
  /** The base as it is kept; quantized maps with all their scales. */
  readonly weights: number
  /** The adapter, and its gradients. */
  readonly trained: number
  readonly optimizer: number
  /** What the forward pass keeps for the backward pass: an estimate from the shapes. */
  readonly activations: number
  readonly total: number
}

export interface TrainingShape {
  readonly batch: number
  /** Tokens a row. */
  readonly length: number
  /** Numbers of the optimizer for each that is trained: AdamW 2, Adafactor next to none. */
  readonly moments?: number
  /** Keep no activations within blocks. */
  readonly recompute?: boolean
  /** Bytes of a number of the base that is not quantized. */
  readonly bytesPerWeight?: number
}

const words = (tree: unknown): number => leaves(tree).reduce((sum: number, x) => sum + (isTensor(x) ? sizeOf((x as Tensor).shape) : 0), 0)

/** Floats that a block keeps for each token: its stream, the norms' results, queries, keys and values before and after they turn, scores, and the network's. */
function floatsPerToken({ width, heads, kvHeads, headWidth, hidden, activation }: DecoderConfig, length: number): number {
  const attention = 2 * (heads + kvHeads) * headWidth + kvHeads * headWidth + heads * headWidth + 2 * heads * length
  return 4 * width + attention + (activation === 'silu' ? 4 : 3) * hidden
}

/**
 * What training an adapter needs at least; the runtime's own working memory comes on top. Nothing is computed, so that models can be planned that would not fit.
 *
 * @example
 * const config = llamaConfig({ ...sizes.nano })
 * const base = { config, params: initDecoder(config, key(0)) }
 * const memory = trainingMemory(base, initAdapter({ kind: 'lora' }, base, key(1)), { batch: 16, length: 256 })
 * memory.weights // 1255680
 */
export function trainingMemory(
  { config, params }: { readonly config: DecoderConfig; readonly params: DecoderParams },
  adapter: Adapter | undefined,
  { batch, length, moments = 2, recompute = false, bytesPerWeight = 4 }: TrainingShape,
): TrainingMemory {
  const trainable = adapter ? trainableCount(adapter) : 0
  const virtual =
    adapter?.config.kind === 'prompt' || adapter?.config.kind === 'prefix' || adapter?.config.kind === 'p-tuning'
      ? (adapter.config.tokens ?? 20)
      : 0
  const tokens = batch * (length + virtual)
  const perToken = floatsPerToken(config, length + virtual)
  const kept = recompute ? config.layers * config.width + perToken : config.layers * perToken
  const weights = bytesPerWeight * words(params)
  const activations = adapter ? 4 * tokens * (kept + 2 * config.vocabulary) : 0
  const trained = 8 * trainable
  const optimizer = 4 * moments * trainable
  return { weights, trained, optimizer, activations, total: weights + trained + optimizer + activations }
}
