import { add, div, mapTree, mul, power, reciprocal, scalar, sqrt, square, sub, type Tensor, zerosLike, zipTrees } from '../engine/index.ts'
import type { Optimizer } from './optimizer.ts'
import { learningRateAt, type Rate } from './schedule.ts'

export interface AdamOptions {
  readonly learningRate: Rate
  /** Decay of the first moment. */
  readonly beta1?: number
  /** Decay of the second moment. */
  readonly beta2?: number
  readonly epsilon?: number
  /** Decoupled weight decay (AdamW): each step also subtracts learningRate · weightDecay · w. */
  readonly weightDecay?: number
}

interface AdamState {
  step: Tensor
  mean: unknown
  square: unknown
}

/**
 * Adam (Kingma & Ba 2015) with bias correction; with `weightDecay`, AdamW (Loshchilov & Hutter 2019).
 *
 * @example
 * const optimizer = adam({ learningRate: 1e-3 })
 */
export function adam({ learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamOptions): Optimizer<AdamState> {
  return {
    name: weightDecay > 0 ? 'adamW' : 'adam',
    init: (params) => ({ step: scalar(0), mean: mapTree(params, zerosLike), square: mapTree(params, zerosLike) }),
    update({ gradients, state, params }) {
      const step = add(state.step, 1)
      const rate = learningRateAt(learningRate, state.step)
      const correction1 = reciprocal(sub(1, power(scalar(beta1), step)))
      const correction2 = reciprocal(sub(1, power(scalar(beta2), step)))
      const blend = (decay: number) => (old: Tensor, fresh: Tensor) => add(mul(old, decay), mul(fresh, 1 - decay))
      const mean = zipTrees([state.mean, gradients], blend(beta1))
      const second = zipTrees([state.square, mapTree(gradients, square)], blend(beta2))
      const next = zipTrees([params, mean, second], (w: Tensor, m: Tensor, v: Tensor) => {
        const direction = div(mul(m, mul(rate, correction1)), add(sqrt(mul(v, correction2)), epsilon))
        return sub(weightDecay > 0 ? mul(w, sub(1, mul(rate, weightDecay))) : w, direction)
      })
      return { params: next as typeof params, state: { step, mean, square: second } }
    },
  }
}
