import { existsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import type { Provenance } from '../../data/index.ts'
import { InputError } from '../../engine/errors.ts'
import { type PlainObject, resolveConfig } from '../config.ts'
import type { Device, Experiment, PresetName, UnitRecord } from '../definition.ts'
import { armsOf } from '../experiment.ts'
import { planUnits } from '../plan.ts'
import { makeReport, type Report } from '../report/report.ts'
import { lock } from './lock.ts'
import { changes, environment, quireVersion } from './machine.ts'
import { openMetrics, trimMetrics } from './metrics.ts'
import {
  type About,
  createRunFolder,
  defaultFolder,
  newRunId,
  type PlannedUnit,
  pathsOf,
  type RunRecord,
  readRun,
  readUnit,
  runSchema,
  tidy,
  writeRun,
} from './run-folder.ts'
import { runUnit, standingObservations } from './unit.ts'
import { canStartWorkers, type PoolObserver, type StartWorker, trainInWorkers } from './worker-pool.ts'

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
  readonly about?: About
  /** The command line, for the record. */
  readonly command?: readonly string[]
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
  constructor(folder: string) {
    super(`interrupted; go on with --resume ${folder}`)
    this.folder = folder
  }
}

/** Whether units train side by side, in worker threads: only on the processor. */
const inWorkers = ({ workers }: Experiment, device: Device, start?: StartWorker): boolean =>
  workers !== undefined && device === 'cpu' && canStartWorkers(start)

/** How many units train at a time: in workers one a core, or as many as QUIRE_WORKERS says, as long as half of the memory holds them. */
export function unitsAtATime(definition: Experiment, device: Device, units: readonly PlannedUnit[], start?: StartWorker): number {
  if (!inWorkers(definition, device, start)) return 1
  const most = Math.max(1, ...units.map(({ bytes }) => bytes))
  const workers = Number(process.env.QUIRE_WORKERS) || Math.floor(availableParallelism() / definition.workers!.threads)
  return Math.max(1, Math.min(units.length, workers, Math.floor(totalmem() / 2 / most)))
}

/** What the numbers depend on; in workers the runtime has the threads that the experiment asks for. */
async function environmentOf(definition: Experiment, device: Device, start?: StartWorker) {
  const here = await environment(device)
  return inWorkers(definition, device, start) ? { ...here, machine: { ...here.machine, threads: definition.workers!.threads } } : here
}

/**
 * A run's config, arms and units before anything is trained; what `--dry-run` shows.
 *
 * @example
 * import { methods } from 'quire/methods'
 *
 * const prgd = await methods.find(({ name }) => name === 'prgd')!.experiment()
 * const prepared = await prepare(prgd, { preset: 'smoke' })
 */
export async function prepare(definition: Experiment, request: RunRequest) {
  const preset = definition.presets[request.preset]
  const seeds = request.seeds ?? Array.from({ length: preset.seeds }, (_, seed) => seed)
  const config = resolveConfig(
    definition.config,
    [(preset.config ?? {}) as PlainObject, request.settings ?? {}],
    `${definition.method} ${request.preset}`,
  )
  return { seeds, config: config as PlainObject, units: await planUnits(definition, armsOf(definition, config), config, seeds) }
}

/**
 * Runs an experiment: every arm with every seed, then the verdicts and the report, all in a run folder.
 * @example const { folder, report } = await runExperiment(coin, { preset: 'small' })
 */
export async function runExperiment(definition: Experiment, request: RunRequest, control: RunControl = {}): Promise<RunOutcome> {
  const { seeds, config, units } = await prepare(definition, request)
  const id = newRunId([definition.method, config, seeds])
  const folder = request.folder ?? defaultFolder(request.root ?? 'runs', definition.method, id)
  const here = await environmentOf(definition, request.device ?? 'cpu', control.startWorker)
  createRunFolder(folder)
  const record: RunRecord = {
    schema: runSchema,
    method: definition.method,
    id,
    about: request.about,
    preset: request.preset,
    seeds,
    config,
    settings: request.settings ?? {},
    device: request.device ?? 'cpu',
    ...here,
    command: request.command ?? [],
    dataFrom: request.data,
    units,
    atATime: unitsAtATime(definition, request.device ?? 'cpu', units, control.startWorker),
    status: 'running',
    started: new Date().toISOString(),
    resumed: [],
  }
  writeRun(folder, record)
  return work(definition, folder, record, control)
}

function refuseOther(definition: Experiment, folder: string, record: RunRecord): void {
  const fix = 'start a new run'
  if (record.method !== definition.method)
    throw new InputError(`it is a run of ${record.method}, not of ${definition.method}`, {
      where: folder,
      fix: `quire run ${record.method} --resume ${folder}`,
    })
  if (record.versions.quire !== quireVersion())
    throw new InputError(`it was begun with quire ${record.versions.quire}, this is ${quireVersion()}`, { where: folder, fix })
}

