/**
 * R2ET (arXiv 2212.14106): training classifiers whose top-k saliency explanations are stable.
 *
 * @module
 */

export { type Attacked, type AttackKind, type AttackOptions, attackExplanation, attackKinds } from './attack.ts'
export { type Audit, type AuditOptions, audit, thickness } from './audit.ts'
export { type Curvature, frobenius, slopeAlongSign, topEigenvalue } from './curvature.ts'
export { type Examples, type FitOptions, fitModel } from './fit.ts'
export { type Network, type NetworkOptions, smoothNetwork } from './network.ts'
export { type ObjectiveBatch, type ObjectiveOptions, r2etObjective } from './objective.ts'
export { hardestGap, meanGap, precision, topMask } from './ranking.ts'
export { type Classify, saliency } from './saliency.ts'
