/**
 * PRGD (arXiv 2311.14387): the classifier of the largest margin by gradients alone, exponentially fast.
 *
 * @module
 */

export { dualMomentum } from './dual-momentum.ts'
export { type Certificate, certify, exactMaxMargin, isSeparable, type MaxMargin, marginOf, provesInseparable } from './exact.ts'
export { accuracyOf, type SignedExamples, signExamples } from './examples.ts'
export { type LossName, logExponentialLoss, logLogisticLoss, normalizedMargin } from './margin.ts'
export { type MarginResult, type MaxMarginOptions, maxMargin, type SeparatorName, type Status } from './max-margin.ts'
export { type PrgdOptions, prgd } from './prgd.ts'
export { budgetedRho, type Rescaling, rescaling, type Schedule } from './schedule.ts'
export { type FollowOptions, follow, type RunSettings, type Trajectory } from './trajectory.ts'
