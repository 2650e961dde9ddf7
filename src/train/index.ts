/**
 * The training loop's parts: a compiled step, and the state as arrays for checkpoints.
 *
 * @module
 */
export type { Communicator } from './parallel/communicator.ts'
export type { DataParallel } from './parallel/sharded-step.ts'
export { fromArrays, toArrays } from './state.ts'
export { type StepReport, type TrainStep, trainStep } from './step.ts'
export { type Batch, type StepLoss, type StepOutput, type TrainState, trainTransition } from './transition.ts'
