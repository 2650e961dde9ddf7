import type { NoiseProcess } from '../../process.ts'
import type { Step } from '../plan.ts'

/** A Gaussian variable in one dimension: its mean, and its coefficients of independent standard normal numbers. The first is that of the beginning. */
interface Variable {
  readonly mean: number
  readonly coefficients: Float64Array
}

const combined = (parts: readonly (readonly [number, Variable])[], mean = 0): Variable => ({
  mean: parts.reduce((sum, [factor, part]) => sum + factor * part.mean, mean),
  coefficients: parts[0][1].coefficients.map((_, i) => parts.reduce((sum, [factor, part]) => sum + factor * part.coefficients[i], 0)),
})

export interface Law {
  readonly mean: number
  readonly variance: number
  /** Of the beginning's deviation in the end. */
  readonly gain: number
}

/**
 * What a plan makes, in float64 and without sampling, of data N(mean, lambda) in one dimension, for which E[x₀ | x] is linear: the law of its end when it
 * begins with the exact law of its first time.
 */
export function lawOf(
  process: NoiseProcess,
  plan: readonly Step[],
  { mean, lambda, begin }: { readonly mean: number; readonly lambda: number; readonly begin: number },
): Law {
  const count = 1 + plan.reduce((sum, { moves, churn }) => sum + moves.length + (churn ? 1 : 0), 0)
  let used = 1
  const unit = (at: number): Variable => ({ mean: 0, coefficients: Float64Array.from({ length: count }, (_, i) => Number(i === at)) })
  const { signal, noise } = process.at(begin)
  const deviation = Math.sqrt(signal ** 2 * lambda + noise ** 2)
  let x: Variable = combined([[deviation, unit(0)]], signal * mean)
  for (const { churn, moves } of plan) {
    if (churn)
      x = combined([
        [churn.scale, x],
        [churn.noise, unit(used++)],
      ])
    const start = x
    for (const { time, a, b, c, w } of moves) {
      const level = process.at(time)
      const slope = (level.signal * lambda) / (level.signal ** 2 * lambda + level.noise ** 2)
      const x0 = combined([[slope, x]], mean - slope * level.signal * mean)
      x = combined([
        [a, x],
        [b, x0],
        [c, w === 'start' ? start : unit(used++)],
      ])
    }
  }
  return {
    mean: x.mean,
    variance: x.coefficients.reduce((sum, value) => sum + value ** 2, 0),
    gain: x.coefficients[0] / deviation,
  }
}
