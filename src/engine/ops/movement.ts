import { sizeOf } from '../array.ts'
import { apply, shapeError } from '../primitives/define.ts'
import {
  broadcastPrimitive,
  concatPrimitive,
  flipPrimitive,
  padPrimitive,
  reshapePrimitive,
  slicePrimitive,
  splitPrimitive,
  transposePrimitive,
} from '../primitives/movement.ts'
import type { Tensor } from '../tensor.ts'
import { checkedAxis } from './axes.ts'

/** The same elements with another shape; one extent may be −1, computed from the others. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const known = shape.reduce((product, extent) => (extent === -1 ? product : product * extent), 1)
  const target = shape.map((extent) => (extent === -1 ? sizeOf(x.shape) / known : extent))
  if (shape.filter((extent) => extent === -1).length > 1 || target.some((extent) => !Number.isInteger(extent) || extent < 0)) {
    throw shapeError('reshape', `cannot become [${shape.join(', ')}]`, [x])
  }
  if (target.length === x.shape.length && target.every((extent, axis) => extent === x.shape[axis])) return x
  return apply(reshapePrimitive, [x], { shape: target })[0]
}

/** The axes in another order; reversed where none is given. */
export function transpose(x: Tensor, permutation: readonly number[] = [...x.shape.keys()].reverse()): Tensor {
  const axes = permutation.map((axis) => checkedAxis('transpose', x, axis))
  if (axes.length === x.shape.length && axes.every((axis, k) => axis === k)) return x
  return apply(transposePrimitive, [x], { permutation: axes })[0]
}

/** Exchanges the last two axes. */
export const swapLast = (x: Tensor): Tensor => transpose(x, [...x.shape.keys()].slice(0, -2).concat(x.shape.length - 1, x.shape.length - 2))

/** Repeats x along new leading axes and along axes of extent 1. */
export const broadcastTo = (x: Tensor, shape: readonly number[]): Tensor =>
  shape.length === x.shape.length && shape.every((extent, axis) => extent === x.shape[axis])
    ? x
    : apply(broadcastPrimitive, [x], { shape: [...shape] })[0]

/** A new axis of extent 1 at this place of the result. */
export function expandDims(x: Tensor, axis: number): Tensor {
  const at = axis < 0 ? axis + x.shape.length + 1 : axis
  return reshape(x, x.shape.toSpliced(at, 0, 1))
}

/** Without the axes of extent 1, or without those named. */
export function squeeze(x: Tensor, axes: readonly number[] = x.shape.flatMap((extent, axis) => (extent === 1 ? [axis] : []))): Tensor {
  const drop = axes.map((axis) => checkedAxis('squeeze', x, axis))
  return reshape(
    x,
    x.shape.filter((_, axis) => !drop.includes(axis)),
  )
}

/** One tensor after another along an existing axis. */
export const concat = (tensors: readonly Tensor[], { axis = 0 } = {}): Tensor =>
  tensors.length === 1 ? tensors[0] : apply(concatPrimitive, tensors, { axis: checkedAxis('concat', tensors[0], axis) })[0]

/** Tensors of one shape along a new axis. */
export const stack = (tensors: readonly Tensor[], { axis = 0 } = {}): Tensor =>
  concat(
    tensors.map((x) => expandDims(x, axis)),
    { axis },
  )

/** Elements start, start + step, … below end of one axis. Negative bounds count from the end. */
export function slice(
  x: Tensor,
  { axis, start = 0, end, step = 1 }: { axis: number; start?: number; end?: number; step?: number },
): Tensor {
  const at = checkedAxis('slice', x, axis)
  const extent = x.shape[at]
  const resolve = (bound: number) => (bound < 0 ? bound + extent : bound)
  const window = {
    starts: x.shape.map((_, k) => (k === at ? resolve(start) : 0)),
    ends: x.shape.map((other, k) => (k === at ? resolve(end ?? extent) : other)),
    steps: x.shape.map((_, k) => (k === at ? step : 1)),
  }
  if (window.starts[at] === 0 && window.ends[at] === extent && step === 1) return x
  return apply(slicePrimitive, [x], window)[0]
}

/** The k-th slices along an axis, that axis removed. */
export const select = (x: Tensor, index: number, { axis = 0 } = {}): Tensor => {
  const at = checkedAxis('select', x, axis)
  const from = index < 0 ? index + x.shape[at] : index
  return squeeze(slice(x, { axis: at, start: from, end: from + 1 }), [at])
}

/** Equal pieces along an axis. */
export function split(x: Tensor, pieces: number, { axis = -1 } = {}): Tensor[] {
  const at = checkedAxis('split', x, axis)
  return apply(splitPrimitive, [x], { axis: at, pieces })
}

/** Zeros before and after the elements of each axis; negative counts cut. */
export function pad(x: Tensor, widths: readonly (readonly [before: number, after: number])[]): Tensor {
  if (widths.length !== x.shape.length)
    throw shapeError('pad', `takes a pair for each of ${x.shape.length} axes, got ${widths.length}`, [x])
  if (widths.every(([before, after]) => before === 0 && after === 0)) return x
  return apply(padPrimitive, [x], {
    low: widths.map(([before]) => before),
    high: widths.map(([, after]) => after),
    interior: widths.map(() => 0),
  })[0]
}

/** The elements of these axes in reverse order. */
export const flip = (x: Tensor, { axes }: { axes: readonly number[] }): Tensor =>
  apply(flipPrimitive, [x], { axes: axes.map((axis) => checkedAxis('flip', x, axis)) })[0]
