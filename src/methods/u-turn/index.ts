/**
 * U-Turn diffusion (arXiv 2308.07421): noising real samples part of the way, turning round, and saying how far is far enough.
 *
 * @module
 */

export {
  type AnalyseOptions,
  analyseUTurn,
  criticalTimes,
  type Quality,
  type Recommendation,
  recommend,
  type UTurnPoint,
  type UTurnReport,
} from './analyse.ts'
export { onSigma, sigmaGrid, type TurningPoint, trainedRange, turningSigma } from './coordinates.ts'
export { autocorrelation, type Correlation, scoreNorm, uTurnCorrelation } from './correlations.ts'
export { type AlongSigma, chanceAgreement, crossing, memorisationTime, speciationTime } from './critical-times.ts'
export { type Flow, fitGaussian, type GaussianFit, gTurn, isotropic, type Spectrum, spectrumOf } from './g-turn.ts'
export { dependence, type IndependenceEvidence, independenceBars } from './independence.ts'
export { flipProbability } from './mixture.ts'
export { type RealData, splitReal } from './real-data.ts'
export { type TrajectoryPoint, trajectoryOf } from './trajectory.ts'
export { type Churn, defaultChurn, denoised, type Return, type ReturnOptions, type UTurned, type UTurnOptions, uTurn } from './u-turn.ts'
