import type { NDArray } from '../../engine/index.ts'
import { certify, exactMaxMargin, marginOf, provesInseparable, scoresOf } from './exact.ts'
import { perceptron } from './perceptron.ts'
import { largestRadius } from './prgd.ts'
import { defaultBudget, rescaling, rhoOf, type Schedule } from './schedule.ts'
import { follow, type RuleName, type RunSettings, type Trajectory } from './trajectory.ts'

export const separatorNames = ['prgd', 'ngd', 'gd', 'dualMomentum', 'perceptron', 'svm'] as const
export type SeparatorName = (typeof separatorNames)[number]

/**
 * - converged: the certificate leaves at most `tolerance` to gain, in relation to the bound.
 * - frozen: all steps to come of this schedule together cannot turn w by as much as the certificate leaves to gain.
 * - radius-limit: the norm has reached the size at which steps are lost in rounding.
 * - unfinished: more steps would help.
 * - not-separable: proven; a weighted mean of the signed examples is zero.
 * - not-separated: no separating plane found, and no proof that there is none.
 */
export type Status = 'converged' | 'frozen' | 'radius-limit' | 'unfinished' | 'not-separable' | 'not-separated'

export interface MaxMarginOptions {
  readonly method?: SeparatorName
  /** η; `auto` (default) tries 1, 2, 4, 8 and 16 side by side and keeps the largest margin. Of gradient methods. */
  readonly learningRate?: number | 'auto'
  /** Of gradient methods; passes through the data of the perceptron. Default 2,000. */
  readonly steps?: number
  /** Normalized steps before PRGD's first stage. Default 100. */
  readonly warmup?: number
  /** PRGD's radii. Default: a growth of 1e5 spent over the steps. */
  readonly schedule?: Schedule
  /** Relative gap that counts as converged. Default 1e-3. */
  readonly tolerance?: number
  progress?(done: number, total: number): Promise<void>
}

export interface MarginResult {
  readonly method: SeparatorName
  /** The unit vector found. */
  readonly weights: Float64Array
  readonly margin: number
  /** No vector has a larger margin than this: see `certify`. */
  readonly upperBound: number
  readonly status: Status
  /** Examples whose score is at most 1 % above the least. */
  readonly support: readonly number[]
  /** Of gradient methods. */
  readonly learningRate?: number
  /** The largest angle by which all steps to come of PRGD's schedule together can turn w; infinite where there is no such limit. */
  readonly reach?: number
  /** γ(w_t), ‖w_t‖ and log L at each step, of gradient methods. */
  readonly trajectory?: Trajectory
}

const learningRates = [1, 2, 4, 8, 16]

/** Separates signed examples (see `signExamples`) by as large a margin as the method finds. */
export async function maxMargin(z: NDArray, options: MaxMarginOptions = {}): Promise<MarginResult> {
  const { method = 'prgd', steps = 2000, tolerance = 1e-3 } = options
  if (method === 'svm') {
    const best = exactMaxMargin(z)
    return result(z, method, best.weights, best, tolerance)
  }
  if (method === 'perceptron') {
    const w = perceptron(z, { passes: steps })
    return result(z, method, w, certify(z, w), tolerance)
  }
  const { run, settings, limits } = await bestRun(z, method, options)
  const found = result(z, method, run.weights, certify(z, run.weights), tolerance)
  const limited = limits(run)
  const status = found.status === 'unfinished' ? limitedBy(limited, found.upperBound - found.margin) : found.status
  return { ...found, status, learningRate: settings.learningRate, reach: limited.reach, trajectory: run }
}

interface Limits {
  readonly reach: number
  readonly atLargestRadius: boolean
}

function limitedBy({ reach, atLargestRadius }: Limits, missing: number): Status {
  if (atLargestRadius) return 'radius-limit'
  // Turning a unit vector by an angle changes the score of an example no longer than 1 by no more than that angle.
  return reach < missing ? 'frozen' : 'unfinished'
}

async function bestRun(z: NDArray, method: RuleName & SeparatorName, options: MaxMarginOptions) {
  const { learningRate = 'auto', steps = 2000, warmup = 100, schedule = { kind: 'budget' }, progress } = options
  const rates = learningRate === 'auto' ? learningRates : [learningRate]
  const { rule, growth, interval } = method === 'prgd' ? stages(schedule, { warmup, steps }) : { rule: method, growth: 1, interval: 1 }
  const runs: RunSettings[] = rates.map((learningRate) => ({ learningRate, warmup, interval, growth }))
  const found = await follow(z, { rule, runs, steps, progress })
  const margins = found.map(({ weights }) => marginOf(z, weights))
  const best = margins.reduce((best, margin, i) => (margin > margins[best] || Number.isNaN(margins[best]) ? i : best), 0)
  const settings = runs[best]
  const limits = ({ radius }: Trajectory): Limits => ({
    // η Σ τ/R_k of an endless geometric schedule.
    reach: rule === 'prgd' ? (settings.learningRate * interval) / (radius[steps] * (1 - 1 / growth)) : Number.POSITIVE_INFINITY,
    atLargestRadius: method === 'prgd' && radius[steps] >= settings.learningRate * largestRadius('float64'),
  })
  return { run: found[best], settings, limits }
}

/** A schedule as the settings of a compiled run. */
function stages(schedule: Schedule, budget: { warmup: number; steps: number }) {
  rescaling(schedule, budget)
  const { interval = defaultBudget.interval } = schedule
  if (schedule.kind === 'polynomial') return { rule: 'prgdPolynomial' as const, growth: schedule.degree, interval }
  return { rule: 'prgd' as const, growth: rhoOf(schedule, budget), interval }
}

function result(
  z: NDArray,
  method: SeparatorName,
  w: Float64Array,
  { margin, upperBound }: { margin: number; upperBound: number },
  tolerance: number,
): MarginResult {
  const length = Math.hypot(...w)
  const weights = w.map((value) => value / length)
  const near = margin + 0.01 * Math.abs(margin)
  const support = [...scoresOf(z, weights).entries()].flatMap(([i, score]) => (score <= near ? [i] : []))
  return { method, weights, margin, upperBound, support, status: statusOf(z, margin, upperBound, tolerance) }
}

function statusOf(z: NDArray, margin: number, upperBound: number, tolerance: number): Status {
  if (!(margin > 0)) return provesInseparable(exactMaxMargin(z)) ? 'not-separable' : 'not-separated'
  return upperBound - margin <= tolerance * upperBound ? 'converged' : 'unfinished'
}
