import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { InputError } from '../../engine/errors.ts'
import { sha256, writeAtomically } from '../run/disk.ts'
import { changes, type Machine } from '../run/machine.ts'
import { pathsOf, type RunRecord, readRun, writeRun } from '../run/run-folder.ts'
import { type DoneRecord, readDone, type Task, tasksOf } from './tasks.ts'

/** What of a task's folder is its own; everything else it holds is gathered. */
const own = /^(lock|run\.json|.*\.tmp)$/

const metricsName = 'metrics.jsonl'

/** What a task writes down when it is done: `record` is its run.json. */
export function doneRecord({ seed, folder }: Task, { machine, versions, data, atATime, finished, resumed }: RunRecord): DoneRecord {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !own.test(name) && statSync(join(folder, name)).isFile(),
  )
  const files = names.sort().map((name) => [name.split(sep).join('/'), sha256(readFileSync(join(folder, name)))])
  return { seed, host: hostname(), machine, versions, data: data!, atATime, finished: finished!, resumed, files: Object.fromEntries(files) }
}

/**
 * Brings the files of all tasks into the folder of the run itself, which is then like one that ran on one machine: the metrics in the order of the seeds, a
 * unit's file after whatever belongs to it. May be repeated or killed at any moment. Only for whoever holds the run's lock.
 */
export function gather(folder: string, notice: (line: string) => void): void {
  const run = readRun(folder)
  const tasks = tasksOf(folder, run)
  const done = tasks.flatMap((task) => readDone(task) ?? [])
  if (done.length < tasks.length)
    throw new InputError(`${tasks.length - done.length} of ${tasks.length} tasks are not done`, { where: folder })
  const metrics = tasks.map((task, i) => (metricsName in done[i].files ? checked(task, done[i], metricsName) : new Uint8Array()))
  writeAtomically(pathsOf(folder).metrics, Buffer.concat(metrics))
  for (const [i, task] of tasks.entries()) copyTask(folder, task, done[i])
  writeRun(folder, gatheredRecord(run, done, notice))
}

function copyTask(folder: string, task: Task, done: DoneRecord): void {
  const names = Object.keys(done.files).filter((name) => name !== metricsName)
  const isUnit = (name: string) => name.startsWith('units/')
  for (const name of [...names.filter((name) => !isUnit(name)), ...names.filter(isUnit)]) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeAtomically(path, checked(task, done, name))
  }
}

/** A file as it was when its task ended. Where it is not, the task does not count as done any longer. */
function checked(task: Task, { files }: DoneRecord, name: string): Uint8Array {
  const path = join(task.folder, name)
  let bytes: Uint8Array | undefined
  try {
    bytes = readFileSync(path)
  } catch {}
  if (bytes && sha256(bytes) === files[name]) return bytes
  rmSync(path, { force: true })
  rmSync(task.done, { force: true })
  throw new InputError('it is not as it was when its task ended', { where: path, fix: 'quire run <method> --resume makes it again' })
}

/** run.json of the whole: complete, with the data and the machine of the tasks. */
function gatheredRecord(run: RunRecord, tasks: readonly DoneRecord[], notice: (line: string) => void): RunRecord {
  const [first, ...others] = tasks
  const { data, machine, versions } = first
  for (const other of others) {
    if (other.data.sha256 !== data.sha256)
      throw new InputError(`seed ${other.seed} read other data than seed ${first.seed}`, { where: `${other.data.source}, ${data.source}` })
    const differing = [...changes(comparable(machine), comparable(other.machine)), ...changes(versions, other.versions)]
    if (differing.length)
      notice(`seed ${other.seed} ran elsewhere than seed ${first.seed}, so the last digits may differ: ${differing.join(', ')}`)
  }
  const finished = tasks.map((task) => task.finished).sort()
  return {
    ...run,
    data,
    machine,
    versions,
    status: 'complete',
    finished: finished.at(-1),
    resumed: tasks.flatMap(({ resumed }) => resumed).sort(),
  }
}

/** What numbers may depend on. */
const comparable = ({ memoryBytes: _, ...machine }: Machine) => machine
