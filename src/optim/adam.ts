import { add, cast, div, mapTree, mul, power, scalar, sqrt, square, sub, type Tensor, zerosLike, zipTrees } from '../engine/index.ts'
import { requireBelowOne, requireNotNegative, requirePositive } from './checks.ts'
import { type Decays, decayOf } from './decay.ts'
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
  /** Which parameters decay. Default: all. */
  readonly decays?: Decays
  /**
   * Whose steps the bias correction counts: those of the whole state, or of each parameter, so that moments can be dropped and begun again while `step`,
   * which the learning rate follows, goes on.
   */
  readonly counters?: 'shared' | 'each'
}

interface AdamState {
  step: Tensor
  /** Each parameter's own steps, where they are counted. */
  counts?: unknown
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
export function adam({
  learningRate,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  weightDecay = 0,
  decays,
  counters = 'shared',
}: AdamOptions): Optimizer<AdamState> {
  if (typeof learningRate === 'number') requirePositive('adam', 'learningRate', learningRate)
  for (const [name, value] of Object.entries({ beta1, beta2 })) requireBelowOne('adam', name, value)
  for (const [name, value] of Object.entries({ epsilon, weightDecay })) requireNotNegative('adam', name, value)

  /** rate · m̂ / (√v̂ + ε) is factor · Σ β₁ᵏ g / (√(Σ β₂ᵏ g²) + floor), with √v̂'s scale taken out of the fraction. */
  const scalesAt = (count: Tensor, rate: Tensor) => {
    // m̂ = (1 − β₁) Σ β₁ᵏ g / (1 − β₁ᵗ), v̂ likewise.
    const meanScale = div(1 - beta1, sub(1, power(scalar(beta1), count)))
    const rootScale = sqrt(div(1 - beta2, sub(1, power(scalar(beta2), count))))
    return { factor: div(mul(rate, meanScale), rootScale), floor: div(epsilon, rootScale) }
  }

  return {
    name: weightDecay > 0 ? 'adamW' : 'adam',
    init: (params) => ({
      step: scalar(0),
      ...(counters === 'each' && { counts: mapTree(params, () => scalar(0)) }),
      sum: mapTree(params, zeroed),
      squares: mapTree(params, zeroed),
    }),
    update({ gradients, state, params }) {
      const step = add(state.step, 1)
      const rate = learningRateAt(learningRate, state.step)
      const counts = state.counts && mapTree(state.counts, (count: Tensor) => add(count, 1))
      const sums = zipTrees([state.sum, gradients], (old: Tensor, g: Tensor) => add(mul(old, beta1), g))
      const squares = zipTrees([state.squares, gradients], (old: Tensor, g: Tensor) => add(mul(old, beta2), square(g)))
      const own = counts ?? mapTree(params, () => step)
      const next = zipTrees(
        [params, sums, squares, own, decayOf(params, weightDecay, decays)],
        (w: Tensor, m: Tensor, v: Tensor, count: Tensor, decay: number) => {
          const { factor, floor } = scalesAt(count, rate)
          const direction = mul(div(m, add(sqrt(v), cast(floor, w.dtype))), cast(factor, w.dtype))
          return sub(decay > 0 ? mul(w, cast(sub(1, mul(rate, decay)), w.dtype)) : w, direction)
        },
      )
      return { params: next as typeof params, state: { step, ...(counts !== undefined && { counts }), sum: sums, squares } }
    },
  }
}

const zeroed = (w: Tensor): Tensor => zerosLike(w)
