import { fstatSync, readFileSync, statSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { InputError } from '../../engine/errors.ts'
import { formatSeconds } from '../format.ts'
import { guarded, operations, readJson, removeIfPossible, writeFully } from './disk.ts'

/*
 * One process works in a run folder: the one whose `lock` it is. The file appears with its content, all at once, because it is written aside and linked
 * to its name, which fails where the name is taken, on network file systems too. Its holder rewrites the same bytes every few seconds, so the file's
 * modification time says when it was last alive. A dead holder's lock is replaced by renaming; who may do that is settled by a lock as well.
 */

export interface LockHolder {
  readonly pid: number
  readonly host: string
  /** When the process started, so that a re-used pid is not taken for the holder. */
  readonly born?: string
  /** Of a task of a Slurm job array. */
  readonly job?: JobStart
  /** Milliseconds since 1970, by the clock of the file system: the holder's last sign of life. */
  readonly lastSeen: number
}

/** Which task it is, and how often Slurm had started it again. */
interface JobStart {
  readonly task: string
  readonly restarts: number
}

/** What this process is in a job array. */
function ownStart(): JobStart | undefined {
  const { SLURM_ARRAY_JOB_ID: array, SLURM_ARRAY_TASK_ID: task, SLURM_RESTART_COUNT: restarts = '0' } = process.env
  return array && task ? { task: `${array}_${task}`, restarts: Number(restarts) } : undefined
}

/** Slurm starts a task again only after it has ended the start before, perhaps on another machine and by force. */
const isPredecessor = (job: JobStart | undefined, own = ownStart()): boolean =>
  job !== undefined && own !== undefined && job.task === own.task && job.restarts < own.restarts

/** Milliseconds between two signs of life. */
export const heartbeatEvery = 10_000

/** A process on another machine that gave no sign of life for so many milliseconds is dead. One on this machine is asked for directly. */
export const deadAfter = 10 * 60_000

/** A process's start time in clock ticks since boot, where /proc tells it. */
function birthOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function isAlive({ pid, host, born, job, lastSeen }: LockHolder, now: number): boolean {
  if (host !== hostname()) return !isPredecessor(job) && now - lastSeen < deadAfter
  return exists(pid) && (born === undefined || birthOf(pid) === undefined || birthOf(pid) === born)
}

const lockPath = (folder: string): string => join(folder, 'lock')

/** What a lock file says; a damaged one, which nobody alive can have written, says nothing. */
function readHolder(path: string): LockHolder | undefined {
  const holder = readJson(path) as Omit<LockHolder, 'lastSeen'> | undefined
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat && holder && Number.isInteger(holder.pid) && typeof holder.host === 'string'
    ? { ...holder, lastSeen: stat.mtimeMs }
    : undefined
}

/** Who works in a run folder now, if anybody; a lock left by a dead process does not count. `now` is by the clock of the file system. */
export function lockHolder(folder: string, now = Date.now()): LockHolder | undefined {
  const holder = readHolder(lockPath(folder))
  return holder && isAlive(holder, now) ? holder : undefined
}

/** A lock file that this process has open: as long as it has a name, it holds. */
interface Held {
  readonly path: string
  readonly file: number
  readonly content: Uint8Array
}

const hasName = ({ file }: Held): boolean => {
  try {
    return fstatSync(file).nlink > 0
  } catch {
    return false // ESTALE: removed on another machine
  }
}

const drop = ({ path, file }: Held): void => {
  try {
    if (fstatSync(file).nlink > 0) operations.remove(path, { force: true })
  } finally {
    operations.close(file)
  }
}

let asides = 0

/** Takes a lock, or returns undefined where somebody alive has it. */
function acquire(path: string): Held | undefined {
  const aside = `${path}.${process.pid}-${asides++}.tmp`
  const content = new TextEncoder().encode(
    JSON.stringify({ pid: process.pid, host: hostname(), born: birthOf(process.pid), job: ownStart() }),
  )
  const held: Held = { path, file: operations.open(aside, 'wx'), content }
  let taken = false
  try {
    writeFully(held.file, content)
    operations.sync(held.file)
    taken = link(aside, held) || replaceDead(aside, held)
    return taken ? held : undefined
  } finally {
    removeIfPossible(aside)
    if (!taken) operations.close(held.file)
  }
}

/** Gives the file its name if that is free. A network file system may fail to answer after it has done so: the count of names is the truth. */
function link(aside: string, { path, file }: Held): boolean {
  try {
    operations.link(aside, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return fstatSync(file).nlink > 1
  }
}

/**
 * Puts the file in the place of a dead process's lock. Whoever does this holds `<path>.takeover` and looks again before it renames, so that nobody's
 * living lock is replaced.
 */
function replaceDead(aside: string, { path, file }: Held): boolean {
  const now = fstatSync(file).mtimeMs // the file was written just now, by the clock that also dates the holder's
  const isDead = () => {
    const holder = readHolder(path)
    return !holder || !isAlive(holder, now)
  }
  if (!isDead()) return false
  const turn = acquire(`${path}.takeover`)
  if (!turn) return false
  try {
    if (!isDead()) return false
    operations.rename(aside, path)
    return true
  } finally {
    drop(turn)
  }
}

/**
 * Takes a run folder for this process, or refuses if another one has it. Returns the release. `lost` is called if the lock is removed or taken over
 * while it is held, as after a pause longer than `deadAfter`: stop working then.
 *
 * @throws InputError that names the holder.
 */
export function lock(folder: string, lost: () => void = () => {}): () => void {
  const path = lockPath(folder)
  const held = guarded(path, () => acquire(path))
  if (!held) throw refusal(folder)
  const beat = setInterval(() => {
    if (hasName(held)) return signOfLife(held)
    clearInterval(beat)
    lost()
  }, heartbeatEvery)
  beat.unref()
  return () => {
    clearInterval(beat)
    guarded(path, () => drop(held))
  }
}

/** The same bytes again. Written, not touched: so a file server dates it by its own clock, whatever time it is here. */
function signOfLife({ file, content }: Held): void {
  try {
    writeSync(file, content, 0, content.length, 0)
  } catch {
    // A full disk or a server that does not answer: the next one may pass, and there are many before the lock counts as dead.
  }
}

function refusal(folder: string): InputError {
  const holder = readHolder(lockPath(folder))
  if (!holder) return new InputError('another process is taking this run folder', { where: folder, fix: 'try again' })
  const { pid, host, lastSeen } = holder
  const fix =
    host === hostname()
      ? `wait for it, or stop it with kill ${pid}`
      : `wait for it; if that machine is gone, its lock is taken over ${formatSeconds(deadAfter / 1000)} after its last sign of life (${new Date(lastSeen).toISOString()}), or remove ${lockPath(folder)}`
  return new InputError(`process ${pid} on ${host} is working in this run folder`, { where: folder, fix })
}
