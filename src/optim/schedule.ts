import { cast, lessEqual, mul, power, scalar, sum, type Tensor, tensor } from '../engine/index.ts'

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
