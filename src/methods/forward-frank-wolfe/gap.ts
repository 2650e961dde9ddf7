import { add, grad, leaves, leavesWithPaths, mul, scalar, sub, sum, type Tensor } from '../../engine/index.ts'
import { type Constraints, oracleAt } from './constraints.ts'

/**
 * The Frank-Wolfe gap G(θ) = max over s in C of ⟨∇f(θ), θ − s⟩, with the exact gradient, over the constrained tensors. At a feasible θ it is never
 * negative; for convex f it is at least f(θ) − f*, and zero exactly at the minimum. A scalar.
 *
 * @example
 * const loss = (w: Tensor) => sum(square(w))
 * await frankWolfeGap(loss, zeros([2]), { kind: 'l2', radius: 1 }).item() // 0
 */
export function frankWolfeGap<P>(loss: (params: P) => Tensor, params: P, constraints: Constraints): Tensor {
  const gradients = leaves(grad(loss)(params)) as Tensor[]
  return leavesWithPaths(params)
    .flatMap(([path, leaf], i) => {
      const x = leaf as Tensor
      const oracle = oracleAt(constraints, path, x)
      return oracle ? [sum(mul(gradients[i], sub(x, oracle.solve(gradients[i]))))] : []
    })
    .reduce((total, part) => add(total, part), scalar(0, gradients[0].dtype) as Tensor)
}
