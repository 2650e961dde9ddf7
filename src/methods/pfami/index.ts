/**
 * PFAMI (arXiv 2308.12143): membership inference by probabilistic fluctuation, as an audit of generative models.
 *
 * @module
 */
export type { Subject } from './attacks/attack.ts'
export { blindTest } from './attacks/blind.ts'
export type { Choice } from './attacks/choice.ts'
export { type Audit, type AuditOptions, audit } from './audit.ts'
export { conclusion } from './audit-text.ts'
export { calibrated, type Fluctuation, fluctuation, metScores } from './fluctuation.ts'
export { type LossOptions, type LossTable, lossTable } from './losses.ts'
export { type AttackMeasures, attackMeasures } from './measures.ts'
export { diffusionSubject } from './models.ts'
export { crop, type StrengthOptions } from './neighbours/geometry.ts'
export type { Neighbours } from './neighbours/neighbours.ts'
export { tokenSwaps } from './neighbours/tokens.ts'
export { denoisingOracle } from './oracles/diffusion.ts'
export { languageOracle } from './oracles/language-model.ts'
export type { LikelihoodOracle } from './oracles/oracle.ts'
export { loadOwnModel, type OwnModel } from './own-model.ts'
export { epsilonOf } from './privacy/accountant.ts'
export { type DpRecipe, dpTrainer } from './privacy/dp-sgd.ts'
export { type AttackName, type AttackRow, attackNames } from './table.ts'
