import { add, cast, div, erf, exp, InputError, less, log, maximum, mean, mul, square, sub, type Tensor, where } from '../../engine/index.ts'
import { perExample } from './prediction.ts'
import type { NoiseProcess } from './process.ts'

/** The posterior of step t − 1 of a chain given step t and the data, as numbers (Ho et al. 2020, equation 7). */
export interface ReverseStep {
  /** ln β̃ and ln β. Of the first step, whose β̃ is 0, ln β̃ is that of the second (Nichol & Dhariwal 2021). */
  readonly least: number
  readonly most: number
  /** What the mean moves by with the data. */
  readonly gain: number
  /** 1 for the first step, which gives the data themselves; else 0. */
  readonly last: number
}

export function reverseStep(process: NoiseProcess, t: number): ReverseStep {
  const betaAt = (step: number) => 1 - (process.at(step).signal / process.at(step - 1).signal) ** 2
  const shareAt = (step: number) => (process.at(step - 1).noise / process.at(step).noise) ** 2
  const clipped = Math.min(process.times[1], Math.max(2, t))
  const { signal } = process.at(t - 1)
  return {
    least: Math.log(shareAt(clipped) * betaAt(clipped)),
    most: Math.log(betaAt(t)),
    gain: (signal * betaAt(t)) / process.at(t).noise ** 2,
    last: t === 1 ? 1 : 0,
  }
}

/** Levels of an image's values: 256. */
const levels = 256
/** Below it a probability is taken to be it: its logarithm has a gradient still. */
const leastProbability = 1e-12

/** P(N(0, 1) ≤ x) */
const below = (x: Tensor): Tensor => mul(add(erf(div(x, Math.SQRT2)), 1), 0.5)

/** ln P of the level that x lies on, by a normal with this mean and ln variance; the levels at the ends of the range reach to infinity. */
export function logLevelProbability(x: Tensor, mean: Tensor, logVariance: Tensor, [least, most]: readonly [number, number]): Tensor {
  const half = (most - least) / (levels - 1) / 2
  const scale = exp(mul(logVariance, -0.5))
  const from = sub(x, mean)
  const upper = where(less(most - half, x), 1, below(mul(add(from, half), scale)))
  const lower = where(less(x, least + half), 0, below(mul(sub(from, half), scale)))
  return log(maximum(sub(upper, lower), leastProbability))
}

/** A chain's step and its estimate: tensors of x₀'s shape, numbers [n]. */
export interface BoundTerms {
  readonly x0: Tensor
  /** The estimate of x₀. */
  readonly estimate: Tensor
  readonly varianceShare: Tensor
  readonly step: Readonly<Record<keyof ReverseStep, Tensor>>
  /** Least and most of x₀. */
  readonly range: readonly [number, number]
}

/**
 * Each example's term of the variational bound, [n], in bits for each element: KL of the posterior from the reverse step, of the first step −log₂ of the
 * probability of the data. A chain's bound is the sum over its steps, to which what the prior costs is added, and on which no network has an influence.
 */
export function boundOf({ x0, estimate, varianceShare, step, range }: BoundTerms): Tensor {
  const [least, most, gain, last] = [step.least, step.most, step.gain, step.last].map((numbers) => perExample(numbers, x0))
  const logVariance = add(least, mul(varianceShare, sub(most, least)))
  const gap = mul(gain, sub(x0, estimate))
  const excess = sub(logVariance, least)
  const divergence = mul(add(sub(excess, 1), add(exp(mul(excess, -1)), mul(square(gap), exp(mul(logVariance, -1))))), 0.5)
  const surprise = mul(logLevelProbability(x0, estimate, logVariance, range), -1)
  const nats = where(cast(last, 'bool'), surprise, divergence)
  return div(mean(nats, { axes: x0.shape.slice(1).map((_, i) => i + 1) }), Math.LN2)
}

/** @throws InputError for what the bound cannot be computed of. */
export function checkBound(
  { range, variance }: { range?: readonly [number, number]; variance?: 'learned' },
  weighting?: string,
  centred = false,
): void {
  const refuse = (what: string, fix: string): never => {
    throw new InputError(what, { where: 'training', fix })
  }
  if (weighting === 'vlb' && !variance) refuse("weighting 'vlb' is of a model whose variance is learned", "give it variance 'learned'")
  if (!variance) return
  if (!range) refuse('the variational bound needs the range of the data', 'give range')
  if (centred) refuse('the variational bound is of data that are not centred', 'leave the centre out')
}
