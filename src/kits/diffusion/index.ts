/**
 * Diffusion models: noise processes, networks, training, sampling.
 *
 * @module
 */
export { inCoordinatesOf } from './coordinates.ts'
export { meanExample, rootMeanSquare } from './data-scale.ts'
export type { Denoiser, DiffusionConfig, DiffusionModel, Estimate, Estimator, LevelTensors, Prediction } from './denoiser.ts'
export { type DenoisingLossOptions, denoisingLoss, type LevelLoss, type Measured, risingLevels } from './denoising-loss.ts'
export { denoiserOf, estimatorOf, initModel, modelNetwork } from './estimate.ts'
export { type Component, type ExactDenoiser, type ExactOptions, gaussian, gaussianMixture, trainingSet } from './exact/index.ts'
export { type Bundle, bundleDenoiser, encodeBundle, groupOf, loadBundle, type Routing, routingFile, saveBundle } from './files/bundle.ts'
export { type DenoiserPlace, findDenoiser, type LoadOptions, loadDenoiser } from './files/load.ts'
export { encodeModel, modelFile, readModelFile, saveDiffusionModel } from './files/model-file.ts'
export { exportDenoiser, type OnnxMeaning } from './files/onnx.ts'
export { type KarrasOptions, karrasSigmas, karrasTimes, sigmaOf, type TimeGridOptions, timeGrid } from './grid.ts'
export { errorsOf, type NoisyBatch, weightOf } from './loss.ts'
export { type ProcessName, processes, processNames } from './named-processes.ts'
export type { AttentionConfig, Given, MlpConfig, Network, NetworkConfig, UNetConfig } from './network.ts'
export { macs, type NetworkKind, networkOf, networkSized, networkSizes, parameterCount } from './networks/index.ts'
export { clipped, estimateFrom, predicted, targetOf } from './prediction.ts'
export type { NoiseLevel, NoiseProcess, ProcessConfig, ScheduleName } from './process.ts'
export { processOf } from './processes/index.ts'
export { type InvertOptions, invert, type LikelihoodOptions, logLikelihood, noised, sample } from './samplers/index.ts'
export type { SampleOptions, SamplerConfig, Samples } from './sampling.ts'
export {
  makeSchedule,
  type NoiseSchedule,
  type RespacedSchedule,
  respace,
  type Spacing,
  scheduleNames,
  snrDb,
  spacedTimes,
} from './schedule.ts'
export { importance, keepLargest, type Place, type Prunable, prunableOf, prune } from './surgery/index.ts'
export { diffusionTrainer } from './trainer.ts'
export type { DiffusionTrainer, PastLosses, TimeDraw, TrainerState, TrainingData, TrainingRecipe } from './training.ts'
