export { parseSettings, resolveConfig } from './config.ts'
export type {
  Arm,
  ArmKind,
  Checkpoint,
  Claim,
  ClaimContext,
  Control,
  DataContext,
  Device,
  Estimate,
  Experiment,
  Findings,
  Preset,
  PresetName,
  Series,
  Snapshot,
  UnitContext,
  UnitRecord,
} from './definition.ts'
export { presetNames } from './definition.ts'
export { writeAtomically, writeJson } from './disk.ts'
export { experiment, presetConfig } from './experiment.ts'
export type { Figure, FigureSeries } from './figure.ts'
export { aligned, shellCommand } from './format.ts'
export { messages } from './messages.ts'
export { nearest, unknownName } from './nearest.ts'
export { makeReport, type Report } from './report.ts'
export { bars, curve, frontier, type Results, unitOf, unitsOf } from './results.ts'
export {
  Interrupted,
  prepare,
  type RunControl,
  type RunObserver,
  type RunOutcome,
  type RunRequest,
  resumeExperiment,
  runExperiment,
} from './run.ts'
export type { About, RunRecord } from './run-folder.ts'
export { studentT, summarize } from './statistics.ts'
export type { Label, Language, Text } from './text.ts'
export { type Judgement, judge, type Verdict } from './verdict.ts'
