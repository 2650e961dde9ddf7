import {
  abs,
  add,
  broadcastTo,
  div,
  expandDims,
  eye,
  hvp,
  mul,
  norm,
  sign,
  stopGradient,
  sub,
  sum,
  type Tensor,
  vmap,
} from '../../engine/index.ts'
import { type Classify, decision, inputGradient } from './saliency.ts'
import { unitRows } from './vectors.ts'

/* How fast the saliency map turns with the input: norms of the Hessian H of the predicted class's margin by the input. Second derivatives are exact but where it says so. */

/** H·v of each row, [n, features]; rows do not depend on each other, so the sum's product holds each row's own. */
export const hessianTimes = (classify: Classify, x: Tensor, vectors: Tensor): Tensor =>
  hvp((x: Tensor) => sum(decision(classify, x)), x, vectors)

const alongSigns = (gradient: Tensor): Tensor => stopGradient(unitRows(sign(gradient)))

/**
 * ‖H v‖ with v along the signs of the gradient, the direction in which the map changes most for a small step (CURE), [n].
 *
 * @example
 * const classify = (x: Tensor) => sum(square(x), { axes: 1, keepDims: true }) // its Hessian is 2I
 * await slopeAlongSign(classify, tensor([[1, 2]])).array() // [2.00000]
 */
export const slopeAlongSign = (classify: Classify, x: Tensor): Tensor =>
  norm(hessianTimes(classify, x, alongSigns(inputGradient(classify, x))), { axes: 1 })

/**
 * Its estimate by a difference of two gradients, ‖∇f(x + h v) − ∇f(x)‖/h, as the paper's code has it, [n]. Off by O(h), and by rounding/h.
 *
 * @example
 * const classify = (x: Tensor) => sum(square(x), { axes: 1, keepDims: true })
 * differenceAlongSign(classify, tensor([[1, 2]])).shape // [1]
 */
export function differenceAlongSign(classify: Classify, x: Tensor, { h = 1e-3 } = {}): Tensor {
  const gradient = inputGradient(classify, x)
  const moved = inputGradient(classify, add(x, mul(alongSigns(gradient), h)))
  return div(norm(sub(moved, gradient), { axes: 1 }), h)
}

/**
 * H of each row, [features, n, features], by a product with each axis: for some hundred features at most.
 *
 * @example
 * const classify = (x: Tensor) => sum(square(x), { axes: 1, keepDims: true })
 * await inputHessian(classify, tensor([[1, 2]])).array() // [[[2, 0]], [[0, 2]]]
 */
export const inputHessian = (classify: Classify, x: Tensor): Tensor =>
  vmap((axis: Tensor) => hessianTimes(classify, x, broadcastTo(expandDims(axis, 0), x.shape)))(eye(x.shape[1], x.dtype))

/**
 * The Frobenius norm of H, [n].
 *
 * @example
 * const classify = (x: Tensor) => sum(square(x), { axes: 1, keepDims: true }) // its Hessian is 2I
 * await frobenius(classify, tensor([[1, 2]])).array() // [2.828427]
 */
export const frobenius = (classify: Classify, x: Tensor): Tensor => norm(inputHessian(classify, x), { axes: [0, 2] })

/**
 * |λ| of H's largest eigenvalue in magnitude, [n]: power iteration from the gradient, then a derivative through the last product only.
 *
 * @example
 * const classify = (x: Tensor) => sum(square(x), { axes: 1, keepDims: true }) // its Hessian is 2I
 * await topEigenvalue(classify, tensor([[1, 2]])).array() // [2.00000]
 */
export function topEigenvalue(classify: Classify, x: Tensor, { iterations = 8 } = {}): Tensor {
  let direction = stopGradient(unitRows(inputGradient(classify, x)))
  for (let i = 0; i < iterations; i++) direction = stopGradient(unitRows(hessianTimes(classify, x, direction)))
  return abs(sum(mul(direction, hessianTimes(classify, x, direction)), { axes: 1 }))
}

export const curvatures = { sign: slopeAlongSign, fd: differenceAlongSign, exact: frobenius, topEigen: topEigenvalue } as const
export type Curvature = keyof typeof curvatures
