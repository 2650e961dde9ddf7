/**
 * RAMDA (arXiv 2403.14398): training that sets whole groups of weights to exactly zero and keeps them there.
 *
 * @module
 */

export { type Compacted, compact, type LayerArrays } from './compact.ts'
export { proxAdamW } from './prox-adamw.ts'
export { proxSgd } from './prox-sgd.ts'
export { ramda } from './ramda.ts'
export { groupLasso, l1, nuclearNorm, type Regularizer } from './regularizer.ts'
export { rmda } from './rmda.ts'
export { structureReport } from './structure.ts'
