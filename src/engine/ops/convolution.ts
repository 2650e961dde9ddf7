import { convPrimitive, type Sweep, turnedKernel } from '../primitives/convolution.ts'
import { apply, shapeError } from '../primitives/define.ts'
import type { Tensor } from '../tensor.ts'
import { type PerAxis, perSpatialAxis } from './axes.ts'
import { pad } from './movement.ts'

/**
 * The general convolution; `conv` and `convTranspose` are what models call.
 *
 * @example
 * const sweep = { stride: [1], low: [1], high: [0], dilation: [1], spread: [1], groups: 1 } // padded on the left: causal
 * await convolve(ones([1, 1, 3]), ones([1, 1, 2]), sweep).array() // [[[1, 2, 2]]]
 */
export const convolve = (x: Tensor, kernel: Tensor, sweep: Sweep): Tensor => apply(convPrimitive, [x, kernel], { ...sweep })[0]

export interface ConvOptions {
  readonly stride?: PerAxis
  /** Elements on both sides of each spatial axis, or 'same' (stride 1: the output has the input's extents). */
  readonly padding?: PerAxis | 'same'
  /** What the padding holds: zeros, or x continued as `pad` does. */
  readonly paddingMode?: 'zeros' | 'reflect' | 'edge' | 'wrap'
  readonly dilation?: PerAxis
  readonly groups?: number
}

/**
 * Cross-correlation over 1 to 3 spatial axes: x [n, c, ...space], kernel [o, c / groups, ...window] → [n, o, ...].
 *
 * @example
 * const images = zeros([8, 3, 32, 32])
 * conv(images, zeros([16, 3, 3, 3]), { stride: 2, padding: 1 }).shape // [8, 16, 16, 16]
 */
export function conv(
  x: Tensor,
  kernel: Tensor,
  { stride = 1, padding = 0, paddingMode = 'zeros', dilation = 1, groups = 1 }: ConvOptions = {},
): Tensor {
  const each = (value: PerAxis) => perSpatialAxis('conv', x, value)
  const spacing = each(dilation)
  const around = padding === 'same' ? spacing.map((d, k) => (d * (kernel.shape[k + 2] - 1)) / 2) : each(padding)
  const [low, high] = [around.map(Math.floor), around.map(Math.ceil)]
  const sweep = { stride: each(stride), dilation: spacing, spread: each(1), groups }
  if (paddingMode === 'zeros') return convolve(x, kernel, { ...sweep, low, high })
  const widths = [[0, 0] as const, [0, 0] as const, ...low.map((before, k) => [before, high[k]] as const)]
  return convolve(pad(x, widths, { mode: paddingMode }), kernel, { ...sweep, low: each(0), high: each(0) })
}

export interface ConvTransposeOptions {
  readonly stride?: PerAxis
  /** What the convolution that this transposes had: cuts the output on both sides. */
  readonly padding?: PerAxis
  /** Extra extent at the end of each axis, less than the stride: which of the extents that stride into one to give back. */
  readonly outputPadding?: PerAxis
  readonly dilation?: PerAxis
  readonly groups?: number
}

/**
 * The transpose of `conv` with the same options: x [n, c, ...space], kernel [c, o / groups, ...window] → [n, o, ...], each axis of extent
 * (space − 1)·stride − 2·padding + dilation·(window − 1) + outputPadding + 1.
 *
 * @example
 * convTranspose(zeros([8, 16, 16, 16]), zeros([16, 3, 2, 2]), { stride: 2 }).shape // [8, 3, 32, 32]
 */
export function convTranspose(
  x: Tensor,
  kernel: Tensor,
  { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 }: ConvTransposeOptions = {},
): Tensor {
  const [spread, around, extra, spacing] = [stride, padding, outputPadding, dilation].map((value) =>
    perSpatialAxis('convTranspose', x, value),
  )
  const [c, , ...window] = kernel.shape
  if (c !== x.shape[1] || c % groups !== 0)
    throw shapeError('convTranspose', `takes x [n, c, ...space] and a kernel [c, o / ${groups}, ...window]`, [x, kernel])
  const low = window.map((extent, k) => spacing[k] * (extent - 1) - around[k])
  const high = low.map((before, k) => before + extra[k])
  return convolve(x, turnedKernel(kernel, groups), { stride: spread.map(() => 1), low, high, dilation: spacing, spread, groups })
}
