import { InputError } from '../../engine/index.ts'
import type { NoiseProcess } from './process.ts'
import type { SamplerConfig } from './sampling.ts'
import { type Spacing, spacedTimes } from './schedule.ts'

export interface KarrasOptions {
  readonly count: number
  readonly least?: number
  readonly most?: number
  /** Larger: more of the levels are low. */
  readonly rho?: number
}

/**
 * Levels of noise from the most to the least (Karras et al. 2022, equation 5), without the 0 that follows them.
 *
 * @example
 * karrasSigmas({ count: 18 })[1] // 57.585985
 */
export function karrasSigmas({ count, least = 0.002, most = 80, rho = 7 }: KarrasOptions): number[] {
  if (!Number.isInteger(count) || count < 1) throw new InputError(`${count} is no number of levels`, { fix: 'give a whole number from 1' })
  if (!(least > 0 && least <= most && rho > 0))
    throw new InputError(`σ from ${most} to ${least} with ρ ${rho} is no grid`, { fix: 'give 80, 0.002 and 7, say' })
  const [first, last] = [most ** (1 / rho), least ** (1 / rho)]
  return Array.from({ length: count }, (_, i) => (i === 0 ? most : (first + (i / (count - 1)) * (last - first)) ** rho))
}

export interface TimeGridOptions {
  /** Whose grid it is: `heun` and `rk45` step in σ, and take Karras's levels in SDEs too. */
  readonly sampler?: SamplerConfig['kind']
  /** Of the steps that a chain keeps. Default: `'trailing'`. */
  readonly spacing?: Spacing
}

/**
 * The times that samplers take if none are given, from the process's last to 0: `steps` + 1 of them. A chain's are evenly spaced steps; an SDE's are evenly
 * spaced (of a variance exploding one: geometric in σ), Karras's grid where the time is σ or the sampler steps in it.
 *
 * @throws InputError for more steps than a chain has.
 * @example
 * timeGrid(processOf({ kind: 'discrete', steps: 1000, schedule: 'linear' }), 4) // [1000, 750, 500, 250, 0]
 */
export function timeGrid(process: NoiseProcess, steps: number, { sampler, spacing = 'trailing' }: TimeGridOptions = {}): number[] {
  const { config, times } = process
  if (config.kind === 'discrete') return [...spacedTimes(config.steps, steps, spacing).reverse(), 0]
  if (config.kind === 'edm' || sampler === 'heun' || sampler === 'rk45') return karrasTimes(process, steps)
  if (!Number.isInteger(steps) || steps < 1) throw new InputError(`${steps} is no number of steps`, { fix: 'give a whole number from 1' })
  return Array.from({ length: steps + 1 }, (_, i) => (i === steps ? 0 : times[1] * (1 - i / steps)))
}

/**
 * Karras's levels as times of any process, from its last to 0. Of a chain each is the nearest step, and those that fall together are one.
 *
 * @example
 * karrasTimes(processOf({ kind: 'vp', betas: [0.1, 20] }), 18).length // 19
 */
export function karrasTimes(process: NoiseProcess, steps: number, rho?: number): number[] {
  const [most, least] = [process.times[1], process.times[0]].map((time) => sigmaOf(process, time))
  if (!Number.isFinite(most))
    throw new InputError('the process ends in pure noise, whose σ has no number', { fix: 'take evenly spaced times' })
  const [, ...times] = karrasSigmas({ count: steps, least, most, rho }).map((sigma) => process.timeOf(sigma))
  return [...new Set([process.times[1], ...times, 0])]
}

/**
 * noise / signal at a time.
 *
 * @example
 * sigmaOf(processOf({ kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] }), 3) // 3
 */
export function sigmaOf(process: NoiseProcess, time: number): number {
  const { signal, noise } = process.at(time)
  return noise / signal
}
