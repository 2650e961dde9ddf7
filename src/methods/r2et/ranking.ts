import {
  cast,
  div,
  expandDims,
  greaterEqual,
  InputError,
  logicalAnd,
  logicalNot,
  mul,
  oneHot,
  random,
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

/** The mask of the k largest of each row; of equal ones, those that come first. */
export function topMask(map: Tensor, k: number): Tensor {
  requireK(k, map.shape[1])
  const { indices } = topK(stopGradient(map), k)
  return greaterEqual(sum(oneHot(indices, map.shape[1]), { axes: 1 }), 1)
}

/** A mask of k features at random, for the control. */
export const randomMask = (key: Tensor, [rows, features]: readonly number[], k: number): Tensor =>
  topMask(random.uniform(key, [rows, features]), k)

/**
 * The mean over all pairs of a feature i of the set and a feature j outside of I_i − I_j, [n]. The double sum over pairs is
 * (features − k) Σ_set I − k Σ_rest I, so it costs no more than two sums.
 */
export function meanGap(map: Tensor, mask: Tensor, k: number): Tensor {
  const inside = cast(mask, map.dtype)
  const rest = map.shape[1] - k
  return sub(div(sum(mul(map, inside), { axes: 1 }), k), div(sum(mul(map, sub(1, inside)), { axes: 1 }), rest))
}

/** The mean gap of the `pairs` hardest pairs [n]: the i-th smallest of the set against the i-th largest of the rest. */
export function hardestGap(map: Tensor, mask: Tensor, k: number, pairs: number): Tensor {
  const count = Math.min(pairs, k, map.shape[1] - k)
  const held = stopGradient(map)
  const mean = (of: Tensor, largest: boolean) => {
    const { indices } = topK(where(of, held, largest ? -1 : Number.MAX_VALUE), count, { largest })
    return div(sum(takeAlong(map, indices), { axes: 1 }), count)
  }
  return sub(mean(mask, false), mean(logicalNot(mask), true))
}

/** The share of pairs, a feature of the set and one outside, that a map has in the set's order [n]. */
export function orderedShare(map: Tensor, mask: Tensor, k: number): Tensor {
  const { indices } = topK(cast(mask, map.dtype), k)
  const tops = expandDims(takeAlong(map, indices), 2)
  const right = logicalAnd(greaterEqual(tops, expandDims(map, 1)), expandDims(logicalNot(mask), 1))
  return div(sum(cast(right, map.dtype), { axes: [1, 2] }), k * (map.shape[1] - k))
}

/** P@k: what share of one mask's k features another has, [n]. */
export const precision = (one: Tensor, other: Tensor, k: number): Tensor =>
  div(sum(cast(logicalAnd(one, other), 'float32'), { axes: 1 }), k)

/** The gap over all pairs, or over the hardest few. */
export const gap = (map: Tensor, mask: Tensor, k: number, pairs: 'all' | number): Tensor =>
  pairs === 'all' ? meanGap(map, mask, k) : hardestGap(map, mask, k, pairs)
