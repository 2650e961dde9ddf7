/**
 * Step-adaptive training (arXiv 2312.13307): groups of time steps with denoisers of their own, of different sizes.
 *
 * @module
 */
export { advisorNames, importanceAdvisor, type Proposal, type PruneAdvisor, type PruningTask, searchAdvisor } from './advisors.ts'
export { boundaryJumps } from './boundaries.ts'
export { groupAt, meanShare, retainedFor, type Sizing, sampledShare, shareOf, sharesOf } from './budget.ts'
export { type BundleMember, bundleOf } from './bundle.ts'
export { type GroupingName, groupsBy } from './grouping.ts'
export { type Grouping, type GroupOptions, groupsAt, planGroups, type StepGroup, snrDbAt } from './groups.ts'
export { type Exchange, llmAdvisor } from './llm-advisor.ts'
export { bestOf, type MemoryBank, type Trial } from './memory-bank.ts'
export { type PairedVerdict, pairedVerdict } from './paired.ts'
export { gradientCosines, type Probe, probe } from './probe.ts'
export { type GroupPruning, type PrunedGroup, pruneGroup } from './prune-group.ts'
export { type PrunableNetwork, type PruningReport, prunableNetwork } from './pruning-plan.ts'
export { type Saving, type SessionOptions, type StepTaken, type Training, TrainingSession } from './session.ts'
export { type FineTuning, type GroupTask, type SpecialiseOptions, type Specialist, specialise, trainBase } from './stages.ts'
