import {
  cast,
  concat,
  div,
  equal,
  exp,
  expandDims,
  greaterEqual,
  InputError,
  logicalAnd,
  logicalNot,
  mean,
  mul,
  neg,
  oneHot,
  random,
  reshape,
  select,
  slice,
  stopGradient,
  sub,
  sum,
  type Tensor,
  takeAlong,
  topK,
  where,
} from '../../engine/index.ts'

/* Which features are the k most salient, and how far they stand above the rest. Sets are masks [n, features] of bools: constants, no derivative. */

/** k must leave some features out, else every set of k is the same. */
export function requireK(k: number, features: number): void {
  if (Number.isInteger(k) && k >= 1 && k < features) return
  throw new InputError(`k is ${k}, there are ${features} features`, { fix: `give a whole number from 1 to ${features - 1}` })
}

/**
 * The mask of the k largest of each row; of equal ones, those that come first.
 *
 * @example
 * await topMask(tensor([[3, 1, 2]]), 2).array() // [[true, false, true]]
 */
export function topMask(map: Tensor, k: number): Tensor {
  requireK(k, map.shape[1])
  const { indices } = topK(stopGradient(map), k)
  return greaterEqual(sum(oneHot(indices, map.shape[1]), { axes: 1 }), 1)
}

/** A mask of k features at random, for the control. */
export const randomMask = (key: Tensor, [rows, features]: readonly number[], k: number): Tensor =>
  topMask(random.uniform(key, [rows, features]), k)

/** Whether the k-th and the next are equally salient [n]: the set is then a matter of order (dead inputs, zeros of a one-hot). */
export function tiedAt(map: Tensor, k: number): Tensor {
  const { values } = topK(map, k + 1)
  return equal(select(values, k - 1, { axis: 1 }), select(values, k, { axis: 1 }))
}

/**
 * Which pairs (i of the set, j outside) count: all, so many of the hardest (R2ET-mm: the i-th smallest of the set against the i-th largest of the rest), or
 * the list of the paper's code: the set against its smallest, and that one against the k largest of the rest.
 */
export type Pairs = 'all' | 'code' | number

export interface GapOptions {
  readonly pairs?: Pairs
  /** `exp` weighs a pair by −exp(−gap), the code's "etx": pairs close to changing places count most. Default `linear`. */
  readonly form?: 'linear' | 'exp'
  /** The map that decides which pairs are hardest; default the map itself. */
  readonly order?: Tensor
}

/**
 * How far the set stands above the rest, the mean over pairs [n]: of I_i − I_j, or of −exp(I_j − I_i).
 *
 * @example
 * const map = tensor([[3, 1, 0]])
 * await gap(map, topMask(map, 1), 1).array() // [2.5]
 */
export function gap(map: Tensor, mask: Tensor, k: number, { pairs = 'all', form = 'linear', order = map }: GapOptions = {}): Tensor {
  if (pairs === 'all' && form === 'linear') return meanGap(map, mask, k)
  const gaps = pairGaps(map, mask, k, pairs, stopGradient(order))
  return mean(form === 'linear' ? gaps : neg(exp(neg(gaps))), { axes: 1 })
}

/**
 * The mean over all pairs of a feature i of the set and a feature j outside of I_i − I_j, [n]. The double sum over pairs is
 * (features − k) Σ_set I − k Σ_rest I, so it costs no more than two sums.
 *
 * @example
 * const map = tensor([[3, 1, 0]])
 * await meanGap(map, topMask(map, 1), 1).array() // [2.5]
 */
export function meanGap(map: Tensor, mask: Tensor, k: number): Tensor {
  const inside = cast(mask, map.dtype)
  const rest = map.shape[1] - k
  return sub(div(sum(mul(map, inside), { axes: 1 }), k), div(sum(mul(map, sub(1, inside)), { axes: 1 }), rest))
}

/**
 * The mean gap of the `pairs` hardest pairs [n], or of as many as there are.
 *
 * @example
 * const map = tensor([[3, 1, 0]])
 * await hardestGap(map, topMask(map, 1), 1, 1).array() // [2]
 */
export const hardestGap = (map: Tensor, mask: Tensor, k: number, pairs: number): Tensor => gap(map, mask, k, { pairs })

/** I_i − I_j of the pairs, [n, pairs]. */
function pairGaps(map: Tensor, mask: Tensor, k: number, pairs: Pairs, order: Tensor): Tensor {
  const [rows, features] = map.shape
  const extreme = (of: Tensor, count: number, largest: boolean) =>
    takeAlong(map, topK(where(of, order, largest ? -1 : Number.MAX_VALUE), count, { largest }).indices)
  const others = logicalNot(mask)
  if (pairs === 'all') {
    const all = sub(expandDims(extreme(mask, k, true), 2), expandDims(extreme(others, features - k, true), 1))
    return reshape(all, [rows, k * (features - k)])
  }
  if (pairs === 'code') {
    const boundary = extreme(mask, 1, false)
    const above = sub(extreme(mask, k, true), boundary)
    // The boundary against itself is no pair.
    const own = slice(above, { axis: 1, end: k - 1 })
    return concat([own, sub(boundary, extreme(others, Math.min(k, features - k), true))], { axis: 1 })
  }
  const count = Math.min(pairs, k, features - k)
  return sub(extreme(mask, count, false), extreme(others, count, true))
}

/** The share of pairs, a feature of the set and one outside, that a map has in the set's order [n]. */
export function orderedShare(map: Tensor, mask: Tensor, k: number): Tensor {
  const { indices } = topK(cast(mask, map.dtype), k)
  const tops = expandDims(takeAlong(map, indices), 2)
  const right = logicalAnd(greaterEqual(tops, expandDims(map, 1)), expandDims(logicalNot(mask), 1))
  return div(sum(cast(right, map.dtype), { axes: [1, 2] }), k * (map.shape[1] - k))
}

/**
 * P@k: what share of one mask's k features another has, [n].
 *
 * @example
 * const [one, other] = [topMask(tensor([[3, 2, 0]]), 2), topMask(tensor([[3, 0, 2]]), 2)]
 * await precision(one, other, 2).array() // [0.5]
 */
export const precision = (one: Tensor, other: Tensor, k: number): Tensor =>
  div(sum(cast(logicalAnd(one, other), 'float32'), { axes: 1 }), k)
