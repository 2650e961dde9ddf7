import type { Provenance } from '../../data/index.ts'
import type { PlainObject } from '../config.ts'
import type { Device, PresetName, UnitRecord } from '../definition.ts'
import type { Lead } from '../ranks/lead.ts'
import type { Report } from '../report/report.ts'
import type { About, RunRecord } from './run-folder.ts'
import type { StartWorker } from './worker-pool.ts'

/* What a run is asked to be, who watches it, and how it ends. */

export interface RunRequest {
  readonly preset: PresetName
  /** Default: 0 … the preset's number - 1. */
  readonly seeds?: readonly number[]
  /** Overrides of the preset's config. */
  readonly settings?: PlainObject
  /** The run's folder; default `<root>/<method>/<id>`. */
  readonly folder?: string
  /** Default `runs`. */
  readonly root?: string
  /** Folder or file with the user's or downloaded data. */
  readonly data?: string
  readonly device?: Device
  /** Cuts batches into so many shards, or a shard a rank: see `DataParallel`. Default: not at all. */
  readonly shards?: number | 'fast'
  readonly about?: About
  /** The command line, for the record. */
  readonly command?: readonly string[]
  /** A run to repeat: its whole config is taken instead of the preset's, and other data are refused. */
  readonly like?: RunRecord
}

/** What makes a stored run again: the same config, seeds, device and data. */
export const requestLike = (like: RunRecord): RunRequest => {
  const { preset, seeds, settings, device, parallel, about, dataFrom } = like
  return { preset, seeds, settings, device, shards: parallel?.shards, about, data: dataFrom, like }
}

/** Whoever watches a run: the command line's bar, a page. */
export interface RunObserver {
  /** Something the user should know, such as another number of threads than before. */
  notice?(line: string): void
  data?(provenance: Provenance): void
  unitStarted?(event: { unit: string; index: number; total: number }): void
  progress?(event: { unit: string; index: number; total: number; done: number; of: number; note?: string }): void
  unitFinished?(event: { record: UnitRecord; index: number; total: number; before: boolean }): void
}

export interface RunControl {
  readonly observer?: RunObserver
  readonly signal?: AbortSignal
  /** How a worker thread is started where it is not Node itself that reads the modules. */
  readonly startWorker?: StartWorker
  /** The other ranks that train with this process. */
  readonly lead?: Lead
}

export interface RunOutcome {
  readonly folder: string
  readonly report: Report
}

/**
 * A run was stopped from outside; it can be gone on with.
 *
 * @example
 * const stopped = (error: unknown) => error instanceof Interrupted // the run can be resumed
 */
export class Interrupted extends Error {
  override name = 'Interrupted'
  readonly folder: string
  /** `cause`: the reason, where it is known. */
  constructor(folder: string, cause?: unknown) {
    super(`interrupted; go on with --resume ${folder}`, { cause })
    this.folder = folder
  }
}
