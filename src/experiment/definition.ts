import type { z } from 'zod'
import type { Provenance } from '../data/index.ts'
import type { NDArray } from '../engine/array.ts'
import type { PlainObject } from './config.ts'
import type { Figure } from './report/figure.ts'
import type { Text } from './text.ts'
import type { Results } from './verdict/results.ts'
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
  readonly label: string
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
  /** Anything else worth keeping, as JSON. */
  readonly details?: unknown
  /** Measured cost, where it is known better than by `estimate`. */
  readonly cost?: { readonly flops?: number; readonly parameters?: number }
}

/** One (arm, seed) as it is stored when it ends. */
export interface UnitRecord extends Findings {
  readonly unit: string
  readonly arm: string
  readonly seed: number
  readonly series: Readonly<Record<string, Series>>
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
  save(step: number, tensors: Readonly<Record<string, NDArray>>, meta?: unknown): Promise<void>
  /** The newest complete one of this unit, from before an interruption. */
  latest(): Promise<Snapshot | undefined>
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
  /** What it is compared with: an arm, and the quantity of it to show beside ours. */
  readonly baseline?: { readonly arm: string; value(unit: UnitRecord): number }
  /** The judged number of one seed. */
  measure(own: UnitRecord, context: ClaimContext): number
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

/** An experiment as data; made by {@link experiment}. */
export interface Experiment<Config = unknown, Data = unknown> {
  readonly method: string
  readonly config: z.ZodType<Config>
  readonly presets: Readonly<Record<PresetName, Preset<Config>>>
  data(context: DataContext<Config>): Promise<{ provenance: Provenance; value: Data }>
  arms(config: Config): readonly Arm<Config>[]
  unit(context: UnitContext<Config, Data>): Promise<Findings>
  estimate(context: { arm: Arm; config: Config }): Estimate | Promise<Estimate>
  readonly claims: readonly Claim[]
  readonly controls: readonly Control[]
  /**
   * Units train side by side on the processor, a worker thread each: `module` is the URL of the module whose default export this is, `threads` how
   * many of the runtime each has. Small graphs gain little from a second thread; without this, units train one after another with all threads.
   */
  readonly workers?: { readonly module: string; readonly threads: number }
  figures?(results: Results): readonly Figure[]
  /** Where the experiment departs from the paper's; printed in the report. */
  readonly differences?: readonly Text[]
}
