/**
 * Step-adaptive training (arXiv 2312.13307): groups of time steps with denoisers of their own, of different sizes.
 *
 * @module
 */
export { meanShare, retainedFor, sampledShare, shareOf } from './budget.ts'
export { groupsAt, planGroups, type StepGroup } from './groups.ts'
export { prunableNetwork } from './pruning-plan.ts'
