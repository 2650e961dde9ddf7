import { InputError } from '../../../engine/index.ts'
import { timeGrid } from '../grid.ts'
import type { NoiseProcess } from '../process.ts'
import type { SampleOptions } from '../sampling.ts'

export interface Grid {
  /** Decreasing. */
  readonly times: readonly number[]
  /** Index of the time at which sampling starts. */
  readonly begin: number
}

/** The grid of a run, and where on it the run starts. */
export function gridOf(
  process: NoiseProcess,
  { sampler, steps, times, start }: Pick<SampleOptions, 'sampler' | 'steps' | 'times' | 'start'>,
): Grid {
  const all = times ?? timeGrid(process, steps, { sampler: sampler.kind })
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
