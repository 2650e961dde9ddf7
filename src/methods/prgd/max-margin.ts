import type { NDArray } from '../../engine/index.ts'
import { bestRun, type Run } from './best-run.ts'
import { contractionOf } from './contraction.ts'
import { type Certificate, certify, exactMaxMargin, provesInseparable, scoresOf } from './exact.ts'
import type { LossName } from './margin.ts'
import { perceptron } from './perceptron.ts'
import type { Schedule } from './schedule.ts'
import type { Trajectory } from './trajectory.ts'

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
  /** L, of gradient methods. Default exponential, the loss of the analysis. */
  readonly loss?: LossName
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
  /** What the support vectors allow, of PRGD and normalized gradient descent where the data are not proven inseparable. */
  readonly limits?: {
    /** 2/λ_max: a larger η overshoots at a fixed norm. */
    readonly learningRate: number
    /** ηλ_min: a norm that grows faster a step outruns the direction. */
    readonly growth: number
    /** κ = ln ρ/τ, how fast PRGD's norm does grow, with geometric radii. */
    readonly kappa?: number
  }
  /** γ(w_t), ‖w_t‖, log L and the angle still within reach at each step, of gradient methods. */
  readonly trajectory?: Trajectory & Pick<Run, 'reach'>
}

/**
 * Separates signed examples (see `signExamples`) by as large a margin as the method finds.
 *
 * @example
 * const x = { data: Float64Array.of(1, 2, -1, -2, 2, 0, -2, 1), shape: [4, 2], dtype: 'float64' } as const
 * const { z } = signExamples(x, [1, -1, 1, -1])
 * const { margin, upperBound, weights } = await maxMargin(z, { steps: 500 })
 * margin <= upperBound // true
 */
export async function maxMargin(z: NDArray, options: MaxMarginOptions = {}): Promise<MarginResult> {
  const { method = 'prgd', steps = 2000, tolerance = 1e-3 } = options
  if (method === 'svm') {
    const best = exactMaxMargin(z)
    return result(z, method, best.weights, { ...best, inseparable: provesInseparable(best) }, tolerance)
  }
  if (method === 'perceptron') {
    const w = perceptron(z, { passes: steps })
    return result(z, method, w, proofOf(z, w), tolerance)
  }
  const run = await bestRun(z, method, { ...options, steps })
  const { trajectory, reach, settings } = run
  const proof = proofOf(z, trajectory.weights)
  const found = result(z, method, trajectory.weights, proof, tolerance)
  return {
    ...found,
    status: found.status === 'unfinished' ? limitedBy(run, found.upperBound - found.margin) : found.status,
    learningRate: settings.learningRate,
    ...(!proof.inseparable && { limits: await limitsOf(z, proof, run) }),
    trajectory: { ...trajectory, reach },
  }
}

interface Proof extends Certificate {
  readonly inseparable: boolean
}

/** What w reaches and the proof of how much more is possible; where w does not separate, the exact solver's, which knows whether anything does. */
function proofOf(z: NDArray, w: Float64Array): Proof {
  const own = certify(z, w)
  if (own.margin > 0) return { ...own, inseparable: false }
  const best = exactMaxMargin(z)
  return { ...best, margin: own.margin, inseparable: provesInseparable(best) }
}

function limitedBy({ reach, atLargestRadius }: Run, missing: number): Status {
  if (atLargestRadius) return 'radius-limit'
  // Turning a unit vector by an angle changes the score of an example no longer than 1 by no more than that angle.
  return reach.at(-1)! < missing ? 'frozen' : 'unfinished'
}

/** What the support vectors, as far as the certificate knows them, allow normalized steps. */
async function limitsOf(z: NDArray, { multipliers }: Certificate, { rule, settings }: Run): Promise<MarginResult['limits']> {
  if (!rule.startsWith('prgd') && rule !== 'ngd') return undefined
  const { least, largest } = await contractionOf(z, multipliers)
  if (largest === 0) return undefined
  const { learningRate, interval = 1, growth = 1 } = settings
  return {
    learningRate: 2 / largest,
    growth: learningRate * least,
    ...(rule === 'prgd' && { kappa: Math.log(growth) / interval }),
  }
}

function result(
  z: NDArray,
  method: SeparatorName,
  w: Float64Array,
  { margin, upperBound, inseparable }: Proof,
  tolerance: number,
): MarginResult {
  const length = Math.hypot(...w)
  const weights = w.map((value) => value / length)
  const near = margin + 0.01 * Math.abs(margin)
  const support = [...scoresOf(z, weights).entries()].flatMap(([i, score]) => (score <= near ? [i] : []))
  return { method, weights, margin, upperBound, support, status: statusOf({ margin, upperBound, inseparable }, tolerance) }
}

function statusOf({ margin, upperBound, inseparable }: Omit<Proof, 'multipliers'>, tolerance: number): Status {
  if (inseparable) return 'not-separable'
  if (!(margin > 0)) return 'not-separated'
  return upperBound - margin <= tolerance * upperBound ? 'converged' : 'unfinished'
}
