import { shapeError } from '../primitives/define.ts'
import { add, div, maximum } from '../primitives/elementwise.ts'
import type { Tensor } from '../tensor.ts'
import { slice } from './movement.ts'

export interface PoolOptions {
  readonly size: number
  /** Default: the size, so that windows do not overlap. */
  readonly stride?: number
}

/** The elements at each place of the pooling window, as tensors of the result's shape. */
function windows(name: string, x: Tensor, { size, stride = size }: PoolOptions): Tensor[] {
  const axes = x.shape.slice(2).map((_, k) => k + 2)
  if (axes.some((axis) => x.shape[axis] < size)) throw shapeError(name, `a window of ${size} does not fit`, [x])
  return axes.reduce(
    (parts, axis) =>
      parts.flatMap((part) => {
        const count = Math.floor((part.shape[axis] - size) / stride) + 1
        return Array.from({ length: size }, (_, k) => slice(part, { axis, start: k, end: k + (count - 1) * stride + 1, step: stride }))
      }),
    [x],
  )
}

/** Combines neighbours pairwise, so that equal elements share a derivative evenly. */
const pairwise = (parts: readonly Tensor[], combine: (a: Tensor, b: Tensor) => Tensor): Tensor =>
  parts.length === 1
    ? parts[0]
    : pairwise(
        Array.from({ length: Math.ceil(parts.length / 2) }, (_, k) =>
          2 * k + 1 < parts.length ? combine(parts[2 * k], parts[2 * k + 1]) : parts[2 * k],
        ),
        combine,
      )

/** The largest element of each window: x [n, c, ...space]. */
export const maxPool = (x: Tensor, options: PoolOptions): Tensor => pairwise(windows('maxPool', x, options), maximum)

/** The mean of each window: x [n, c, ...space]. */
export const avgPool = (x: Tensor, options: PoolOptions): Tensor => {
  const parts = windows('avgPool', x, options)
  return div(pairwise(parts, add), parts.length)
}
