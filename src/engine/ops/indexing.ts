import type { DType } from '../dtype.ts'
import { apply, shapeError } from '../primitives/define.ts'
import { equal, less, where } from '../primitives/elementwise.ts'
import { gatherPrimitive, scatterAddPrimitive, takeAlongPrimitive } from '../primitives/indexing.ts'
import { Tensor } from '../tensor.ts'
import { checkedAxis } from './axes.ts'
import { cast, iota, ones } from './create.ts'
import { expandDims, flip, reshape, select, slice } from './movement.ts'

/**
 * Whole slices of an axis, picked by an int32 tensor: x [..., n, ...], indices [i...] → [..., i..., ...].
 *
 * @example
 * await gather(tensor([10, 20, 30]), tensor([2, 0], { dtype: 'int32' })).array() // [30, 10]
 */
export const gather = (x: Tensor, indices: Tensor, { axis = 0 } = {}): Tensor =>
  apply(gatherPrimitive, [x, indices], { axis: checkedAxis('gather', x, axis) })[0]

/**
 * Adds slices into zeros: the transpose of `gather`. The result's `axis` has `extent`.
 *
 * @example
 * await scatterAdd(tensor([1, 2, 3]), tensor([0, 2, 0], { dtype: 'int32' }), { extent: 3 }).array() // [4, 0, 2]
 */
export const scatterAdd = (updates: Tensor, indices: Tensor, { axis = 0, extent }: { axis?: number; extent: number }): Tensor =>
  apply(scatterAddPrimitive, [updates, indices], {
    axis: axis < 0 ? axis + updates.shape.length - indices.shape.length + 1 : axis,
    extent,
  })[0]

/**
 * x with whole slices of an axis replaced: slice indices[k] by updates' k-th. The shape of `updates` is that of `gather(x, indices, { axis })`.
 * Indices must differ: where one occurs twice, its updates are added.
 *
 * @example
 * await scatterSet(zeros([3]), tensor([2, 0], { dtype: 'int32' }), tensor([5, 6])).array() // [6, 0, 5]
 */
export function scatterSet(x: Tensor, indices: Tensor, updates: Tensor, { axis = 0 } = {}): Tensor {
  const at = checkedAxis('scatterSet', x, axis)
  const extent = x.shape[at]
  const hits = scatterAdd(ones(indices.shape, 'int32'), indices, { extent })
  const isReplaced = reshape(less(0, hits), [extent, ...x.shape.slice(at + 1).map(() => 1)])
  return where(isReplaced, scatterAdd(updates, indices, { axis: at, extent }), x)
}

/**
 * One element for each index along an axis; indices have x's shape but for that axis.
 *
 * @example
 * const x = tensor([
 *   [1, 2],
 *   [3, 4],
 * ])
 * await takeAlong(x, tensor([[1], [0]], { dtype: 'int32' })).array() // [[2], [3]]
 */
export const takeAlong = (x: Tensor, indices: Tensor, { axis = -1 } = {}): Tensor =>
  apply(takeAlongPrimitive, [x, indices], { axis: checkedAxis('takeAlong', x, axis) })[0]

/**
 * int32 classes [...] → [..., classes] with a one at each class.
 *
 * @example
 * await oneHot(tensor([1, 0], { dtype: 'int32' }), 3).array() // [[0, 1, 0], [1, 0, 0]]
 */
export const oneHot = (labels: Tensor, classes: number, dtype: DType = 'float32'): Tensor =>
  cast(equal(expandDims(labels, -1), iota(classes)), dtype)

/** A part of an axis. Bounds may be negative, counted from the end, and are cut to the axis; a negative step walks backwards. */
export interface Range {
  readonly start?: number
  readonly end?: number
  readonly step?: number
}

/** What to take of one axis: a number drops the axis, an int32 tensor picks by index, null adds an axis, '...' skips all that are not named. */
export type Index = number | Range | Tensor | null | '...'

/**
 * Part of a tensor, an index an axis, as NumPy's x[...]; several index tensors each pick along their own axis.
 *
 * @example
 * const x = reshape(iota(12), [3, 4])
 * await at(x, 0).array() // [0, 1, 2, 3]
 * await at(x, '...', { start: -2 }).array() // [[2, 3], [6, 7], [10, 11]]
 * await at(x, { step: -1 }, tensor([2, 0], { dtype: 'int32' })).array() // [[10, 8], [6, 4], [2, 0]]
 */
export function at(x: Tensor, ...indices: readonly Index[]): Tensor {
  const named = indices.filter((index) => index !== null && index !== '...').length
  if (named > x.shape.length) throw shapeError('at', `${named} indices for ${x.shape.length} axes`, [x])
  if (indices.filter((index) => index === '...').length > 1) throw shapeError('at', "takes one '...'", [x])
  let result = x
  let axis = 0
  for (const index of indices) {
    if (index === '...') axis += x.shape.length - named
    else if (index === null) result = expandDims(result, axis++)
    else if (typeof index === 'number') result = elementOf(result, index, axis)
    else if (index instanceof Tensor) {
      result = gather(result, index, { axis })
      axis += index.shape.length
    } else result = rangeOf(result, index, axis++)
  }
  return result
}

function elementOf(x: Tensor, index: number, axis: number): Tensor {
  const extent = x.shape[axis]
  if (!Number.isInteger(index) || index < -extent || index >= extent)
    throw shapeError('at', `axis ${axis} of ${extent} has no element ${index}`, [x])
  return select(x, index, { axis })
}

function rangeOf(x: Tensor, { start, end, step = 1 }: Range, axis: number): Tensor {
  const extent = x.shape[axis]
  if (!Number.isInteger(step) || step === 0) throw shapeError('at', `a step must be a whole number other than 0, not ${step}`, [x])
  const backwards = step < 0
  const cut = (bound: number) => {
    const fromFront = bound < 0 ? bound + extent : bound
    return backwards ? Math.min(Math.max(fromFront, -1), extent - 1) : Math.min(Math.max(fromFront, 0), extent)
  }
  const first = start === undefined ? (backwards ? extent - 1 : 0) : cut(start)
  const limit = end === undefined ? (backwards ? -1 : extent) : cut(end)
  const count = Math.max(0, Math.ceil((limit - first) / step))
  const last = first + (count - 1) * step
  if (count === 0) return slice(x, { axis, start: 0, end: 0 })
  const part = slice(x, { axis, start: Math.min(first, last), end: Math.max(first, last) + 1, step: backwards ? 1 : step })
  // Turned around, the walk begins at its first element and its step is positive.
  return backwards ? slice(flip(part, { axes: [axis] }), { axis, step: -step }) : part
}
