import type { Tensor } from '../tensor.ts'
import { pad, slice } from './movement.ts'
import { pairwise } from './pairwise.ts'

/** How a window moves over the spatial axes of x [n, c, ...space]: a number for each axis. */
export interface Window {
  readonly size: readonly number[]
  readonly stride: readonly number[]
  readonly dilation: readonly number[]
  /** What lies before and after each axis. */
  readonly low: readonly number[]
  readonly high: readonly number[]
  /** How many places the window has. The last may reach further than the padding. */
  readonly places: readonly number[]
}

/** x with what lies around it. */
function padded(x: Tensor, { size, stride, dilation, low, high, places }: Window, outside: number): Tensor {
  const widths = size.map((extent, k): [number, number] => {
    const end = (places[k] - 1) * stride[k] + (extent - 1) * dilation[k] + 1
    return [low[k], Math.max(high[k], end - low[k] - x.shape[k + 2])]
  })
  return pad(x, [[0, 0], [0, 0], ...widths], { value: outside })
}

/** What each tap of the window sees along one axis, at every place. */
function tapsAlong(x: Tensor, k: number, { size, stride, dilation, places }: Window): Tensor[] {
  const last = (places[k] - 1) * stride[k]
  return Array.from({ length: size[k] }, (_, tap) => {
    const start = tap * dilation[k]
    return slice(x, { axis: k + 2, start, end: start + last + 1, step: stride[k] })
  })
}

/** What `combine` makes of the elements that the window sees at each place, one axis after another. */
export const pooled = (x: Tensor, window: Window, outside: number, combine: (a: Tensor, b: Tensor) => Tensor): Tensor =>
  window.size.reduce((y, _, k) => pairwise(tapsAlong(y, k, window), combine), padded(x, window, outside))

/** What each tap of the whole window sees at every place, in the order of its elements. */
export const taps = (x: Tensor, window: Window, outside: number): Tensor[] =>
  window.size.reduce((parts, _, k) => parts.flatMap((part) => tapsAlong(part, k, window)), [padded(x, window, outside)])
