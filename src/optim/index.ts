/**
 * Optimizers and schedules, built into the training step's graph.
 *
 * @module
 */
export { type AdafactorOptions, adafactor } from './adafactor.ts'
export { type AdamOptions, adam } from './adam.ts'
export { require, requireBelowOne, requireNotNegative, requirePositive } from './checks.ts'
export { clipByGlobalNorm, clipFactor, squaredNorm } from './clip.ts'
export { type Decays, matricesDecay } from './decay.ts'
export type { Loss, Optimizer, OptimizerInput, OptimizerOutput } from './optimizer.ts'
export {
  inPhases,
  learningRateAt,
  type Phase,
  type Rate,
  relativeStep,
  stepDecay,
  type WarmupDecayOptions,
  warmupDecay,
} from './schedule.ts'
export { type SgdOptions, sgd } from './sgd.ts'
