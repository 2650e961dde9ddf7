import { InputError } from '../../../engine/index.ts'
import type { NoiseLevel, NoiseProcess, ProcessConfig } from '../process.ts'
import { clamp, requireTime } from './checks.ts'

/** Below it the score of data without noise of their own grows without bound (Song et al. 2021, appendix C). */
export const firstTime = 1e-5

/** What the networks of chains of 1000 steps are told runs to 999. */
export const conditionScale = 999

/** The VP SDE and its sub-VP relative (Song et al. 2021, equations 11 and 33), both with the signal a(t) = exp(−¼ t² (β₁ − β₀) − ½ t β₀). */
export function variancePreserving(config: Extract<ProcessConfig, { kind: 'vp' | 'subVp' }>): NoiseProcess {
  const [b0, b1] = config.betas
  if (!(b0 > 0 && b1 >= b0 && Number.isFinite(b1)))
    throw new InputError(`β goes from ${b0} to ${b1}`, { where: config.kind, fix: 'give two positive numbers, the least first' })
  const isSub = config.kind === 'subVp'
  const logSignal = (t: number) => -0.25 * t * t * (b1 - b0) - 0.5 * t * b0
  const noiseOf = (log: number) => (isSub ? -Math.expm1(2 * log) : Math.sqrt(-Math.expm1(2 * log)))
  const logSignalOf = (sigma: number) => (isSub ? Math.log(2 / (sigma + Math.sqrt(sigma * sigma + 4))) : -0.5 * Math.log1p(sigma * sigma))
  /** The root of ¼ (β₁ − β₀) t² + ½ β₀ t + ln a = 0, in the form that loses no digits. */
  const exactTime = (log: number) => (-4 * log) / (b0 + Math.sqrt(b0 * b0 - 4 * (b1 - b0) * log))
  const level = (log: number, time: number): NoiseLevel => ({
    signal: Math.exp(log),
    noise: noiseOf(log),
    condition: conditionScale * time,
  })

  return {
    config,
    times: [firstTime, 1],
    at(time) {
      requireTime(config.kind, time, 1)
      return level(logSignal(time), time)
    },
    timeOf: (sigma) => (sigma > 0 ? clamp(exactTime(logSignalOf(sigma)), firstTime, 1) : 0),
    levelOf: (sigma) => level(logSignalOf(sigma), clamp(exactTime(logSignalOf(sigma)), firstTime, 1)),
    shareBelow: (time) => clamp((time - firstTime) / (1 - firstTime), 0, 1),
    atShare: (share) => firstTime + share * (1 - firstTime),
    sde(time) {
      const beta = b0 + time * (b1 - b0)
      return { drift: -0.5 * beta, diffusion: Math.sqrt(isSub ? -beta * Math.expm1(4 * logSignal(time)) : beta) }
    },
  }
}
