import type { NoiseProcess } from '../../process.ts'
import type { Step } from '../plan.ts'

export interface Law {
  readonly mean: number
  readonly variance: number
  /** Of the beginning's deviation in the end. */
  readonly gain: number
}

/** A state within a step: its mean, and its coefficients of the deviation with which the step began and of the noises drawn since. */
interface State {
  readonly mean: number
  readonly coefficients: readonly number[]
}

/** factor · state, added up, plus a number. */
function combined(parts: readonly (readonly [factor: number, state: State])[], constant = 0): State {
  const length = Math.max(...parts.map(([, { coefficients }]) => coefficients.length))
  return {
    mean: parts.reduce((sum, [factor, { mean }]) => sum + factor * mean, constant),
    coefficients: Array.from({ length }, (_, i) =>
      parts.reduce((sum, [factor, { coefficients }]) => sum + factor * (coefficients[i] ?? 0), 0),
    ),
  }
}

/**
 * What a plan makes, in float64 and without sampling, of data N(mean, lambda) in one dimension, for which E[x₀ | x] is linear: the law of its end when it
 * begins with the exact law of time `begin`.
 */
export function lawOf(
  process: NoiseProcess,
  plan: readonly Step[],
  { mean, lambda, begin }: { readonly mean: number; readonly lambda: number; readonly begin: number },
): Law {
  const { signal, noise } = process.at(begin)
  return plan.reduce<Law>((law, step) => afterStep(process, step, law, mean, lambda), {
    mean: signal * mean,
    variance: signal ** 2 * lambda + noise ** 2,
    gain: 1,
  })
}

function afterStep(process: NoiseProcess, { churn, moves }: Step, before: Law, mean: number, lambda: number): Law {
  let noises = 0
  const drawn = (): State => ({ mean: 0, coefficients: [...Array(++noises).fill(0), 1] })
  let x: State = { mean: before.mean, coefficients: [1] }
  if (churn)
    x = combined([
      [churn.scale, x],
      [churn.noise, drawn()],
    ])
  const start = x
  for (const { time, a, b, c, w } of moves) {
    const { signal, noise } = process.at(time)
    const slope = (signal * lambda) / (signal ** 2 * lambda + noise ** 2)
    const x0 = combined([[slope, x]], mean - slope * signal * mean)
    x = combined([
      [a, x],
      [b, x0],
      [c, w === 'start' ? start : drawn()],
    ])
  }
  const [kept, ...added] = x.coefficients
  return {
    mean: x.mean,
    variance: kept ** 2 * before.variance + added.reduce((sum, value) => sum + value ** 2, 0),
    gain: kept * before.gain,
  }
}
