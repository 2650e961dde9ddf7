import type { DType } from '../dtype.ts'
import { apply } from '../primitives/define.ts'
import { equal } from '../primitives/elementwise.ts'
import { gatherPrimitive, scatterAddPrimitive, takeAlongPrimitive } from '../primitives/indexing.ts'
import type { Tensor } from '../tensor.ts'
import { checkedAxis } from './axes.ts'
import { cast, iota } from './create.ts'
import { expandDims } from './movement.ts'

/** Whole slices of an axis, picked by an int32 tensor: x [..., n, ...], indices [i...] → [..., i..., ...]. */
export const gather = (x: Tensor, indices: Tensor, { axis = 0 } = {}): Tensor =>
  apply(gatherPrimitive, [x, indices], { axis: checkedAxis('gather', x, axis) })[0]

/** Adds slices into zeros: the transpose of `gather`. The result's `axis` has `extent`. */
export const scatterAdd = (updates: Tensor, indices: Tensor, { axis = 0, extent }: { axis?: number; extent: number }): Tensor =>
  apply(scatterAddPrimitive, [updates, indices], {
    axis: axis < 0 ? axis + updates.shape.length - indices.shape.length + 1 : axis,
    extent,
  })[0]

/** One element for each index along an axis; indices have x's shape but for that axis. */
export const takeAlong = (x: Tensor, indices: Tensor, { axis = -1 } = {}): Tensor =>
  apply(takeAlongPrimitive, [x, indices], { axis: checkedAxis('takeAlong', x, axis) })[0]

/** int32 classes [...] → [..., classes] with a one at each class. */
export const oneHot = (labels: Tensor, classes: number, dtype: DType = 'float32'): Tensor =>
  cast(equal(expandDims(labels, -1), iota(classes)), dtype)
