import { existsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import type { Provenance } from '../../data/index.ts'
import { InputError } from '../../engine/errors.ts'
import { type PlainObject, resolveConfig } from '../config.ts'
import type { Device, Experiment, PresetName, UnitRecord } from '../definition.ts'
import { armsOf } from '../experiment.ts'
import { planUnits } from '../plan.ts'
import type { Lead } from '../ranks/lead.ts'
import { makeReport, type Report } from '../report/report.ts'
import { duplicateNotices, refuseLeaks, splitRecord } from '../splits.ts'
import { codeChanges, codeVersion } from './code.ts'
import { lock } from './lock.ts'
import { changes, environment, quireVersion } from './machine.ts'
import { openMetrics, trimMetrics } from './metrics.ts'
import {
  type About,
  createRunFolder,
  defaultFolder,
  isShared,
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

/** A run was stopped from outside; it can be gone on with. */
export class Interrupted extends Error {
  override name = 'Interrupted'
  readonly folder: string
  /** `cause`: the reason, where it is known. */
  constructor(folder: string, cause?: unknown) {
    super(`interrupted; go on with --resume ${folder}`, { cause })
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
export async function environmentOf(definition: Experiment, device: Device, start?: StartWorker) {
  const here = { ...(await environment(device)), code: codeVersion() }
  return inWorkers(definition, device, start) ? { ...here, machine: { ...here.machine, threads: definition.workers!.threads } } : here
}

/** A run's config, arms and units before anything is trained; what `--dry-run` shows. */
export async function prepare(definition: Experiment, request: RunRequest) {
  const preset = definition.presets[request.preset]
  const seeds = request.seeds ?? Array.from({ length: preset.seeds }, (_, seed) => seed)
  const layers = request.like ? [request.like.config] : [(preset.config ?? {}) as PlainObject, request.settings ?? {}]
  const config = resolveConfig(definition.config, layers, `${definition.method} ${request.preset}`)
  return { seeds, config: config as PlainObject, units: await planUnits(definition, armsOf(definition, config), config, seeds) }
}

/** run.json as a run begins, before anything is in its folder. */
export async function planRun(definition: Experiment, request: RunRequest, control: RunControl = {}): Promise<RunRecord> {
  const { seeds, config, units } = await prepare(definition, request)
  const device = request.device ?? 'cpu'
  const here = await environmentOf(definition, device, control.startWorker)
  if (request.like) announce(request.like, here, 'in the run that is repeated', control)
  return {
    schema: runSchema,
    method: definition.method,
    id: newRunId([definition.method, config, seeds]),
    about: request.about,
    preset: request.preset,
    seeds,
    config,
    settings: request.settings ?? {},
    device,
    ...here,
    command: request.command ?? [],
    like: request.like?.id,
    dataFrom: request.data,
    data: request.like?.data,
    units,
    parallel: request.shards ? { shards: request.shards, ranks: control.lead?.size ?? 1 } : undefined,
    atATime: control.lead ? control.lead.atATime(definition, request.shards) : unitsAtATime(definition, device, units, control.startWorker),
    status: 'running',
    started: new Date().toISOString(),
    resumed: [],
  }
}

/** The folder that a request names, or the one that its run's id gives. */
export const folderOf = ({ folder, root = 'runs' }: RunRequest, { method, id }: RunRecord): string =>
  folder ?? defaultFolder(root, method, id)

/**
 * Runs an experiment: every arm with every seed, then the verdicts and the report, all in a run folder.
 * @example const { folder, report } = await runExperiment(coin, { preset: 'small' })
 */
export async function runExperiment(definition: Experiment, request: RunRequest, control: RunControl = {}): Promise<RunOutcome> {
  const record = await planRun(definition, request, control)
  const folder = folderOf(request, record)
  await control.lead?.agree(definition, record, false)
  createRunFolder(folder)
  writeRun(folder, record)
  return work(definition, folder, record, control)
}

/** A run is gone on with by the method and the version of Quire that began it. */
export function refuseOther(definition: Experiment, folder: string, record: RunRecord): void {
  const fix = 'start a new run'
  if (record.method !== definition.method)
    throw new InputError(`it is a run of ${record.method}, not of ${definition.method}`, {
      where: folder,
      fix: `quire run ${record.method} --resume ${folder}`,
    })
  if (record.versions.quire !== quireVersion())
    throw new InputError(`it was begun with quire ${record.versions.quire}, this is ${quireVersion()}`, { where: folder, fix })
}

/** Tells what is not as it was, of all that a run's numbers depend on. */
function announce(stored: RunRecord, now: Awaited<ReturnType<typeof environmentOf>>, when: string, { observer, lead }: RunControl): void {
  const { memoryBytes: _, ...machine } = now.machine
  for (const change of [
    ...changes(stored.versions, now.versions),
    ...changes(stored.machine, machine),
    ...codeChanges(stored.code, now.code),
    ...(stored.parallel?.shards === 'fast' ? changes({ ranks: stored.parallel.ranks }, { ranks: lead?.size ?? 1 }) : []),
  ])
    observer?.notice?.(`not as ${when}, so its numbers may differ in the last digits: ${change}`)
}

/**
 * Goes on with an interrupted run from its last complete checkpoint. Ends with the same numbers as a run that was never interrupted, on the
 * same machine, thread count and runtime; where those differ, the observer is told. Of a run that is shared out in tasks it works on all that nobody
 * else has or had.
 */
export async function resumeExperiment(
  definition: Experiment,
  folder: string,
  control: RunControl & { data?: string } = {},
): Promise<RunOutcome> {
  if (isShared(folder)) return (await import('../launch/shared.ts')).resumeShared(definition, folder, control)
  return work(definition, folder, await resumedRecord(definition, folder, control), control)
}

/** run.json of a run that is gone on with here and now. */
export async function resumedRecord(definition: Experiment, folder: string, control: RunControl & { data?: string }): Promise<RunRecord> {
  const stored = readRun(folder)
  refuseOther(definition, folder, stored)
  announce(stored, await environmentOf(definition, stored.device, control.startWorker), 'when the run began', control)
  const resumed = stored.status === 'complete' ? stored.resumed : [...stored.resumed, new Date().toISOString()]
  const record = { ...stored, dataFrom: control.data ?? stored.dataFrom, resumed }
  await control.lead?.agree(definition, record, true)
  return record
}

const work = (definition: Experiment, folder: string, record: RunRecord, control: RunControl): Promise<RunOutcome> =>
  holding(folder, control, async (held) => {
    await train(definition, folder, record, held)
    return { folder, report: await makeReport(definition, folder) }
  })

/** Works in a run folder that no other process may work in meanwhile; where one takes it over all the same, work stops. */
export async function holding<T>(folder: string, control: RunControl, action: (held: RunControl) => Promise<T>): Promise<T> {
  const lost = new AbortController()
  const release = lock(folder, () => lost.abort())
  const signal = control.signal ? AbortSignal.any([control.signal, lost.signal]) : lost.signal
  try {
    return await action({ ...control, signal })
  } catch (error) {
    if (lost.signal.aborted)
      throw new InputError('another process took this run folder over, as this one gave no sign of life for minutes', { where: folder })
    throw signal.aborted ? new Interrupted(folder, signal.reason) : error
  } finally {
    release()
  }
}

/** Trains every unit of a run that its folder lacks. Only for whoever is {@link holding} the folder. */
export async function train(definition: Experiment, folder: string, record: RunRecord, control: RunControl): Promise<RunRecord> {
  const signal = control.signal ?? new AbortController().signal
  tidy(folder)
  const current = { ...record, data: record.data, splits: record.splits }
  if (record.units.some(({ unit }) => !readUnit(folder, unit))) {
    writeRun(folder, record)
    const { provenance, value, splits } = await loadData(definition, record, signal, control.observer)
    current.data = provenance
    current.splits = splits.map(splitRecord)
    await control.lead?.loaded(provenance)
    writeRun(folder, current)
    await runUnits(definition, folder, current, value, signal, control)
  }
  const complete: RunRecord = { ...current, status: 'complete', finished: current.finished ?? new Date().toISOString() }
  writeRun(folder, complete)
  return complete
}

/** Reads the data of a run, and refuses others than those with which it began. */
export async function loadData(definition: Experiment, record: RunRecord, signal: AbortSignal, observer: RunObserver = {}) {
  if (record.dataFrom !== undefined && !existsSync(record.dataFrom))
    throw new InputError('there is no such folder or file', {
      where: `--data ${record.dataFrom}`,
      fix: 'leave it out to use what the method finds itself',
    })
  const context = {
    config: record.config,
    seeds: record.seeds,
    data: record.dataFrom,
    signal,
    log: (line: string) => observer.notice?.(line),
  }
  const { splits = [], ...loaded } = await definition.data(context)
  if (record.data && record.data.sha256 !== loaded.provenance.sha256)
    throw new InputError(`the data are not those with which the run began (${record.data.name})`, {
      where: loaded.provenance.source,
      fix: 'give the same --data, or start a new run',
    })
  refuseLeaks(splits, record.method)
  for (const line of duplicateNotices(splits)) observer.notice?.(line)
  observer.data?.(loaded.provenance)
  return { ...loaded, splits }
}

async function runUnits(
  definition: Experiment,
  folder: string,
  record: RunRecord,
  data: unknown,
  signal: AbortSignal,
  { observer = {}, startWorker, lead }: RunControl,
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
  if (lead) return lead.train({ definition, folder, run: record, pending, data, signal, events })
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
