import type { z } from 'zod'
import type { Provenance } from '../data/index.ts'
import type { NDArray } from '../engine/array.ts'
import type { DataParallel } from '../train/index.ts'
import type { PlainObject } from './config.ts'
import type { From, ItemColumns, ItemFile } from './items.ts'
import type { Figure } from './report/figure.ts'
import type { Split } from './splits.ts'
import type { Label, Text } from './text.ts'
import type { Results } from './verdict/results.ts'
import type { Score } from './verdict/scores.ts'
import type { Bar } from './verdict/verdict.ts'

/**
 * The sizes in which every experiment runs.
 *
 * @example
 * presetNames // ['smoke', 'small', 'paper']
 */
export const presetNames = ['smoke', 'small', 'paper'] as const
/** smoke: the whole path in 20 s, judging nothing; small: judges the claims in 10 min on 2 cores; paper: the paper's own sizes. */
export type PresetName = (typeof presetNames)[number]

export interface Preset<Config> {
  /** Seeds 0 … seeds-1, at least 3 where claims are judged. */
  readonly seeds: number
  /** What differs from the schema's defaults. */
  readonly config?: DeepPartial<Config>
}

export type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { readonly [K in keyof T]?: DeepPartial<T[K]> } : T

export type ArmKind = 'method' | 'baseline' | 'control' | 'ablation' | 'reference'

/** One thing that is trained: the method, something it is compared with, or the method with a part removed. */
export interface Arm<Config = PlainObject> {
  /** For example `logreg/ramda`: lower case, digits, and `- . = + /`. */
  readonly id: string
  /** What tables and legends call it. */
  readonly label: Label
  readonly kind: ArmKind
  /** All seeds of the run (default), only the first, or the first so many. */
  readonly seeds?: 'all' | 'first' | number
  /** What this arm changes in the run's config; it wins over presets and `--set`. */
  readonly config?: DeepPartial<Config>
}

export interface Series {
  readonly x: readonly number[]
  readonly y: readonly number[]
}

/** What a unit found. Non-finite measurements are allowed; a claim that meets one fails. */
export interface Findings {
  readonly measurements: Readonly<Record<string, number>>
  /** Curves; whatever was logged is added under its name, unless given here. */
  readonly series?: Readonly<Record<string, Series>>
  /** What was found of each test example, explanation or iterate, by the name of its file. */
  readonly items?: Readonly<Record<string, ItemColumns>>
  /** Anything else worth keeping, as JSON. */
  readonly details?: unknown
  /** Measured cost, where it is known better than by `estimate`. */
  readonly cost?: { readonly flops?: number; readonly parameters?: number }
}

/** One (arm, seed) as it is stored when it ends. */
export interface UnitRecord extends Omit<Findings, 'items'> {
  readonly unit: string
  readonly arm: string
  readonly seed: number
  readonly series: Readonly<Record<string, Series>>
  readonly items?: readonly ItemFile[]
  readonly seconds: number
  readonly peakBytes: number
  /** Set where training went to NaN or infinity: what happened. Such a unit has no measurements. */
  readonly diverged?: string
}

export interface Snapshot {
  readonly step: number
  readonly tensors: Readonly<Record<string, NDArray>>
  readonly meta: unknown
}

/** The checkpoints of one unit. After `save` returns, a killed run resumes from there. */
export interface Checkpoint {
  /** Whether it is time to save: QUIRE_CHECKPOINT_SECONDS (default 5) have passed since the last time. Synced writes cost more than the steps of a small model. */
  due(): boolean
  save(step: number, tensors: Readonly<Record<string, NDArray>>, meta?: unknown): Promise<void>
  /** The newest complete one of this unit, from before an interruption. */
  latest(): Promise<Snapshot | undefined>
  /** Removes what is saved of this unit: what it led to is kept elsewhere, where other units find it too. */
  forget(): Promise<void>
}

export type Device = 'cpu' | 'webgpu' | 'cuda'

export interface UnitContext<Config, Data> {
  readonly arm: Arm
  /** The run's config with the arm's changes. */
  readonly config: Config
  readonly seed: number
  readonly data: Data
  readonly device: Device
  readonly signal: AbortSignal
  /** Set where this unit's steps are shared out by shards, perhaps over several ranks: to be handed to `trainStep`. */
  readonly parallel?: DataParallel
  readonly checkpoint: Checkpoint
  /** Appends observations to metrics.jsonl; they also become the unit's series. Throws when the run is interrupted. */
  log(step: number, values: Readonly<Record<string, number>>): void
  /** Tells how far this unit is. Await it once a step: now and then it lets the event loop turn, so that Ctrl-C works; it throws when the run is interrupted. */
  progress(done: number, total: number, note?: string): Promise<void>
  /** Stores a file under artifacts/<unit>/ and returns its path in the run folder. */
  artifact(name: string, content: Uint8Array | string): Promise<string>
}