/**
 * Goes on with an interrupted run from its last complete checkpoint. Ends with the same numbers as a run that was never interrupted, on the
 * same machine, thread count and runtime; where those differ, the observer is told.
 *
 * @example
 * import { methods } from 'quire/methods'
 *
 * const prgd = await methods.find(({ name }) => name === 'prgd')!.experiment()
 * const goOn = (folder: string) => resumeExperiment(prgd, folder)
 */
export async function resumeExperiment(
  definition: Experiment,
  folder: string,
  control: RunControl & { data?: string } = {},
): Promise<RunOutcome> {
  const stored = readRun(folder)
  refuseOther(definition, folder, stored)
  const { machine, versions } = await environmentOf(definition, stored.device, control.startWorker)
  const { memoryBytes: _, ...now } = machine
  for (const change of [...changes(stored.versions, versions), ...changes(stored.machine, now)])
    control.observer?.notice?.(`not as when the run began, so its numbers may differ in the last digits: ${change}`)
  const resumed = stored.status === 'complete' ? stored.resumed : [...stored.resumed, new Date().toISOString()]
  const record = { ...stored, dataFrom: control.data ?? stored.dataFrom, resumed }
  return work(definition, folder, record, control)
}

async function work(definition: Experiment, folder: string, record: RunRecord, control: RunControl): Promise<RunOutcome> {
  const release = lock(folder)
  const signal = control.signal ?? new AbortController().signal
  try {
    tidy(folder)
    const current = { ...record, data: record.data }
    if (record.units.some(({ unit }) => !readUnit(folder, unit))) {
      writeRun(folder, record)
      const { provenance, value } = await loadData(definition, record, signal, control.observer)
      current.data = provenance
      writeRun(folder, current)
      await runUnits(definition, folder, current, value, signal, control)
    }
    const complete: RunRecord = { ...current, status: 'complete', finished: current.finished ?? new Date().toISOString() }
    writeRun(folder, complete)
    return { folder, report: await makeReport(definition, folder) }
  } catch (error) {
    throw signal.aborted ? new Interrupted(folder) : error
  } finally {
    release()
  }
}

async function loadData(definition: Experiment, record: RunRecord, signal: AbortSignal, observer: RunObserver = {}) {
  if (record.dataFrom !== undefined && !existsSync(record.dataFrom))
    throw new InputError('there is no such folder or file', {
      where: `--data ${record.dataFrom}`,
      fix: 'leave it out to use what the method finds itself',
    })
  const context = { config: record.config, data: record.dataFrom, signal, log: (line: string) => observer.notice?.(line) }
  const loaded = await definition.data(context)
  if (record.data && record.data.sha256 !== loaded.provenance.sha256)
    throw new InputError(`the data are not those with which the run began (${record.data.name})`, {
      where: loaded.provenance.source,
      fix: 'give the same --data, or start a new run',
    })
  observer.data?.(loaded.provenance)
  return loaded
}

async function runUnits(
  definition: Experiment,
  folder: string,
  record: RunRecord,
  data: unknown,
  signal: AbortSignal,
  { observer = {}, startWorker }: RunControl,
): Promise<void> {
  const total = record.units.length
  const indexOf = new Map(record.units.map(({ unit }, index) => [unit, index]))
  const notice = (line: string) => observer.notice?.(line)
  trimMetrics(pathsOf(folder).metrics, (unit) => standingObservations(folder, unit, notice))
  const pending = record.units.filter(({ unit }, index) => {
    const before = readUnit(folder, unit)
    if (before) observer.unitFinished?.({ record: before, index, total, before: true })
    return !before
  })
  const events: PoolObserver = {
    notice,
    started: (unit) => observer.unitStarted?.({ unit, index: indexOf.get(unit)!, total }),
    progress: (unit, done, of, note) => observer.progress?.({ unit, index: indexOf.get(unit)!, total, done, of, note }),
    finished: (unit) => observer.unitFinished?.({ record: readUnit(folder, unit)!, index: indexOf.get(unit)!, total, before: false }),
  }
  if (inWorkers(definition, record.device, startWorker)) {
    const { module, threads } = definition.workers!
    const options = { count: unitsAtATime(definition, record.device, pending, startWorker), signal, observer: events, start: startWorker }
    const names = pending.map(({ unit }) => unit)
    return trainInWorkers({ folder, run: record, module, threads }, names, options)
  }
  await trainHere(definition, folder, record, pending, data, signal, events)
}

/** Units one after another, in this thread. */
async function trainHere(
  definition: Experiment,
  folder: string,
  run: RunRecord,
  pending: readonly PlannedUnit[],
  data: unknown,
  signal: AbortSignal,
  events: PoolObserver,
): Promise<void> {
  const arms = armsOf(definition, run.config)
  const metrics = openMetrics(pathsOf(folder).metrics)
  try {
    for (const { unit, arm, seed } of pending) {
      signal.throwIfAborted()
      events.started(unit)
      const progress = (done: number, of: number, note?: string) => events.progress(unit, done, of, note)
      const job = { definition, folder, run, arm: arms.find(({ id }) => id === arm)!, seed, data, metrics, signal, progress }
      await runUnit({ ...job, notice: events.notice })
      events.finished(unit)
    }
  } finally {
    metrics.close()
  }
}
