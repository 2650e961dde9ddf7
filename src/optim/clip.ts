import { add, cast, div, leaves, mapTree, minimum, mul, sqrt, square, sum, type Tensor } from '../engine/index.ts'
import { requirePositive } from './checks.ts'
import type { Optimizer } from './optimizer.ts'

/**
 * The sum of the squares of all elements of a tree, a float32 scalar. Sums of the parts of a tree add up to that of the whole.
 *
 * @example
 * await squaredNorm({ a: tensor([3]), b: tensor([[4]]) }).item() // 25
 */
export const squaredNorm = (tree: unknown): Tensor =>
  (leaves(tree) as Tensor[]).map((g) => cast(sum(square(g)), 'float32')).reduce((total, part) => add(total, part))

/**
 * The factor that brings a gradient of this norm down to `maxNorm`, as PyTorch's clip_grad_norm_ has it: min(1, maxNorm / (norm + 1e-6)).
 *
 * @example
 * await clipFactor(tensor(5), 1).item() // 0.2
 */
export const clipFactor = (norm: Tensor, maxNorm: number): Tensor => minimum(1, div(maxNorm, add(norm, 1e-6)))

/**
 * The same optimizer on gradients whose norm, over all parameters together, is at most `maxNorm`. It reports the norm before as `gradientNorm`.
 *
 * @example
 * const optimizer = clipByGlobalNorm(adam({ learningRate: 1e-3 }), 1)
 */
export function clipByGlobalNorm<S>(optimizer: Optimizer<S>, maxNorm: number): Optimizer<S> {
  requirePositive('clipByGlobalNorm', 'maxNorm', maxNorm)
  return {
    ...optimizer,
    update({ gradients, state, params }) {
      const norm = sqrt(squaredNorm(gradients))
      const factor = clipFactor(norm, maxNorm)
      const clipped = mapTree<typeof gradients>(gradients, (g: Tensor) => mul(g, cast(factor, g.dtype)))
      const next = optimizer.update({ gradients: clipped, state, params })
      return { ...next, report: { ...next.report, gradientNorm: norm } }
    },
  }
}