export interface DataContext<Config> {
  readonly config: Config
  /** Those of the run, for data that are split otherwise with each. */
  readonly seeds: readonly number[]
  /** The folder or file of `--data` or QUIRE_DATA, if any. */
  readonly data?: string
  readonly signal: AbortSignal
  /** A line for whoever waits, such as "reading mnist-t10k". */
  log(line: string): void
}

/** What one unit costs, for `--dry-run` and the report. */
export interface Estimate {
  readonly parameters: number
  readonly flops: number
  /** Peak memory. */
  readonly bytes: number
  /** Where the method knows better than FLOPs over this machine's speed. */
  readonly seconds?: number
}

export interface ClaimContext {
  readonly seed: number
  readonly baseline: UnitRecord
  /** Another arm's unit with this seed, or its only unit if it ran with one seed. */
  unit(arm: string): UnitRecord
}

export interface Claim extends Bar {
  readonly id: string
  readonly statement: Text
  readonly paper: { readonly value: number; readonly unit: string; readonly where: string }
  /** The arm that is judged. */
  readonly arm: string
  /** What it is compared with: an arm, and the quantity of it to show beside ours; for the statistic `improvement` what ours has to be above. */
  readonly baseline?: { readonly arm: string; value(unit: UnitRecord): Score }
  /** The judged number of one seed, or one for each stratum (a data set, a task). */
  measure(own: UnitRecord, context: ClaimContext): Score
  /** In which runs it is judged, and its controls with it; default in all. */
  when?(config: PlainObject): boolean
  /** The bar before the first honest run, kept where the threshold was provisional. */
  readonly provisional?: { readonly original: number; readonly note: Text }
  /** Set where it was written after the first run had been seen: why. It is judged like the others, which all stay, so it can only add a failure. */
  readonly added?: Text
}

/** The method with its essential part removed: judged in the place of the method it must fail the claims that it breaks. */
export interface Control {
  readonly id: string
  readonly arm: string
  readonly breaks: readonly string[]
  readonly broken: Text
  /** Set where it was written after the first run had been seen: why. */
  readonly added?: Text
}

/** How the value of a config key came about: what a reader must know to tell a measured number from a tuned one. */
export interface Searched {
  /** The config key, or a group of keys; several of an alike kind as `learningRate.*`. */
  readonly keys: readonly string[]
  /** The values that were tried; empty where none but the one in the config was. */
  readonly range: readonly (number | string)[]
  /** How the value was chosen among them, and by whom or what: the paper, a pilot, each run itself. */
  readonly chosen: Text
  /** How many models were trained for the choice; left out where nobody counted. */
  readonly trials?: number
}

/** What shows that the method learns; a check that all methods share trains it over several seeds (docs/add-a-paper.md). */
export interface Learning<Config = PlainObject> {
  readonly arm: string
  /** One of its series, whose last value is to be better than its first. */
  readonly series: string
  readonly direction: 'down' | 'up'
  /** Sizes that take a second. */
  readonly config?: DeepPartial<Config>
  /** What makes learning impossible: a learning rate of almost nothing, a gradient of something else. */
  readonly without: DeepPartial<Config>
}

/** An experiment as data; made by {@link experiment}. */
export interface Experiment<Config = unknown, Data = unknown> {
  readonly method: string
  readonly config: z.ZodType<Config>
  readonly presets: Readonly<Record<PresetName, Preset<Config>>>
  /** Reads the data. `splits`: the parts that are trained on, chosen by and tested on; those that overlap are refused before anything is trained. */
  data(context: DataContext<Config>): Promise<{ provenance: Provenance; value: Data; splits?: readonly Split[] }>
  arms(config: Config): readonly Arm<Config>[]
  unit(context: UnitContext<Config, Data>): Promise<Findings>
  estimate(context: { arm: Arm; config: Config }): Estimate | Promise<Estimate>
  readonly claims: readonly Claim[]
  readonly controls: readonly Control[]
  /**
   * Measurements that follow from items, by the items' name: accuracy from the predictions of single examples. Checked when a unit ends and whenever
   * a report is made: a measurement that its own items contradict is an error.
   */
  readonly from?: From
  /**
   * Units train side by side on the processor, a worker thread each: `module` is the URL of the module whose default export this is, `threads` how
   * many of the runtime each has. Small graphs gain little from a second thread; without this, units train one after another with all threads.
   */
  readonly workers?: { readonly module: string; readonly threads: number }
  /**
   * Whether a unit of this config hands `parallel` to `trainStep`, so that several ranks can train it together. Between its steps such a unit may look at nothing
   * that differs between ranks, such as the time. Others are trained whole, each by one rank.
   */
  dataParallel?(config: Config): boolean
  figures?(results: Results): readonly Figure[]
  /** What was searched and what was not; printed in the report's checklist. */
  readonly searched?: readonly Searched[]
  readonly learning?: Learning<Config>
  /** Where the experiment departs from the paper's; printed in the report. */
  readonly differences?: readonly Text[]
}
