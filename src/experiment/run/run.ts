import { existsSync, rmSync } from 'node:fs'
import { InputError } from '../../engine/errors.ts'
import type { Experiment } from '../definition.ts'
import { armsOf } from '../experiment.ts'
import { makeReport } from '../report/report.ts'
import { duplicateNotices, refuseLeaks, splitRecords } from '../splits.ts'
import { alone, type Held } from './alone.ts'
import { makeFolder } from './disk.ts'
import { writeManifest } from './manifest.ts'
import { openMetrics } from './metrics.ts'
import { folderOf, inWorkers, planRun, refuseOther, resumedRecord, unitsAtATime } from './plan-run.ts'
import type { RunControl, RunObserver, RunOutcome, RunRequest } from './request.ts'
import { isShared, type PlannedUnit, pathsOf, type RunRecord, readRun, readUnit, refuseUsed, tidy, writeRun } from './run-folder.ts'
import { runUnit, tidyFinished, trimToCheckpoints } from './unit.ts'
import { type PoolObserver, trainInWorkers } from './worker-pool.ts'

/**
 * Runs an experiment: every arm with every seed, then the verdicts and the report, all in a run folder.
 * @example const { folder, report } = await runExperiment(coin, { preset: 'small' })
 */
export async function runExperiment(definition: Experiment, request: RunRequest, control: RunControl = {}): Promise<RunOutcome> {
  const record = await planRun(definition, request, control)
  const folder = folderOf(request, record)
  await control.lead?.agree(definition, record, false)
  makeFolder(folder)
  return alone(folder, control, (held) => {
    refuseUsed(folder)
    writeRun(folder, record)
    return work(definition, folder, record, held)
  })
}

/**
 * Goes on with an interrupted run from its last complete checkpoint. Ends with the same numbers as a run that was never interrupted, on the
 * same machine, thread count and runtime; where those differ, the observer is told. Of a run that is shared out in tasks it works on all that nobody
 * else has or had.
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
  if (isShared(folder)) return (await import('../launch/shared.ts')).resumeShared(definition, folder, control)
  refuseOther(definition, folder, readRun(folder))
  return alone(folder, control, async (held) =>
    work(definition, folder, await resumedRecord(definition, folder, { ...held, data: control.data }), held),
  )
}

async function work(definition: Experiment, folder: string, record: RunRecord, control: Held): Promise<RunOutcome> {
  await train(definition, folder, record, control)
  return complete(definition, folder)
}

/** The report of a run that has all its units, and last of all the manifest of its folder. Only for whoever holds it {@link alone}. */
export async function complete(definition: Experiment, folder: string): Promise<RunOutcome> {
  const report = await makeReport(definition, folder)
  writeManifest(folder)
  return { folder, report }
}

/** Trains every unit of a run that its folder lacks. Only for whoever holds the folder {@link alone}. */
export async function train(definition: Experiment, folder: string, record: RunRecord, control: Held): Promise<RunRecord> {
  tidy(folder)
  for (const { unit } of record.units) if (readUnit(folder, unit)) tidyFinished(folder, unit)
  const current = { ...record, data: record.data, splits: record.splits }
  if (record.units.some(({ unit }) => !readUnit(folder, unit))) {
    writeRun(folder, record)
    const { provenance, value, splits } = await loadData(definition, record, control.signal, control.observer).catch((error) => {
      // A new run whose data are refused leaves nothing behind.
      if (error instanceof InputError && !record.splits && record.resumed.length === 0) rmSync(folder, { recursive: true, force: true })
      throw error
    })
    current.data = provenance
    current.splits = splits
    await control.lead?.loaded(provenance)
    writeRun(folder, current)
    await runUnits(definition, folder, current, value, control)
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
    throw new InputError(
      `the data are not those ${record.like ? 'of the run that is repeated' : 'with which the run began'} (${record.data.name})`,
      {
        where: loaded.provenance.source,
        fix: 'give the same --data, or start a new run',
      },
    )
  refuseLeaks(splits, record.method)
  const records = splitRecords(splits)
  for (const line of duplicateNotices(records)) observer.notice?.(line)
  observer.data?.(loaded.provenance)
  return { ...loaded, splits: records }
}

async function runUnits(
  definition: Experiment,
  folder: string,
  record: RunRecord,
  data: unknown,
  { observer = {}, signal, startWorker, lead }: Held,
): Promise<void> {
  const total = record.units.length
  const indexOf = new Map(record.units.map(({ unit }, index) => [unit, index]))
  const notice = (line: string) => observer.notice?.(line)
  trimToCheckpoints(folder, record, notice)
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
    signal.throwIfAborted()
  } finally {
    metrics.close()
  }
}
