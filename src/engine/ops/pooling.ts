import { sizeOf } from '../array.ts'
import { leastOf } from '../dtype.ts'
import { shapeError } from '../primitives/define.ts'
import { add, div, maximum } from '../primitives/elementwise.ts'
import type { Tensor } from '../tensor.ts'
import { type PerAxis, perSpatialAxis } from './axes.ts'
import { ones } from './create.ts'
import { max, mean } from './reduce.ts'
import { alongAxis, matrixOf } from './weights.ts'
import { pooled, type Window } from './windows.ts'

export interface PoolOptions {
  /** The extent of the window. */
  readonly size: PerAxis
  /** Default: the size, so that windows do not overlap. */
  readonly stride?: PerAxis
  /** On both sides of each spatial axis, at most half the size; never the largest, and zero in a mean. */
  readonly padding?: PerAxis
}

/** The window that the options describe, checked. */
function windowOf(name: string, x: Tensor, { size, stride = size, padding = 0 }: PoolOptions): Window {
  const [sizes, strides, around] = [size, stride, padding].map((value) => perSpatialAxis(name, x, value))
  if (around.some((width, k) => width > sizes[k] / 2)) throw shapeError(name, 'padding is at most half the window', [x])
  const places = sizes.map((extent, k) => {
    const room = x.shape[k + 2] + 2 * around[k] - extent
    if (room < 0) throw shapeError(name, `a window of ${extent} does not fit axis ${k + 2}`, [x])
    return Math.floor(room / strides[k]) + 1
  })
  return { size: sizes, stride: strides, dilation: sizes.map(() => 1), low: around, high: around, places }
}

/**
 * The largest element of each window of x [n, c, ...space], 1 to 3 spatial axes. NaN wins; equal elements share the derivative.
 *
 * @example
 * const image = reshape(iota(4, 'float32'), [1, 1, 2, 2])
 * await maxPool(image, { size: 2 }).array() // [[[[3]]]]
 */
export const maxPool = (x: Tensor, options: PoolOptions): Tensor => pooled(x, windowOf('maxPool', x, options), leastOf(x.dtype), maximum)

export interface AvgPoolOptions extends PoolOptions {
  /** Whether padding counts as elements that are zero (the default) or is left out of the mean. */
  readonly countIncludePad?: boolean
}

/**
 * The mean of each window of x [n, c, ...space], 1 to 3 spatial axes.
 *
 * @example
 * const image = reshape(iota(4, 'float32'), [1, 1, 2, 2])
 * await avgPool(image, { size: 2 }).array() // [[[[1.5]]]]
 */
export function avgPool(x: Tensor, { countIncludePad = true, ...options }: AvgPoolOptions): Tensor {
  const window = windowOf('avgPool', x, options)
  const total = pooled(x, window, 0, add)
  if (countIncludePad) return div(total, sizeOf(window.size))
  return div(total, pooled(ones([1, 1, ...x.shape.slice(2)], x.dtype), window, 0, add))
}

const spatialAxes = (x: Tensor): number[] => [...x.shape.keys()].slice(2)

/**
 * The mean over all spatial axes: [n, c, ...space] → [n, c].
 *
 * @example
 * globalAvgPool(zeros([8, 16, 7, 7])).shape // [8, 16]
 */
export const globalAvgPool = (x: Tensor): Tensor => mean(x, { axes: spatialAxes(x) })

/**
 * The largest element over all spatial axes: [n, c, ...space] → [n, c].
 *
 * @example
 * globalMaxPool(zeros([8, 16, 7, 7])).shape // [8, 16]
 */
export const globalMaxPool = (x: Tensor): Tensor => max(x, { axes: spatialAxes(x) })

/**
 * Means over windows that divide each spatial axis into `size` parts as evenly as whole elements allow; parts may overlap by one.
 *
 * @example
 * adaptiveAvgPool(zeros([8, 16, 7, 7]), 3).shape // [8, 16, 3, 3]
 */
export const adaptiveAvgPool = (x: Tensor, size: PerAxis): Tensor =>
  perSpatialAxis('adaptiveAvgPool', x, size).reduce((y, parts, k) => {
    const extent = y.shape[k + 2]
    const rows = Array.from({ length: parts }, (_, part) => {
      const [start, end] = [Math.floor((part * extent) / parts), Math.ceil(((part + 1) * extent) / parts)]
      return Array.from({ length: end - start }, (_, i) => ({ from: start + i, weight: 1 / (end - start) }))
    })
    return alongAxis(y, k + 2, matrixOf(rows, extent, y.dtype))
  }, x)
