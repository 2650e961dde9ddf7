export { importance, keepLargest } from './importance.ts'
export { type Place, type Prunable, prunableOf } from './prunable.ts'
export { prune } from './prune.ts'
