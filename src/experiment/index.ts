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
  Searched,
  Series,
  Snapshot,
  UnitContext,
  UnitRecord,
} from './definition.ts'
export { presetNames } from './definition.ts'
export { experiment, presetConfig } from './experiment.ts'
export { aligned, shellCommand } from './format.ts'
export type { From, ItemColumns, ItemFile, Items } from './items.ts'
export { nearest, unknownName } from './nearest.ts'
export type { Figure, FigureSeries } from './report/figure.ts'
export { messages } from './report/messages.ts'
export { makeReport, type Report } from './report/report.ts'
export { makeFolder, writeAtomically, writeJson } from './run/disk.ts'
export { prepare } from './run/plan-run.ts'
export { Interrupted, type RunControl, type RunObserver, type RunOutcome, type RunRequest } from './run/request.ts'
export { resumeExperiment, runExperiment } from './run/run.ts'
export type { About, RunRecord } from './run/run-folder.ts'
export { type Split, type SplitRecord, splitsOf } from './splits.ts'
export { comma, joined, type Label, type Language, noted, sameText, type Text } from './text.ts'
export type { IntervalKind, Statistic } from './verdict/estimate.ts'
export { averaged, bars, categoryOf, curve, frontier, labelOf, type Results, unitOf, unitsOf } from './verdict/results.ts'
export type { Score, Strata } from './verdict/scores.ts'
export { studentT, summarize } from './verdict/statistics.ts'
export { type Judgement, judge, type Verdict } from './verdict/verdict.ts'
