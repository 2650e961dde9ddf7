import {
  add,
  broadcastTo,
  concat,
  expandDims,
  matmul,
  mul,
  reshape,
  rotary,
  slice,
  softmax,
  split,
  swapLast,
  type Tensor,
  transpose,
} from '../../engine/index.ts'
import type { DecoderConfig } from './config.ts'
import { applyLinear } from './linear.ts'
import type { AttentionParams } from './params.ts'
import type { Rotation } from './rotary.ts'

/** Keys and values of earlier tokens of one layer, [n, G, S, headWidth] each; how many of the S count is said by the view's mask. */
export interface KeysValues {
  readonly keys: Tensor
  readonly values: Tensor
}

/** Where tokens stand and what they see: the same for all layers. Masks are added to scores: 0 is seen, −∞ is not. */
export interface View {
  readonly rotation?: Rotation
  /** Among the tokens themselves, [1 or n, 1, t, t]. */
  readonly mask: Tensor
  /** Of earlier tokens, [n, 1, 1 or t, S]. */
  readonly pastMask?: Tensor
}

/** Causal self-attention with G ≤ H heads of keys and values: x [n, t, width] → [n, t, width], and the new keys and values [n, G, t, headWidth]. */
export function attend(
  config: DecoderConfig,
  params: AttentionParams,
  x: Tensor,
  view: View,
  past?: KeysValues,
): { output: Tensor } & KeysValues {
  const { positions } = config
  const [n, t] = x.shape
  const { query, key, values } = project(config, params, x)
  const rotation = view.rotation && { cos: forRows(view.rotation.cos, n), sin: forRows(view.rotation.sin, n) }
  const turned = (y: Tensor) => (positions.kind === 'rope' && rotation ? rotary(y, rotation, { pairs: positions.pairs }) : y)
  const keys = turned(key)
  const sources: { keys: Tensor; values: Tensor; mask?: Tensor }[] = []
  if (params.prefix) sources.push(broadcastPrefix(params.prefix, n))
  if (past) sources.push({ ...past, mask: view.pastMask })
  sources.push({ keys, values, mask: view.mask })
  const mixed = mix(config, turned(query), sources)
  const joined = reshape(transpose(mixed, [0, 2, 1, 3]), [n, t, config.heads * config.headWidth])
  return { output: applyLinear(params.output, joined), keys, values }
}

const forRows = (x: Tensor, n: number): Tensor => (x.shape[0] === n ? x : broadcastTo(x, [n, ...x.shape.slice(1)]))

function project(config: DecoderConfig, params: AttentionParams, x: Tensor): { query: Tensor; key: Tensor; values: Tensor } {
  const { heads, kvHeads, headWidth } = config
  const [n, t] = x.shape
  const toHeads = (y: Tensor, count: number) => transpose(reshape(y, [n, t, count, headWidth]), [0, 2, 1, 3])
  const [q, k, v] = params.qkv
    ? split(
        applyLinear(params.qkv, x),
        [heads, kvHeads, kvHeads].map((count) => count * headWidth),
      )
    : [params.query!, params.key!, params.value!].map((linear) => applyLinear(linear, x))
  return { query: toHeads(q, heads), key: toHeads(k, kvHeads), values: toHeads(v, kvHeads) }
}

/** Prefixes are stored as [length, G, headWidth] and seen by all. */
function broadcastPrefix({ keys, values }: { keys: Tensor; values: Tensor }, n: number): KeysValues {
  const toRows = (x: Tensor) => {
    const [length, heads, width] = x.shape
    return broadcastTo(expandDims(transpose(x, [1, 0, 2]), 0), [n, heads, length, width])
  }
  return { keys: toRows(keys), values: toRows(values) }
}

/**
 * softmax(q kᵀ / √width + mask) v over all sources [n, H, t, headWidth]. Query head j reads head ⌊j / (H/G)⌋ of the keys: the query heads of a group
 * stand in the rows of one product. Scores of several sources are put side by side, which copies them and not the far larger keys.
 */
function mix(
  { heads, kvHeads, headWidth, scaleScores }: DecoderConfig,
  query: Tensor,
  sources: readonly { keys: Tensor; values: Tensor; mask?: Tensor }[],
): Tensor {
  const [n, , t] = query.shape
  const share = heads / kvHeads
  const scaled = scaleScores ? mul(query, 1 / Math.sqrt(headWidth)) : query
  const rows = share === 1 ? scaled : reshape(scaled, [n, kvHeads, share * t, headWidth])
  const scores = sources.map(({ keys, mask }) => {
    const raw = matmul(rows, swapLast(keys))
    const byHead = share === 1 ? raw : reshape(raw, [n, heads, t, keys.shape[2]])
    return mask ? add(byHead, mask) : byHead
  })
  const weights = softmax(scores.length === 1 ? scores[0] : concat(scores, { axis: -1 }))
  const lengths = sources.map(({ keys }) => keys.shape[2])
  const mixed = sources.map(({ values }, i) => {
    const start = lengths.slice(0, i).reduce((a, b) => a + b, 0)
    const own = sources.length === 1 ? weights : slice(weights, { axis: -1, start, end: start + lengths[i] })
    return matmul(share === 1 ? own : reshape(own, [n, kvHeads, share * t, lengths[i]]), values)
  })
  const total = mixed.reduce((a, b) => add(a, b))
  return share === 1 ? total : reshape(total, [n, heads, t, headWidth])
}
