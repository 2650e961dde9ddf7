import { add, cast, div, mapTree, mul, power, scalar, sqrt, square, sub, type Tensor, zerosLike, zipTrees } from '../engine/index.ts'
import { requireBelowOne, requireNotNegative, requirePositive } from './checks.ts'
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
  /** Σ β₁ᵏ g, the first moment before its factor 1 − β₁. */
  sum: unknown
  /** Σ β₂ᵏ g², likewise. Factors that all elements share are applied to scalars: a pass over the parameters costs memory traffic. */
  squares: unknown
}

/**
 * Adam (Kingma & Ba 2015) with bias correction; with `weightDecay`, AdamW (Loshchilov & Hutter 2019).
 *
 * @example
 * const optimizer = adam({ learningRate: 1e-3 })
 */
export function adam({ learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamOptions): Optimizer<AdamState> {
  if (typeof learningRate === 'number') requirePositive('adam', 'learningRate', learningRate)
  for (const [name, value] of Object.entries({ beta1, beta2 })) requireBelowOne('adam', name, value)
  for (const [name, value] of Object.entries({ epsilon, weightDecay })) requireNotNegative('adam', name, value)
  return {
    name: weightDecay > 0 ? 'adamW' : 'adam',
    init: (params) => ({ step: scalar(0), sum: mapTree(params, zeroed), squares: mapTree(params, zeroed) }),
    update({ gradients, state, params }) {
      const step = add(state.step, 1)
      const rate = learningRateAt(learningRate, state.step)
      // m̂ = (1 − β₁) Σ β₁ᵏ g / (1 − β₁ᵗ), v̂ likewise.
      const meanScale = div(1 - beta1, sub(1, power(scalar(beta1), step)))
      const rootScale = sqrt(div(1 - beta2, sub(1, power(scalar(beta2), step))))
      const sums = zipTrees([state.sum, gradients], (old: Tensor, g: Tensor) => add(mul(old, beta1), g))
      const squares = zipTrees([state.squares, gradients], (old: Tensor, g: Tensor) => add(mul(old, beta2), square(g)))
      // rate · m̂ / (√v̂ + ε), with √v̂'s scale taken out of the fraction.
      const factor = div(mul(rate, meanScale), rootScale)
      const floor = div(epsilon, rootScale)
      const next = zipTrees([params, sums, squares], (w: Tensor, m: Tensor, v: Tensor) => {
        const direction = mul(div(m, add(sqrt(v), cast(floor, w.dtype))), cast(factor, w.dtype))
        return sub(weightDecay > 0 ? mul(w, cast(sub(1, mul(rate, weightDecay)), w.dtype)) : w, direction)
      })
      return { params: next as typeof params, state: { step, sum: sums, squares } }
    },
  }
}

const zeroed = (w: Tensor): Tensor => zerosLike(w)
