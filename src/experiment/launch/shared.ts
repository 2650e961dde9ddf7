import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { InputError } from '../../engine/errors.ts'
import type { Experiment } from '../definition.ts'
import { alone } from '../run/alone.ts'
import { guarded, makeFolder, operations, removeFile, writeJson } from '../run/disk.ts'
import { deadAfter, lockHolder } from '../run/lock.ts'
import { writeManifest } from '../run/manifest.ts'
import { environmentOf, planRun, refuseOther, resumedRecord, unitsAtATime } from '../run/plan-run.ts'
import { Interrupted, type RunControl, type RunOutcome, type RunRequest } from '../run/request.ts'
import { complete, train } from '../run/run.ts'
import { pathsOf, type RunRecord, readRun, refuseUsed, writeRun } from '../run/run-folder.ts'
import { gather } from './gather.ts'
import { allDone, doneRecord, failedRecord, findTask, readDone, stateOf, type Task, taskRecord, tasksOf } from './tasks.ts'

type Control = RunControl & { readonly data?: string }

/** Makes the folder of a run that is shared out in tasks. */
export function createShared(folder: string, record: RunRecord): void {
  refuseUsed(folder)
  makeFolder(pathsOf(folder).tasks)
  writeRun(folder, record)
}

/** What processes must agree on to work in one folder. */
const agreed = ({ method, preset, seeds, config, device, parallel, units, versions }: RunRecord): string =>
  JSON.stringify([method, preset, seeds, config, device, parallel?.shards, units.map(({ unit }) => unit), versions.quire])

/**
 * The folder of a shared run that any of its processes may be the first to need: whoever comes first makes it. One that another process
 * began with other settings is refused.
 */
export async function joinShared(definition: Experiment, request: RunRequest & { folder: string }, control: Control = {}): Promise<void> {
  const { folder } = request
  const record = await planRun(definition, request, control)
  const { run, tasks } = pathsOf(folder)
  if (!existsSync(run)) {
    const aside = `${run}.${hostname()}.${process.pid}.${record.id}.tmp`
    makeFolder(tasks)
    writeJson(aside, record)
    guarded(run, () => linkUnlessThere(aside, run))
    removeFile(aside)
  }
  if (agreed(readRun(folder)) !== agreed(record))
    throw new InputError('the run in this folder has another method, preset, config, version or other seeds', {
      where: folder,
      fix: 'choose another --out',
    })
  if (!existsSync(tasks))
    throw new InputError('this run is not shared out in tasks', { where: folder, fix: 'leave --task out, or choose another --out' })
}

function linkUnlessThere(from: string, to: string): void {
  try {
    operations.link(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/**
 * Works on one task of a shared run, from its newest checkpoint if it was begun before. Whoever finishes the last one gathers them all and makes the
 * report, which is returned. A task that is done already is left as it is.
 */
export async function runTask(
  definition: Experiment,
  folder: string,
  seed: number,
  control: Control = {},
): Promise<RunOutcome | undefined> {
  const run = readRun(folder)
  refuseOther(definition, folder, run)
  const task = findTask(folder, run, seed)
  await outwait(folder, task, control)
  await work(definition, folder, run, task, control)
  if (!allDone(folder, run)) return undefined
  return finish(definition, folder, control).catch((error) => {
    if (lockHolder(folder)) return undefined // who else came last is at it
    throw error
  })
}

/** Goes on with all tasks of a shared run that nobody works on, one after another, then makes the report. */
export async function resumeShared(definition: Experiment, folder: string, control: Control = {}): Promise<RunOutcome> {
  const run = readRun(folder)
  refuseOther(definition, folder, run)
  for (const task of tasksOf(folder, run)) if (stateOf(task) !== 'running') await work(definition, folder, run, task, control)
  const left = tasksOf(folder, run).find((task) => !readDone(task))
  const holder = left && lockHolder(left.folder)
  if (holder)
    throw new InputError(`process ${holder.pid} on ${holder.host} is working on seed ${left.seed}`, {
      where: folder,
      fix: 'it makes the report if it is the last; else come again',
    })
  return finish(definition, folder, control)
}

/** Trains a task's units in its own folder, and marks it as done. */
async function work(definition: Experiment, folder: string, run: RunRecord, task: Task, control: Control): Promise<void> {
  if (readDone(task)) return
  makeFolder(task.folder)
  const working = alone(task.folder, control, async (held) => {
    if (readDone(task)) return
    removeFile(task.failed)
    try {
      const record = existsSync(pathsOf(task.folder).run)
        ? await resumedRecord(definition, task.folder, control)
        : await begunRecord(definition, taskRecord(run, task.seed), control)
      await train(definition, task.folder, record, held)
      writeManifest(task.folder)
      writeJson(task.done, doneRecord(task))
    } catch (error) {
      if (!held.signal.aborted) writeJson(task.failed, failedRecord(task, error))
      throw error
    }
  })
  await working.catch((error) => {
    throw error instanceof Interrupted ? new Interrupted(folder) : error
  })
}

/** run.json of a task as it begins on this machine. */
const begunRecord = async (definition: Experiment, record: RunRecord, { startWorker }: Control): Promise<RunRecord> => ({
  ...record,
  ...(await environmentOf(definition, record.device, startWorker)),
  atATime: unitsAtATime(definition, record.device, record.units, startWorker),
})

/** A task may find the lock of a process on a machine that died, and waits until that one counts as dead. */
async function outwait(folder: string, task: Task, { signal }: Control): Promise<void> {
  for (const until = Date.now() + deadAfter; Date.now() < until; ) {
    const holder = lockHolder(task.folder)
    if (!holder || holder.host === hostname()) return
    if (signal?.aborted) throw new Interrupted(folder)
    await sleep(1000)
  }
}

/** Gathers all tasks into the run's own folder and makes its report. Of two processes that come to it at a time one does it. */
function finish(definition: Experiment, folder: string, control: Control): Promise<RunOutcome> {
  return alone(folder, control, async () => {
    gather(folder, (line) => control.observer?.notice?.(line))
    return complete(definition, folder)
  })
}
