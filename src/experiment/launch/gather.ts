import { dirname, join } from 'node:path'
import { InputError } from '../../engine/errors.ts'
import { makeFolder, readIfThere, removeFile, sha256, writeAtomically } from '../run/disk.ts'
import { changes, type Machine } from '../run/machine.ts'
import { type FileEntry, readManifest } from '../run/manifest.ts'
import { pathsOf, type RunRecord, readRun, writeRun } from '../run/run-folder.ts'
import { readDone, type Task, tasksOf } from './tasks.ts'

/** A task that is done: its run.json, and its other files with their hashes. */
interface Finished {
  readonly task: Task
  readonly run: RunRecord
  readonly files: readonly FileEntry[]
}

function finished(task: Task): Finished {
  const manifest = readManifest(task.folder)
  if (!manifest) throw damaged(task, pathsOf(task.folder).run, 'its task has no manifest')
  return { task, run: readRun(task.folder), files: manifest.files.filter(({ path }) => path !== 'run.json') }
}

/**
 * Brings the files of all tasks into the folder of the run itself, which is then like one that ran on one machine: the metrics in the order of the seeds, a
 * unit's file after whatever belongs to it. May be repeated, or killed at any moment. Only for whoever is alone in the folder.
 */
export function gather(folder: string, notice: (line: string) => void): void {
  const run = readRun(folder)
  const tasks = tasksOf(folder, run)
  const missing = tasks.filter((task) => !readDone(task)).length
  if (missing) throw new InputError(`${missing} of ${tasks.length} tasks are not done`, { where: folder })
  const all = tasks.map(finished)
  const together = gatheredRecord(run, all, notice)
  writeAtomically(pathsOf(folder).metrics, Buffer.concat(all.flatMap(metricsOf)))
  for (const one of all) copyFiles(folder, one)
  writeRun(folder, together)
}

const isMetrics = ({ path }: FileEntry): boolean => path === 'metrics.jsonl'
const isUnit = ({ path }: FileEntry): boolean => path.startsWith('units/')

const metricsOf = ({ task, files }: Finished): Uint8Array[] => files.filter(isMetrics).map((entry) => checked(task, entry))

function copyFiles(folder: string, { task, files }: Finished): void {
  const others = files.filter((entry) => !isMetrics(entry) && !isUnit(entry))
  for (const entry of [...others, ...files.filter(isUnit)]) {
    const path = join(folder, entry.path)
    makeFolder(dirname(path))
    writeAtomically(path, checked(task, entry))
  }
}

/** A file as it was when its task ended. */
function checked(task: Task, { path, sha256: hash }: FileEntry): Uint8Array {
  const file = join(task.folder, path)
  const bytes = readIfThere(file)
  if (bytes && sha256(bytes) === hash) return bytes
  removeFile(file)
  throw damaged(task, file, 'it is not as it was when its task ended')
}

/** Such a task does not count as done any longer. */
function damaged(task: Task, where: string, what: string): InputError {
  removeFile(task.done)
  return new InputError(what, { where, fix: 'quire run <method> --resume makes it again' })
}

/** run.json of the whole: complete, with the data and the machine of the tasks. */
function gatheredRecord(run: RunRecord, all: readonly Finished[], notice: (line: string) => void): RunRecord {
  const [first, ...others] = all.map((one) => one.run)
  for (const other of others) {
    if (other.data?.sha256 !== first.data?.sha256)
      throw new InputError(`seed ${other.seeds[0]} read other data than seed ${first.seeds[0]}`, {
        where: `${other.data?.source}, ${first.data?.source}`,
      })
    const differing = [...changes(lasting(first.machine), lasting(other.machine)), ...changes(first.versions, other.versions)]
    if (differing.length)
      notice(`seed ${other.seeds[0]} ran elsewhere than seed ${first.seeds[0]}, so the last digits may differ: ${differing.join(', ')}`)
  }
  const { data, machine, versions, code, atATime } = first
  const splits = unique(all.flatMap((one) => one.run.splits ?? []))
  const ends = all.flatMap((one) => one.run.finished ?? []).sort()
  const resumed = all.flatMap((one) => one.run.resumed).sort()
  return { ...run, data, splits, machine, versions, code, atATime, status: 'complete', finished: ends.at(-1), resumed }
}

/** What numbers may depend on. */
const lasting = ({ memoryBytes: _, ...machine }: Machine) => machine

const unique = <T>(values: readonly T[]): T[] => [...new Map(values.map((value) => [JSON.stringify(value), value])).values()]
