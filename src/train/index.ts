/**
 * The training loop's parts: a compiled step, and the state as arrays for checkpoints.
 *
 * @module
 */
export { alone, type Communicator, type Floats } from './parallel/communicator.ts'
export type { DataParallel } from './parallel/sharded-step.ts'
export { checkShards } from './parallel/shards.ts'
export { fromArrays, toArrays } from './state.ts'
export { type StepReport, type TrainStep, trainStep } from './step.ts'
export { type Batch, type TrainState, trainTransition } from './transition.ts'
