/**
 * The training loop's parts: a compiled step, and the state as arrays for checkpoints.
 *
 * @module
 */
export { fromArrays, toArrays } from './state.ts'
export { type Batch, type StepReport, type TrainState, type TrainStep, trainStep, trainTransition } from './step.ts'
