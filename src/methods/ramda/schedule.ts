import { add, cast, equal, greaterEqual, logicalOr, minimum, mul, scalar, sqrt, sub, type Tensor, where } from '../../engine/index.ts'
import { require, requirePositive } from '../../optim/index.ts'

/** A learning rate that falls by a factor at each milestone; milestones split training into stages. */
export interface ScheduleOptions {
  readonly learningRate: number
  /** Steps after which a new stage begins, increasing. */
  readonly milestones?: readonly number[]
  /** The number of steps of the whole training, where known: milestones must lie before it. */
  readonly steps?: number
  /** What the learning rate is multiplied with at a milestone. Default 0.1. */
  readonly gamma?: number
}

/** The steps at which training of so many epochs passes from one of its equal stages to the next; few epochs have fewer stages. */
export function equalStages(epochs: number, stages: number, stepsPerEpoch: number): number[] {
  const stage = Math.ceil(epochs / stages)
  return Array.from({ length: stages - 1 }, (_, k) => (k + 1) * stage)
    .filter((epoch) => epoch < epochs)
    .map((epoch) => epoch * stepsPerEpoch)
}

/** The options with their defaults, or an InputError. */
export function checkedSchedule(where: string, { learningRate, milestones = [], steps, gamma = 0.1 }: ScheduleOptions) {
  requirePositive(where, 'learningRate', learningRate)
  require(where, gamma > 0 && gamma <= 1, `gamma is ${gamma}`, 'give a number in (0, 1]')
  milestones.forEach((milestone, k) => {
    const follows = Number.isInteger(milestone) && milestone > (milestones[k - 1] ?? 0)
    require(where, follows, `milestones are ${milestones.join(', ')}`, 'give increasing whole numbers of steps from 1 on')
  })
  if (steps !== undefined) {
    require(where, Number.isInteger(steps) && steps >= 1, `steps is ${steps}`, 'give a whole number of at least 1')
    const last = milestones.at(-1) ?? 0
    require(where, last <
      steps, `the milestone ${last} is not before the end, step ${steps}`, 'leave out the milestones that are never reached')
  }
  return { learningRate, milestones, gamma }
}

/** start · gammaᵏ in stage k, as a float64 scalar; `step` counts the steps already taken. */
export function staged(start: number, { milestones, gamma }: { milestones: readonly number[]; gamma: number }, step: Tensor): Tensor {
  let value = scalar(start, 'float64')
  milestones.forEach((milestone, k) => {
    value = where(greaterEqual(step, milestone), scalar(start * gamma ** (k + 1), 'float64'), value)
  })
  return value
}

/** Whether this many steps end a stage. */
export function endsStage(milestones: readonly number[], step: Tensor): Tensor {
  let ends: Tensor = equal(scalar(0, 'int32'), 1)
  for (const milestone of milestones) ends = logicalOr(ends, equal(step, milestone))
  return ends
}

/** c of the step that follows `step` steps: constant, and min(c √i, 1) in the i-th step of the last stage where it ramps. */
export function mixing(momentum: number, milestones: readonly number[], ramp: boolean, step: Tensor): Tensor {
  const constant = scalar(momentum, 'float64')
  if (!ramp) return constant
  const begin = milestones.at(-1) ?? 0
  const inside = greaterEqual(step, begin)
  const index = cast(add(sub(step, begin), 1), 'float64')
  return where(inside, minimum(mul(sqrt(where(inside, index, 1)), momentum), 1), constant)
}
