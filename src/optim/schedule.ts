import {
  add,
  cast,
  clip,
  cos,
  div,
  less,
  lessEqual,
  minimum,
  mul,
  power,
  rsqrt,
  scalar,
  sub,
  sum,
  type Tensor,
  tensor,
  where,
} from '../engine/index.ts'
import { require, requireNotNegative, requirePositive } from './checks.ts'

/** A learning rate: a number, or a function from the step (float32 scalar, from 0) to a scalar, built in the graph. */
export type Rate = number | ((step: Tensor) => Tensor)

/**
 * The rate at a step, as a scalar of the graph.
 *
 * @example
 * const rate = stepDecay(0.1, { milestones: [100] })
 * await learningRateAt(rate, scalar(150)).item() // 0.010000
 */
export const learningRateAt = (rate: Rate, step: Tensor): Tensor => (typeof rate === 'number' ? scalar(rate) : rate(step))

/**
 * Multiplies the rate by `gamma` at each milestone (in steps).
 *
 * @example
 * sgd({ learningRate: stepDecay(0.1, { milestones: [1000, 2000] }) })
 */
export function stepDecay(rate: number, { milestones, gamma = 0.1 }: { milestones: readonly number[]; gamma?: number }): Rate {
  if (milestones.length === 0) return rate
  const bounds = tensor([...milestones])
  return (step) => mul(power(scalar(gamma), sum(cast(lessEqual(bounds, step), 'float32'))), rate)
}

export interface WarmupDecayOptions {
  /** Steps of the rise: step i has the rate peak · (i + 1) / (warmup + 1). */
  readonly warmup?: number
  /** The step at which the fall ends; from there on the rate is `minimum`. */
  readonly steps: number
  /** Default: 0. */
  readonly minimum?: number
  readonly shape?: 'cosine' | 'linear' | 'constant'
}

/**
 * A linear rise to the peak, then a fall to the minimum along half a cosine or a line, or none: the schedule of nanoGPT.
 *
 * @example
 * const rate = warmupDecay(1e-3, { warmup: 20, steps: 120, minimum: 1e-4 })
 * await learningRateAt(rate, scalar(70)).item() // 0.00055
 */
export function warmupDecay(peak: number, { warmup = 0, steps, minimum: least = 0, shape = 'cosine' }: WarmupDecayOptions): Rate {
  requirePositive('warmupDecay', 'peak', peak)
  for (const [name, value] of Object.entries({ warmup, minimum: least })) requireNotNegative('warmupDecay', name, value)
  require('warmupDecay', steps > warmup || shape === 'constant', `warmup is ${warmup} of ${steps} steps`, 'leave steps for the fall')
  return (step) => {
    const rise = div(mul(add(step, 1), peak), warmup + 1)
    return where(less(step, warmup), rise, shape === 'constant' ? scalar(peak) : fall(step, { peak, warmup, steps, least, shape }))
  }
}

interface Fall {
  readonly peak: number
  readonly warmup: number
  readonly steps: number
  readonly least: number
  readonly shape: 'cosine' | 'linear'
}

function fall(step: Tensor, { peak, warmup, steps, least, shape }: Fall): Tensor {
  const done = clip(div(sub(step, warmup), steps - warmup), 0, 1)
  const left = shape === 'cosine' ? mul(add(cos(mul(done, Math.PI)), 1), 0.5) : sub(1, done)
  return add(mul(left, peak - least), least)
}

/** A part of training with a schedule of its own, which counts from the part's first step. */
export interface Phase {
  /** The last phase has no end. */
  readonly steps?: number
  readonly rate: Rate
}

/**
 * One schedule after another: continued pre-training warms up and decays once more.
 *
 * @example
 * const again = (peak: number) => warmupDecay(peak, { warmup: 10, steps: 100 })
 * const rate = inPhases([{ steps: 100, rate: again(1e-3) }, { rate: again(5e-4) }])
 * await learningRateAt(rate, scalar(110)).item() // 0.0005
 */
export function inPhases(phases: readonly [Phase, ...Phase[]]): Rate {
  const starts: number[] = [0]
  for (const { steps } of phases.slice(0, -1)) {
    require('inPhases', steps !== undefined && steps > 0, `a phase before the last has ${steps ?? 'no'} steps`, 'give a positive number')
    starts.push(starts.at(-1)! + steps!)
  }
  return (step) =>
    phases
      .map(({ rate }, i) => ({ start: starts[i], value: learningRateAt(rate, sub(step, starts[i])) }))
      .reduce((before, now) => ({ start: now.start, value: where(less(step, now.start), before.value, now.value) })).value
}

/**
 * The relative step of Adafactor: min(10⁻², 1/√t), with `warmup` min(10⁻⁶ t, 1/√t), t from 1.
 *
 * @example
 * await learningRateAt(relativeStep(), scalar(39999)).item() // 0.005
 */
export const relativeStep =
  ({ warmup = false } = {}): Rate =>
  (step) => {
    const t = add(step, 1)
    return minimum(warmup ? mul(t, 1e-6) : 1e-2, rsqrt(t))
  }
