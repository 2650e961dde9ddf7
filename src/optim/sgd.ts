import { add, cast, mapTree, mul, scalar, sub, type Tensor, zerosLike, zipTrees } from '../engine/index.ts'
import { requireBelowOne, requireNotNegative, requirePositive } from './checks.ts'
import type { Optimizer } from './optimizer.ts'
import { learningRateAt, type Rate } from './schedule.ts'

export interface SgdOptions {
  readonly learningRate: Rate
  /** Heavy-ball momentum: v ← momentum · v + g, w ← w − rate · v. */
  readonly momentum?: number
  /** Added to the gradient as weightDecay · w. */
  readonly weightDecay?: number
}

interface SgdState {
  step: Tensor
  velocity: unknown
}

/**
 * Stochastic gradient descent with momentum.
 *
 * @example
 * const optimizer = sgd({ learningRate: 0.1, momentum: 0.9 })
 */
export function sgd({ learningRate, momentum = 0, weightDecay = 0 }: SgdOptions): Optimizer<SgdState> {
  if (typeof learningRate === 'number') requirePositive('sgd', 'learningRate', learningRate)
  requireBelowOne('sgd', 'momentum', momentum)
  requireNotNegative('sgd', 'weightDecay', weightDecay)
  return {
    name: 'sgd',
    init: (params) => ({ step: scalar(0), velocity: mapTree(params, (w: Tensor) => zerosLike(w)) }),
    update({ gradients, state, params }) {
      const rate = learningRateAt(learningRate, state.step)
      const velocity = zipTrees([state.velocity, gradients, params], (v: Tensor, g: Tensor, w: Tensor) =>
        add(mul(v, momentum), weightDecay > 0 ? add(g, mul(w, weightDecay)) : g),
      )
      const next = zipTrees([params, velocity], (w: Tensor, v: Tensor) => sub(w, mul(v, cast(rate, w.dtype))))
      return { params: next as typeof params, state: { step: add(state.step, 1), velocity } }
    },
  }
}
