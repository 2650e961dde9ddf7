import type { Optimizer } from '../../optim/optimizer.ts'
import { type DualAveragingOptions, type DualAveragingState, dualAveragingOptimizer } from './dual-averaging.ts'
import type { SubproblemOptions } from './subproblem.ts'

export interface RamdaOptions extends DualAveragingOptions {
  /** ε of the preconditioner ∛U + ε; falls with the learning rate. Default 1e-6. */
  readonly epsilon?: number
  readonly subproblem?: SubproblemOptions
  /** false, a control: W₀ ← W, V, α ← 0 before every step and s = η. */
  readonly dualAveraging?: boolean
  /** false, a control: the subproblem sees s_t ψ in place of α_t ψ. */
  readonly accumulateRegularizer?: boolean
}

/**
 * Regularized adaptive momentum dual averaging (Huang & Lee, NeurIPS 2024): weighted sums of all gradients of a stage, a diagonal
 * preconditioner by cube roots, and a regularizer whose weight grows with the sums, so that the pattern of zeros settles. Tensors without
 * regularizer follow MADGRAD.
 *
 * @example
 * const optimizer = ramda({ learningRate: 1e-2, regularizer: groupLasso(1e-3), milestones: [630, 1260], steps: 1890 })
 */
export const ramda = ({ epsilon = 1e-6, ...options }: RamdaOptions): Optimizer<DualAveragingState> =>
  dualAveragingOptimizer({ ...options, epsilon, name: 'ramda' })

export { type DualAveragingState, solutionOf } from './dual-averaging.ts'
