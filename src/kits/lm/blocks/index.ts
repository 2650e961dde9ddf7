/**
 * Training block by block: freezing without recompiling, memory that is counted.
 *
 * @module
 */
export { Arena, type Bytes, type Kind, kinds } from './arena.ts'
export { BlockTrainer, type BlockTrainerOptions, type StepReport, type Trainable } from './block-trainer.ts'
export { type MemoryMethod, type MemoryOptions, type MemoryPlan, memoryPlan, requireLayers } from './memory.ts'
export type { TrainingBatch } from './programs.ts'
