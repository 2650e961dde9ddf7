import { add, cast, div, mapTree, mul, scalar, sub, type Tensor, zerosLike, zipTrees } from '../../engine/index.ts'
import { learningRateAt, type Optimizer, type Rate, requirePositive } from '../../optim/index.ts'

interface DualMomentumState {
  readonly step: Tensor
  readonly momentum: unknown
}

/**
 * Dual acceleration (Ji, Srebro & Telgarsky 2021): momentum g ← t/(t + 1)·(g + ∇), w ← w − η(g + ∇), which is Nesterov's method in the dual. On log L
 * of separable data its margin gap falls like 1/t².
 *
 * @example
 * dualMomentum({ learningRate: 1 }).name // 'dualMomentum'
 */
export function dualMomentum({ learningRate }: { readonly learningRate: Rate }): Optimizer<DualMomentumState> {
  if (typeof learningRate === 'number') requirePositive('dualMomentum', 'learningRate', learningRate)
  return {
    name: 'dualMomentum',
    init: (params) => ({ step: scalar(0), momentum: mapTree(params, (w: Tensor) => zerosLike(w)) }),
    update({ gradients, state, params }) {
      const rate = learningRateAt(learningRate, state.step)
      const beta = div(state.step, add(state.step, 1))
      const momentum = zipTrees([state.momentum, gradients], (old: Tensor, g: Tensor) => mul(add(old, g), cast(beta, g.dtype)))
      const next = zipTrees([params, momentum, gradients], (w: Tensor, m: Tensor, g: Tensor) => sub(w, mul(add(m, g), cast(rate, w.dtype))))
      return { params: next as typeof params, state: { step: add(state.step, 1), momentum } }
    },
  }
}
