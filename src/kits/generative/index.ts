/**
 * How good generated samples are, and pictures of them: FID, KID, precision and recall on a feature network trained here, copies of training data, tests of
 * Gaussianity, distances between sets of points.
 *
 * @module
 */
export { type CopyDetector, type CopyFinding, type CopyOptions, type CopyReport, copies, copyDetector } from './copies.ts'
export { energyDistance, type SlicedOptions, slicedWasserstein } from './distances.ts'
export type { FeatureCard, FeatureParams, TrainedFeatureNetwork } from './features/card.ts'
export {
  featureFile,
  loadFeatureNetwork,
  saveFeatureNetwork,
} from './features/files.ts'
export { type FeatureNetwork, predictedClasses } from './features/network.ts'
export { type FeatureLayers, type FeatureRecipe, featureRecipe, randomFeatureRecipe } from './features/recipe.ts'
export { type FeatureData, type FeatureOptions, featureNetwork } from './features/trained.ts'
export { type OnnxFeatureOptions, onnxFeatures } from './features/user-onnx.ts'
export { fid, frechetDistance } from './fid.ts'
export { type FidInfinity, type FloorOptions, fidFloor, fidInfinity } from './fid-bias.ts'
export { type Interval, intervalOf, scoreInterval } from './intervals.ts'
export { type KidOptions, type KidScore, kid } from './kid.ts'
export { type Gaussianity, type KsResult, ksGaussianity, ksStatistic, ksTest } from './ks.ts'
export { type Moments, momentsOf } from './moments.ts'
export { type Neighbours, nearest } from './nearest.ts'
export * from './pictures/index.ts'
export { type PrecisionRecall, precisionRecall } from './precision-recall.ts'
export { type Quality, type QualityData, quality } from './quality.ts'
export { bareFeatures, difference, type Features, type Score, short } from './scores.ts'
