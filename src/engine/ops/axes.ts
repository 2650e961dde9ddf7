import { shapeError } from '../primitives/define.ts'
import type { Tensor } from '../tensor.ts'

/** The axis counted from the front, or an error that names the operation. */
export function checkedAxis(operation: string, x: Tensor, axis: number): number {
  const at = axis < 0 ? axis + x.shape.length : axis
  if (!Number.isInteger(axis) || at < 0 || at >= x.shape.length) throw shapeError(operation, `there is no axis ${axis}`, [x])
  return at
}

/** One number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[]

/** The number of each of x's spatial axes; x is [n, c, ...space]. */
export function perSpatialAxis(operation: string, x: Tensor, value: PerAxis): number[] {
  const rank = x.shape.length - 2
  if (typeof value === 'number') return new Array<number>(Math.max(rank, 0)).fill(value)
  if (value.length !== rank) throw shapeError(operation, `takes a number for each of ${rank} spatial axes, got [${value.join(', ')}]`, [x])
  return [...value]
}
