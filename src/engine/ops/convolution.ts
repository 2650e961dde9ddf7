import { convPrimitive, type Sweep } from '../primitives/convolution.ts'
import { apply } from '../primitives/define.ts'
import type { Tensor } from '../tensor.ts'

/** The general convolution; `conv` below is what models call. */
export const convolve = (x: Tensor, kernel: Tensor, sweep: Sweep): Tensor => apply(convPrimitive, [x, kernel], { ...sweep })[0]

export interface ConvOptions {
  readonly stride?: number | readonly number[]
  /** Zeros on both sides of each spatial axis, or 'same' (stride 1: the output has the input's extents). */
  readonly padding?: number | readonly number[] | 'same'
  readonly dilation?: number | readonly number[]
  readonly groups?: number
}

/**
 * Cross-correlation over 1 to 3 spatial axes: x [n, c, ...space], kernel [o, c / groups, ...window] → [n, o, ...].
 *
 * @example
 * conv(images, kernels, { stride: 2, padding: 1 })
 */
export function conv(x: Tensor, kernel: Tensor, { stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions = {}): Tensor {
  const rank = Math.max(x.shape.length - 2, 1)
  const perAxis = (value: number | readonly number[]) => (typeof value === 'number' ? new Array<number>(rank).fill(value) : [...value])
  const spacing = perAxis(dilation)
  const around = padding === 'same' ? spacing.map((d, k) => (d * (kernel.shape[k + 2] - 1)) / 2) : perAxis(padding)
  const low = around.map(Math.floor)
  return convolve(x, kernel, { stride: perAxis(stride), low, high: around.map(Math.ceil), dilation: spacing, spread: perAxis(1), groups })
}
