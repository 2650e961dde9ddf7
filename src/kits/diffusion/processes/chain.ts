import { InputError } from '../../../engine/index.ts'
import type { NoiseLevel, NoiseProcess, ProcessConfig } from '../process.ts'
import { makeSchedule } from '../schedule.ts'
import { clamp, requireTime } from './checks.ts'

/** A Markov chain of noise (Ho et al. 2020). Time t is its state after t steps; the network is told t − 1, an index from 0. */
export function chain(config: Extract<ProcessConfig, { kind: 'discrete' }>): NoiseProcess {
  const { steps, alphaBars } = makeSchedule(config.schedule, config.steps, config.betas)
  const logSigmas = alphaBars.map((alphaBar) => 0.5 * Math.log((1 - alphaBar) / alphaBar))

  /** Where σ lies among the steps, 1 … steps, with fractions linear in ln σ. */
  const position = (sigma: number): number => {
    const wanted = Math.log(sigma)
    let [low, high] = [1, steps]
    if (wanted <= logSigmas[low]) return low
    if (wanted >= logSigmas[high]) return high
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (logSigmas[middle] <= wanted) low = middle
      else high = middle
    }
    return low + (wanted - logSigmas[low]) / (logSigmas[high] - logSigmas[low])
  }

  return {
    config,
    times: [1, steps],
    at(time): NoiseLevel {
      requireTime('discrete', time, steps)
      if (!Number.isInteger(time)) throw new InputError(`time ${time} lies between two steps of a chain`, { fix: 'give a whole number' })
      return { signal: Math.sqrt(alphaBars[time]), noise: Math.sqrt(1 - alphaBars[time]), condition: Math.max(0, time - 1) }
    },
    timeOf: (sigma) => (sigma > 0 ? Math.round(position(sigma)) : 0),
    levelOf(sigma) {
      const signal = 1 / Math.sqrt(1 + sigma * sigma)
      return { signal, noise: sigma * signal, condition: position(sigma) - 1 }
    },
    shareBelow: (time) => clamp((time - 1) / steps, 0, 1),
    atShare: (share) => clamp(1 + Math.floor(share * steps), 1, steps),
    sde(time) {
      // The rate that is constant over step (t − 1, t] and takes ᾱ_{t−1} to ᾱ_t.
      const t = clamp(Math.ceil(time), 1, steps)
      const rate = Math.log(alphaBars[t - 1] / alphaBars[t])
      return { drift: -0.5 * rate, diffusion: Math.sqrt(rate) }
    },
  }
}
