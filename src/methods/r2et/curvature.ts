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
  sum,
  type Tensor,
  vmap,
} from '../../engine/index.ts'
import { type Classify, decision, inputGradient } from './saliency.ts'

/* How fast the saliency map turns with the input: norms of the Hessian H of the predicted class's margin by the input. Exact second derivatives. */

/** H·v of each row, [n, features]; rows do not depend on each other, so the sum's product holds each row's own. */
export const hessianTimes = (classify: Classify, x: Tensor, vectors: Tensor): Tensor =>
  hvp((x: Tensor) => sum(decision(classify, x)), x, vectors)

const unit = (v: Tensor): Tensor => div(v, add(norm(v, { axes: 1, keepDims: true }), 1e-12))

/** ‖H v‖ with v along the signs of the gradient, the direction in which the map changes most for a small step (CURE), [n]. */
export function slopeAlongSign(classify: Classify, x: Tensor): Tensor {
  const direction = stopGradient(unit(sign(inputGradient(classify, x))))
  return norm(hessianTimes(classify, x, direction), { axes: 1 })
}

/** The Frobenius norm of H, [n], by a product with each axis: for some hundred features at most. */
export function frobenius(classify: Classify, x: Tensor): Tensor {
  const [, features] = x.shape
  const columns = vmap((axis: Tensor) => hessianTimes(classify, x, broadcastTo(expandDims(axis, 0), x.shape)))(eye(features, x.dtype))
  return norm(columns, { axes: [0, 2] })
}

/** |λ| of H's largest eigenvalue in magnitude, [n]: power iteration from the gradient, then a derivative through the last product only. */
export function topEigenvalue(classify: Classify, x: Tensor, { iterations = 8 } = {}): Tensor {
  let direction = stopGradient(unit(inputGradient(classify, x)))
  for (let i = 0; i < iterations; i++) direction = stopGradient(unit(hessianTimes(classify, x, direction)))
  return abs(sum(mul(direction, hessianTimes(classify, x, direction)), { axes: 1 }))
}

export const curvatures = { sign: slopeAlongSign, exact: frobenius, topEigen: topEigenvalue } as const
export type Curvature = keyof typeof curvatures
