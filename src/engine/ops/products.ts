import { apply, shapeError } from '../primitives/define.ts'
import { mul } from '../primitives/elementwise.ts'
import { matmulPrimitive } from '../primitives/matmul.ts'
import type { Tensor } from '../tensor.ts'
import { expandDims, reshape } from './movement.ts'
import { sum } from './reduce.ts'

/** Matrix products over broadcast leading axes; vectors are rows on the left, columns on the right. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length === 0 || b.shape.length === 0) throw shapeError('matmul', 'takes vectors and matrices', [a, b])
  const left = a.shape.length === 1 ? expandDims(a, 0) : a
  const right = b.shape.length === 1 ? expandDims(b, 1) : b
  const product = apply(matmulPrimitive, [left, right])[0]
  const shape = product.shape.filter(
    (_, axis) =>
      !(a.shape.length === 1 && axis === product.shape.length - 2) && !(b.shape.length === 1 && axis === product.shape.length - 1),
  )
  return reshape(product, shape)
}

/** The sum of products of corresponding elements. */
export const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b))
