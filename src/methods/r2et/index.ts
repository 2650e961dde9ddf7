/**
 * R2ET (arXiv 2212.14106): training classifiers whose top-k saliency explanations are stable.
 *
 * @module
 */

export {
  type Attacked,
  type AttackKind,
  type AttackOptions,
  attackExplanation,
  attackKinds,
  type Keeping,
  keepings,
} from './attack.ts'
export { type Audit, type AuditedRow, type AuditOptions, audit, precisionCurve } from './audit.ts'
export { type Certificate, type Certifier, certifierOf, type Lipschitz } from './certificate.ts'
export { type Curvature, differenceAlongSign, frobenius, inputHessian, slopeAlongSign, topEigenvalue } from './curvature.ts'
export { type EmpiricalRadiusOptions, empiricalRadius } from './empirical-radius.ts'
export { type Faithfulness, type FaithfulnessOptions, faithfulness } from './faithfulness.ts'
export { type Feasible, groupsOf, onlyFeatures, onSimplex, type SimplexOptions } from './feasible.ts'
export { type Examples, type FitOptions, fitModel } from './fit.ts'
export { type Network, type NetworkOptions, smoothNetwork } from './network.ts'
export { type ObjectiveBatch, type ObjectiveOptions, r2etObjective } from './objective.ts'
export { type GapOptions, gap, hardestGap, meanGap, type Pairs, precision, topMask } from './ranking.ts'
export { type Classify, type Quantity, type SaliencyMethod, type SaliencyOptions, saliency, saliencyMethods } from './saliency.ts'
export { type Thickness, type ThicknessOptions, thickness } from './thickness.ts'
