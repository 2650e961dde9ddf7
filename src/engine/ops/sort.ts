import { isFloat } from '../dtype.ts'
import { apply, shapeError } from '../primitives/define.ts'
import { add, less, lessEqual, logicalAnd, logicalNot, logicalOr, mul, sub, where } from '../primitives/elementwise.ts'
import { topKPrimitive } from '../primitives/sort.ts'
import type { Tensor } from '../tensor.ts'
import { checkedAxis } from './axes.ts'
import { onesLike, scalar, zeros } from './create.ts'
import { isNotNumber } from './elementwise.ts'
import { gather, scatterAdd } from './indexing.ts'
import { reshape, select, slice, stack } from './movement.ts'

/*
 * Order and counting. Equal elements keep their order. NaN counts as greater than everything: last of a sort, first of a descending one.
 */

export interface SortOptions {
  readonly axis?: number
  /** The greatest first. */
  readonly descending?: boolean
}

/**
 * The k largest elements along an axis, the greatest first (the k smallest where not `largest`), and their indices, int32.
 *
 * @example
 * const { values, indices } = topK(tensor([3, 1, 4, 1, 5]), 2)
 * await values.array() // [5, 4]
 * await indices.array() // [4, 2]
 */
export function topK(x: Tensor, k: number, { axis = -1, largest = true } = {}): { values: Tensor; indices: Tensor } {
  const [values, indices] = apply(topKPrimitive, [x], { axis: checkedAxis('topK', x, axis), k, largest })
  return { values, indices }
}

const ordered = (name: string, x: Tensor, { axis = -1, descending = false }: SortOptions) =>
  topK(x, x.shape[checkedAxis(name, x, axis)], { axis, largest: descending })

/**
 * The elements along an axis in order.
 *
 * @example
 * await sort(tensor([3, 1, 2])).array() // [1, 2, 3]
 */
export const sort = (x: Tensor, options: SortOptions = {}): Tensor => ordered('sort', x, options).values

/**
 * Where the elements of a sorted axis come from, int32: `takeAlong(x, argsort(x))` is `sort(x)`.
 *
 * @example
 * await argsort(tensor([3, 1, 2])).array() // [1, 2, 0]
 */
export const argsort = (x: Tensor, options: SortOptions = {}): Tensor => ordered('argsort', x, options).indices

/**
 * The element below which a fraction of an axis lies, between two elements by linear interpolation. Several fractions come along a new first
 * axis. A NaN makes the result NaN.
 *
 * @example
 * await quantile(tensor([1, 2, 3, 4]), 0.5).item() // 2.5
 */
export function quantile(x: Tensor, fraction: number | readonly number[], { axis = -1 } = {}): Tensor {
  const at = checkedAxis('quantile', x, axis)
  const fractions = typeof fraction === 'number' ? [fraction] : fraction
  if (!isFloat(x.dtype) || x.shape[at] === 0 || !fractions.every((q) => q >= 0 && q <= 1))
    throw shapeError('quantile', `takes fractions from 0 to 1 of float axes that are not empty, got ${fractions.join(', ')}`, [x])
  const sorted = sort(x, { axis: at })
  const element = (index: number) => select(sorted, index, { axis: at })
  const isUnknown = isNotNumber(element(-1))
  const results = fractions.map((q) => {
    const place = q * (x.shape[at] - 1)
    const below = Math.floor(place)
    const value = place === below ? element(below) : between(element(below), element(below + 1), place - below)
    return where(isUnknown, scalar(Number.NaN, x.dtype), value)
  })
  return typeof fraction === 'number' ? results[0] : stack(results)
}

const between = (a: Tensor, b: Tensor, fraction: number): Tensor => add(mul(a, 1 - fraction), mul(b, fraction))

/**
 * The middle element along an axis, or the mean of the middle two.
 *
 * @example
 * await median(tensor([1, 9, 2])).item() // 2
 */
export const median = (x: Tensor, options: { axis?: number } = {}): Tensor => quantile(x, 0.5, options)

/**
 * Where each value would be put into a sorted vector so that it stays sorted, int32: before equal elements (left) or behind them (right).
 * Found by halving: log₂ n steps.
 *
 * @example
 * await searchSorted(tensor([1, 3, 5]), tensor([0, 3, 9])).array() // [0, 1, 3]
 */
export function searchSorted(sorted: Tensor, values: Tensor, { side = 'left' }: { side?: 'left' | 'right' } = {}): Tensor {
  if (sorted.shape.length !== 1 || sorted.dtype !== values.dtype)
    throw shapeError('searchSorted', 'takes a sorted vector and values of its dtype', [sorted, values])
  const [n] = sorted.shape
  let place = zeros(values.shape, 'int32')
  for (let step = 2 ** Math.floor(Math.log2(Math.max(n, 1))); step >= 1 && n > 0; step /= 2) {
    const next = add(place, step)
    const fits = lessEqual(next, n)
    const element = gather(sorted, where(fits, sub(next, 1), 0))
    const isBefore = side === 'left' ? precedes(element, values) : logicalNot(precedes(values, element))
    place = where(logicalAnd(fits, isBefore), next, place)
  }
  return place
}

/** a < b, with NaN greater than everything. */
const precedes = (a: Tensor, b: Tensor): Tensor =>
  isFloat(a.dtype) ? logicalOr(less(a, b), logicalAnd(isNotNumber(b), logicalNot(isNotNumber(a)))) : less(a, b)

/**
 * How often each of 0 … length − 1 occurs among int32 indices, or the sum of the weights where it does. Indices must lie in that range.
 *
 * @example
 * await bincount(tensor([0, 2, 2], { dtype: 'int32' }), { length: 4 }).array() // [1, 0, 2, 0]
 */
export function bincount(indices: Tensor, { length, weights }: { length: number; weights?: Tensor }): Tensor {
  const flat = reshape(indices, [-1])
  return scatterAdd(weights ? reshape(weights, [-1]) : onesLike(flat), flat, { extent: length })
}

/**
 * How many elements lie between each two of the edges, int32 [edges − 1]. Bins hold their lower edge, the last its upper one too.
 *
 * @example
 * await histogram(tensor([0.1, 0.2, 0.7]), tensor([0, 0.5, 1])).array() // [2, 1]
 */
export function histogram(x: Tensor, edges: Tensor): Tensor {
  const bins = edges.shape[0] - 1
  if (!(bins >= 1)) throw shapeError('histogram', 'takes a vector of at least two edges', [edges])
  const flat = reshape(x, [-1])
  const upper = select(edges, -1)
  const last = logicalAnd(lessEqual(upper, flat), lessEqual(flat, upper))
  // Bin 0 collects what lies below the first edge; NaN and what lies above the last one fall behind the last bin.
  const bin = where(last, bins, searchSorted(edges, flat, { side: 'right' }))
  return slice(bincount(bin, { length: bins + 2 }), { axis: 0, start: 1, end: bins + 1 })
}
