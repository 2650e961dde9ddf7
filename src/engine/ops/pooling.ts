import { sizeOf } from '../array.ts'
import { leastOf } from '../dtype.ts'
import { shapeError } from '../primitives/define.ts'
import { add, div, maximum } from '../primitives/elementwise.ts'
import type { Tensor } from '../tensor.ts'
import { type PerAxis, perSpatialAxis } from './axes.ts'
import { ones } from './create.ts'
import { pad, slice } from './movement.ts'
import { pairwise } from './pairwise.ts'
import { max, mean } from './reduce.ts'
import { alongAxis, matrixOf } from './weights.ts'

export interface PoolOptions {
  /** The extent of the window. */
  readonly size: PerAxis
  /** Default: the size, so that windows do not overlap. */
  readonly stride?: PerAxis
  /** On both sides of each spatial axis, at most half the size; never the largest, and zero in a mean. */
  readonly padding?: PerAxis
}

/** Pools one spatial axis after another: what `combine` makes of the elements at each place of the window. */
function pool(
  name: string,
  x: Tensor,
  { size, stride = size, padding = 0 }: PoolOptions,
  outside: number,
  combine: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  const [sizes, strides, around] = [size, stride, padding].map((value) => perSpatialAxis(name, x, value))
  if (around.some((width, k) => width > sizes[k] / 2)) throw shapeError(name, 'padding is at most half the window', [x])
  const padded = pad(x, [[0, 0], [0, 0], ...around.map((width) => [width, width] as const)], { value: outside })
  return sizes.reduce((y, extent, k) => {
    const axis = k + 2
    if (y.shape[axis] < extent) throw shapeError(name, `a window of ${extent} does not fit axis ${axis}`, [x])
    const last = Math.floor((y.shape[axis] - extent) / strides[k]) * strides[k]
    return pairwise(
      Array.from({ length: extent }, (_, place) => slice(y, { axis, start: place, end: place + last + 1, step: strides[k] })),
      combine,
    )
  }, padded)
}

/** The largest element of each window of x [n, c, ...space], 1 to 3 spatial axes. NaN wins; equal elements share the derivative. */
export const maxPool = (x: Tensor, options: PoolOptions): Tensor => pool('maxPool', x, options, leastOf(x.dtype), maximum)

export interface AvgPoolOptions extends PoolOptions {
  /** Whether padding counts as elements that are zero (the default) or is left out of the mean. */
  readonly countIncludePad?: boolean
}

/** The mean of each window of x [n, c, ...space], 1 to 3 spatial axes. */
export function avgPool(x: Tensor, { countIncludePad = true, ...options }: AvgPoolOptions): Tensor {
  const total = pool('avgPool', x, options, 0, add)
  if (countIncludePad) return div(total, sizeOf(perSpatialAxis('avgPool', x, options.size)))
  return div(total, pool('avgPool', ones([1, 1, ...x.shape.slice(2)], x.dtype), options, 0, add))
}

const spatialAxes = (x: Tensor): number[] => [...x.shape.keys()].slice(2)

/** The mean over all spatial axes: [n, c, ...space] → [n, c]. */
export const globalAvgPool = (x: Tensor): Tensor => mean(x, { axes: spatialAxes(x) })

/** The largest element over all spatial axes: [n, c, ...space] → [n, c]. */
export const globalMaxPool = (x: Tensor): Tensor => max(x, { axes: spatialAxes(x) })

/** Means over windows that divide each spatial axis into `size` parts as evenly as whole elements allow; parts may overlap by one. */
export const adaptiveAvgPool = (x: Tensor, size: PerAxis): Tensor =>
  perSpatialAxis('adaptiveAvgPool', x, size).reduce((y, parts, k) => {
    const extent = y.shape[k + 2]
    const rows = Array.from({ length: parts }, (_, part) => {
      const [start, end] = [Math.floor((part * extent) / parts), Math.ceil(((part + 1) * extent) / parts)]
      return Array.from({ length: end - start }, (_, i) => ({ from: start + i, weight: 1 / (end - start) }))
    })
    return alongAxis(y, k + 2, matrixOf(rows, extent, y.dtype))
  }, x)
