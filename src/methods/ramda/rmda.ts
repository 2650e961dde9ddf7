import type { Optimizer } from '../../optim/optimizer.ts'
import { type DualAveragingOptions, type DualAveragingState, dualAveragingOptimizer } from './dual-averaging.ts'

export type RmdaOptions = DualAveragingOptions

/**
 * Regularized momentum dual averaging (Huang & Lee, ICLR 2022): RAMDA with the scalar √t in place of the preconditioner. Every subproblem is
 * one prox: What = prox of (α/√t) ψ at W₀ − V/√t.
 *
 * @example
 * rmda({ learningRate: 1e-2, regularizer: groupLasso(1e-3) }).name // 'rmda'
 */
export const rmda = (options: RmdaOptions): Optimizer<DualAveragingState> =>
  dualAveragingOptimizer({ ...options, epsilon: null, name: 'rmda' })
