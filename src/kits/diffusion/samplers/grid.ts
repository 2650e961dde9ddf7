import { InputError } from '../../../engine/index.ts'
import type { NoiseProcess } from '../process.ts'
import type { SampleOptions, SamplerConfig } from '../sampling.ts'

/** ρ of Karras et al. 2022, eq. 5. */
const rho = 7

/**
 * `steps` times from the last one down, and 0. A chain's are spaced evenly; in `edm`, and for samplers that step in σ (`heun`, `rk45`), σ^(1/7) is; otherwise
 * the time is.
 *
 * @throws InputError where a chain has fewer steps.
 */
export function defaultTimes(process: NoiseProcess, kind: SamplerConfig['kind'], steps: number): number[] {
  if (!Number.isInteger(steps) || steps < 1) throw new InputError(`${steps} steps: a whole number from 1 is needed`)
  const { config } = process
  if (config.kind === 'discrete') return [...chainTimes(config.steps, steps), 0]
  const [first, last] = process.times
  if (config.kind === 'edm' || kind === 'heun' || kind === 'rk45') return [...sigmaTimes(process, steps), 0]
  return [...evenly(last, first, steps), 0]
}

/** `count` numbers from one to the other. */
const evenly = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (i === 0 ? from : from + ((to - from) * i) / (count - 1)))

/** `kept` of the steps of a chain, the last first ("trailing": the first step kept is the chain's last). */
function chainTimes(steps: number, kept: number): number[] {
  if (kept > steps) throw new InputError(`${kept} steps of a chain of ${steps}`, { fix: `ask for ${steps} at most` })
  return Array.from({ length: kept }, (_, i) => Math.round(steps - (i * steps) / kept))
}

function sigmaTimes(process: NoiseProcess, count: number): number[] {
  const [first, last] = process.times
  const [least, most] = [first, last].map((time) => sigmaAt(process, time) ** (1 / rho))
  return evenly(most, least, count).map((root, i) => (i === 0 ? last : i === count - 1 ? first : process.timeOf(root ** rho)))
}

export function sigmaAt(process: NoiseProcess, time: number): number {
  const { signal, noise } = process.at(time)
  return noise / signal
}

export interface Grid {
  /** Decreasing. */
  readonly times: readonly number[]
  /** Index of the time at which sampling starts. */
  readonly begin: number
}

/** The grid of a run, and where on it the run starts. */
export function gridOf(process: NoiseProcess, { sampler, steps, times, start }: Pick<SampleOptions, 'sampler' | 'steps' | 'times' | 'start'>): Grid {
  const all = times ?? defaultTimes(process, sampler.kind, steps)
  if (all.length < 2) throw new InputError(`${all.length} times: a grid has at least two`)
  const rise = all.findIndex((time, i) => i > 0 && !(time < all[i - 1]))
  if (rise >= 0) throw new InputError(`times fall, but time ${all[rise]} follows ${all[rise - 1]}`)
  for (const time of all) process.at(time) // refuses what lies outside of the process
  return { times: all, begin: start ? indexOf(all, start.time) : 0 }
}

function indexOf(times: readonly number[], time: number): number {
  const found = times.findIndex((each) => Math.abs(each - time) <= 1e-9 * times[0])
  if (found >= 0 && found < times.length - 1) return found
  const near = times.slice(0, -1).reduce((best, each) => (Math.abs(each - time) < Math.abs(best - time) ? each : best))
  throw new InputError(`sampling cannot start at time ${time}, which is none of its ${times.length - 1} times above the last`, {
    fix: `the nearest is ${near}`,
  })
}
