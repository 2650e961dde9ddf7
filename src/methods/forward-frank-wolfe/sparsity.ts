import { abs, add, cast, leaves, less, max, mul, sizeOf, sum, type Tensor } from '../../engine/index.ts'

/** The share of all parameters that are above a thousandth of the largest of their tensor. Frank-Wolfe adds few coordinates a step and none is ever exactly 0 again. */
export function nonzeroShare(params: unknown): Tensor {
  const tensors = leaves(params) as Tensor[]
  const counts = tensors.map((w) => sum(cast(less(mul(max(abs(w)), 1e-3), abs(w)), 'float32')))
  return mul(
    counts.reduce((a, b) => add(a, b)),
    1 / tensors.reduce((total, { shape }) => total + sizeOf(shape), 0),
  )
}
