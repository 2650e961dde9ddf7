import { apply, shapeError } from '../primitives/define.ts'
import { mul } from '../primitives/elementwise.ts'
import { matmulPrimitive } from '../primitives/matmul.ts'
import { rotaryPrimitive } from '../primitives/rotary.ts'
import type { Tensor } from '../tensor.ts'
import { expandDims, reshape } from './movement.ts'
import { sum } from './reduce.ts'

/**
 * Matrix products over broadcast leading axes; vectors are rows on the left, columns on the right.
 *
 * @example
 * matmul(zeros([8, 2, 3]), zeros([3, 4])).shape // [8, 2, 4]
 */
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

/**
 * The sum of products of corresponding elements.
 *
 * @example
 * await dot(tensor([1, 2]), tensor([3, 4])).item() // 11
 */
export const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b))

/**
 * Sums of products along one axis; the others broadcast.
 *
 * @example
 * await vecdot(ones([2, 3]), ones([2, 3])).array() // [3, 3]
 */
export const vecdot = (a: Tensor, b: Tensor, { axis = -1 } = {}): Tensor => sum(mul(a, b), { axes: axis })

/**
 * Every element of a times every element of b: shape of a, then shape of b.
 *
 * @example
 * await outer(tensor([1, 2]), tensor([3, 4])).array() // [[3, 4], [6, 8]]
 */
export const outer = (a: Tensor, b: Tensor): Tensor => mul(reshape(a, [...a.shape, ...b.shape.map(() => 1)]), b)

/**
 * The Kronecker product: each element of a times the whole of b, in its place. Both have as many axes.
 *
 * @example
 * await kron(eye(2), tensor([[1, 2]])).array() // [[1, 2, 0, 0], [0, 0, 1, 2]]
 */
export function kron(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length !== b.shape.length) throw shapeError('kron', 'takes tensors with as many axes', [a, b])
  const [left, right] = [a.shape.flatMap((extent) => [extent, 1]), b.shape.flatMap((extent) => [1, extent])]
  return reshape(
    mul(reshape(a, left), reshape(b, right)),
    a.shape.map((extent, axis) => extent * b.shape[axis]),
  )
}

/**
 * Rotary position embedding: x [n, h, t, w] with cosines and sines [n, t, r], 2 r ≤ w. Pairs of entries (a, b) become (a cos − b sin, b cos + a sin); a
 * pair are entries p and p + r ('half'), or 2p and 2p + 1 ('interleaved'). Entries beyond 2 r stay.
 *
 * @example
 * const quarter = { cos: tensor([[[0]]]), sin: tensor([[[1]]]) }
 * await rotary(tensor([[[[3, 4]]]]), quarter).array() // [[[[-4, 3]]]]
 */
export const rotary = (
  x: Tensor,
  { cos, sin }: { readonly cos: Tensor; readonly sin: Tensor },
  { pairs = 'half' }: { pairs?: 'half' | 'interleaved' } = {},
): Tensor => apply(rotaryPrimitive, [x, cos, sin], { pairs })[0]
