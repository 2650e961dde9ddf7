import { add, mul, power, scalar, type Tensor, type TensorLike } from '../../engine/index.ts'
import { require } from '../../optim/index.ts'

/** When the norm is rescaled, and to what: to R₀·growth(k) at the beginning of stage k = 0, 1, …; R₀ is the norm at the end of the warm-up. */
export interface Rescaling {
  /** Normalized gradient steps before the first stage (the paper's phase I). */
  readonly warmup: TensorLike
  /** τ, steps a stage. */
  readonly interval: TensorLike
  /** R_k/R₀ of stage k (float64 scalar), built in the graph. */
  growth(stage: Tensor): Tensor
}

/** R_k = R₀·ρᵏ, the schedule of the theorem. A tensor ρ lets one compiled function follow many schedules. */
export const exponentialGrowth =
  (rho: Tensor) =>
  (stage: Tensor): Tensor =>
    power(rho, stage)

/** R_k = R₀·(k + 1)ᵖ. */
export const polynomialGrowth =
  (degree: Tensor) =>
  (stage: Tensor): Tensor =>
    power(add(stage, 1), degree)

/** R_k = R₀·ρ^(k(k+1)/2): what comes out where each stage multiplies the current norm by ρᵏ. It grows too fast and freezes; kept to show that. */
export const runawayGrowth =
  (rho: Tensor) =>
  (stage: Tensor): Tensor =>
    power(rho, mul(mul(stage, add(stage, 1)), 0.5))

/** What bounds the turning that is still to come: the step, where the norm is, and how it goes on. */
interface Reach {
  readonly kind: 'exponential' | 'polynomial'
  readonly learningRate: number
  readonly interval: number
  /** ρ, or the degree. */
  readonly growth: number
  /** R_k now, at stage k. */
  readonly radius: number
  readonly stage: number
}

/**
 * The largest angle by which all steps from now on together can turn w, η Σ_{j ≥ k} τ/R_j: each turns it by at most η/R. Finite for a norm that grows
 * geometrically, and for (k + 1)ᵖ with p > 1 (bounded by the integral); a direction that is farther off than this is frozen.
 */
export function reachOf({ kind, learningRate, interval, growth, radius, stage }: Reach): number {
  const stages = kind === 'exponential' ? 1 / (1 - 1 / growth) : growth > 1 ? 1 + (stage + 1) / (growth - 1) : Number.POSITIVE_INFINITY
  return ((learningRate * interval) / radius) * stages
}

/** A schedule as a user writes it. */
export type Schedule =
  | { readonly kind: 'exponential'; readonly rho: number; readonly interval: number }
  | { readonly kind: 'polynomial'; readonly degree: number; readonly interval: number }
  /** Exponential, with ρ such that the norm grows by `growth` between the warm-up and the last of `steps` steps. */
  | { readonly kind: 'budget'; readonly growth?: number; readonly interval?: number }

export const defaultBudget = { growth: 1e5, interval: 5 } as const

/**
 * ρ of the schedule that spends a growth over so many steps: ρ^(stages) = growth.
 *
 * @example
 * budgetedRho({ growth: 100, interval: 5, warmup: 0, steps: 10 }) // 10
 */
export const budgetedRho = ({
  growth,
  interval,
  warmup,
  steps,
}: {
  growth: number
  interval: number
  warmup: number
  steps: number
}): number => growth ** (interval / (steps - warmup))

/**
 * A schedule's stages, or an InputError. `steps`: of the whole run, warm-up included.
 *
 * @example
 * rescaling({ kind: 'exponential', rho: 1.2, interval: 5 }, { warmup: 100, steps: 1000 }).warmup // 100
 */
export function rescaling(schedule: Schedule, { warmup, steps }: { warmup: number; steps: number }): Rescaling {
  require('prgd', Number.isInteger(warmup) && warmup >= 1, `warmup is ${warmup}`, 'give a whole number of steps from 1 on')
  require('prgd', steps > warmup, `${steps} steps leave nothing after a warm-up of ${warmup}`, 'give more steps, or a shorter warm-up')
  const { interval = defaultBudget.interval } = schedule
  require('prgd', Number.isInteger(interval) && interval >= 1, `the interval is ${interval}`, 'give a whole number of steps from 1 on')
  if (schedule.kind === 'polynomial') {
    require('prgd', schedule.degree > 0, `the degree is ${schedule.degree}`, 'give a positive number')
    return { warmup, interval, growth: polynomialGrowth(scalar(schedule.degree, 'float64')) }
  }
  const rho = rhoOf(schedule, { warmup, steps })
  require('prgd', rho > 1 && Number.isFinite(rho), `the norm is multiplied by ${rho} a stage`, 'it must grow: give a rho above 1')
  return { warmup, interval, growth: exponentialGrowth(scalar(rho, 'float64')) }
}

/** ρ of an exponential schedule, given or from its budget. */
export const rhoOf = (
  schedule: Extract<Schedule, { kind: 'exponential' | 'budget' }>,
  { warmup, steps }: { warmup: number; steps: number },
): number => (schedule.kind === 'exponential' ? schedule.rho : budgetedRho({ ...defaultBudget, ...schedule, warmup, steps }))
