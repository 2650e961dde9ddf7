/**
 * Optimizers and schedules, built into the training step's graph.
 *
 * @module
 */
export { type AdamOptions, adam } from './adam.ts'
export { require, requireBelowOne, requireNotNegative, requirePositive } from './checks.ts'
export type { Loss, Optimizer, OptimizerInput, OptimizerOutput } from './optimizer.ts'
export { learningRateAt, type Rate, stepDecay } from './schedule.ts'
export { type SgdOptions, sgd } from './sgd.ts'
