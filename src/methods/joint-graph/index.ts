/**
 * Joint diffusion of node and edge attributes (arXiv 2402.04046): generating graphs whose edges carry data.
 *
 * @module
 */
export { type JointModel, type JointProcess, type JointProcessConfig, jointProcess } from './diffusion.ts'
export { denoisingLosses, type GraphSampleOptions, sampleGraphs, type TrainOptions, trainingOf } from './generator.ts'
export { loadModel, saveModel } from './model-file.ts'
export { type GraphNetwork, jointNetwork, type NetworkConfig, type NetworkParams } from './network.ts'
export { givenGraph, givenNodes, type PartialGraph } from './partial.ts'
export { drawSizes, posterior, type Sampled, type SampleOptions, sampleVectors } from './sampler.ts'
export { defaultRecipe, type JointTrainer, jointTrainer, type TrainerState, type TrainingRecipe } from './trainer.ts'
