import type { NDArray } from '../../engine/index.ts'
import { marginOf } from './exact.ts'
import type { MaxMarginOptions, SeparatorName } from './max-margin.ts'
import { largestRadius } from './prgd.ts'
import { defaultBudget, reachOf, rescaling, rhoOf, type Schedule } from './schedule.ts'
import { follow, type RuleName, type RunSettings, type Trajectory } from './trajectory.ts'

/** A gradient method's run at the learning rate that served it best. */
export interface Run {
  readonly rule: RuleName
  readonly settings: RunSettings
  readonly trajectory: Trajectory
  /** The largest angle by which all steps after step t of PRGD's schedule together can turn w, of each t; infinite where there is no such limit. */
  readonly reach: Float64Array
  readonly atLargestRadius: boolean
}

const learningRates = [1, 2, 4, 8, 16]

/** Follows one learning rate, or all of a grid side by side, and keeps the largest margin; a run that went to infinity is never it. */
export async function bestRun(
  z: NDArray,
  method: RuleName & SeparatorName,
  {
    learningRate = 'auto',
    steps,
    warmup = 100,
    schedule = { kind: 'budget' },
    loss,
    progress,
  }: MaxMarginOptions & { readonly steps: number },
): Promise<Run> {
  const rates = learningRate === 'auto' ? learningRates : [learningRate]
  const { rule, growth, interval } = method === 'prgd' ? stages(schedule, { warmup, steps }) : { rule: method, growth: 1, interval: 1 }
  const runs: RunSettings[] = rates.map((learningRate) => ({ learningRate, warmup, interval, growth }))
  const found = await follow(z, { rule, runs, steps, loss, progress })
  const margins = found.map(({ weights }) => marginOf(z, weights))
  const best = margins.reduce((best, margin, i) => (margin > margins[best] || Number.isNaN(margins[best]) ? i : best), 0)
  const [trajectory, settings] = [found[best], runs[best]]
  return {
    rule,
    settings,
    trajectory,
    reach: trajectory.radius.map((radius, t) => reachAt(rule, settings, radius, t - warmup)),
    atLargestRadius: method === 'prgd' && trajectory.radius[steps] >= settings.learningRate * largestRadius('float64'),
  }
}

/** A schedule as the settings of a compiled run. */
function stages(schedule: Schedule, budget: { warmup: number; steps: number }) {
  rescaling(schedule, budget)
  const { interval = defaultBudget.interval } = schedule
  if (schedule.kind === 'polynomial') return { rule: 'prgdPolynomial' as const, growth: schedule.degree, interval }
  return { rule: 'prgd' as const, growth: rhoOf(schedule, budget), interval }
}

/** So many steps after the warm-up. */
function reachAt(rule: RuleName, { learningRate, interval = 1, growth = 1 }: RunSettings, radius: number, step: number): number {
  if (!rule.startsWith('prgd') || step < 0) return Number.POSITIVE_INFINITY
  const kind = rule === 'prgdPolynomial' ? 'polynomial' : 'exponential'
  return reachOf({ kind, learningRate, interval, growth, radius, stage: Math.floor(step / interval) })
}
