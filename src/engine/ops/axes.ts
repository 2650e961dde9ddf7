import { shapeError } from '../primitives/define.ts'
import type { Tensor } from '../tensor.ts'

/** The axis counted from the front, or an error that names the operation. */
export function checkedAxis(operation: string, x: Tensor, axis: number): number {
  const at = axis < 0 ? axis + x.shape.length : axis
  if (!Number.isInteger(axis) || at < 0 || at >= x.shape.length) throw shapeError(operation, `there is no axis ${axis}`, [x])
  return at
}
