import { randomBytes } from 'node:crypto'
import { closeSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { InputError } from '../../engine/errors.ts'
import { asInputError, readJson } from './disk.ts'

interface Holder {
  readonly pid: number
  readonly host: string
  /** When the process started, so that a re-used pid is not taken for the holder. */
  readonly born?: string
  /** Tells its locks from those of others. */
  readonly token?: string
}

/** Milliseconds between two signs of life of a lock's holder: it writes the lock again, so that the file system's clock dates it. */
const beatEvery = 15_000

/** Milliseconds after which a holder on another machine that gave no sign counts as dead. One on this machine is looked for among its processes. */
export const deadAfter = 150_000

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

/** Whether a holder still works, `now` by the clock that dates the lock's file. */
function isAlive({ pid, host, born }: Holder, path: string, now: number): boolean {
  if (host !== hostname()) return now - datedAt(path) < deadAfter
  return exists(pid) && (born === undefined || birthOf(pid) === undefined || birthOf(pid) === born)
}

function datedAt(path: string): number {
  try {
    return statSync(path).mtimeMs
  } catch {
    return Number.NEGATIVE_INFINITY
  }
}

const lockPath = (folder: string): string => join(folder, 'lock')

/** Who works in a run folder now, if anybody; a lock left by a killed process does not count. */
export function lockHolder(folder: string, now = Date.now()): Holder | undefined {
  const path = lockPath(folder)
  const holder = readJson(path) as Holder | undefined
  return holder && Number.isInteger(holder.pid) && isAlive(holder, path, now) ? holder : undefined
}

/** The lock appears with its content, all at once: it is written aside and linked to its name. Also tells the file system's time. */
function create(path: string, holder: Holder): { made: boolean; now: number } {
  const aside = `${path}.${holder.token}.tmp`
  let now = Date.now()
  try {
    writeFileSync(aside, JSON.stringify(holder))
    now = datedAt(aside)
    linkSync(aside, path)
    return { made: true, now }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return { made: false, now }
    throw asInputError(error, path)
  } finally {
    rmSync(aside, { force: true })
  }
}

/** Moves a dead process's lock away. If another process was faster and this is already its lock, it is put back. */
function removeStale(path: string, now: number): void {
  const aside = `${path}.${randomBytes(4).toString('hex')}.stale.tmp`
  try {
    renameSync(path, aside)
    const moved = readJson(aside) as Holder | undefined
    if (moved && Number.isInteger(moved.pid) && isAlive(moved, aside, now)) linkSync(aside, path)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'EEXIST') throw asInputError(error, path)
  } finally {
    rmSync(aside, { force: true })
  }
}

const isOurs = (path: string, { token }: Holder): boolean => (readJson(path) as Holder | undefined)?.token === token

/** A sign of life; false where the lock has become another's, as it does when this process was silent for so long that it counted as dead. */
function beat(path: string, holder: Holder): boolean {
  try {
    if (!isOurs(path, holder)) return false
    const file = openSync(path, 'r+')
    writeSync(file, JSON.stringify(holder), 0)
    closeSync(file)
  } catch {
    // The file system is away for a moment; the next beat will tell.
  }
  return true
}

/** Takes a run folder for this process, or refuses if another one has it. `lost` is told where another takes it over. Returns the release. */
export function lock(folder: string, lost: () => void = () => {}): () => void {
  const path = lockPath(folder)
  const holder: Holder = { pid: process.pid, host: hostname(), born: birthOf(process.pid), token: randomBytes(8).toString('hex') }
  for (let attempt = 0; attempt < 3; attempt++) {
    const { made, now } = create(path, holder)
    if (made) return held(path, holder, lost)
    if (lockHolder(folder, now)) break
    removeStale(path, now)
  }
  const other = lockHolder(folder)
  const who = other ? `process ${other.pid} on ${other.host}` : 'another process'
  throw new InputError(`${who} is working in this run folder`, { where: folder, fix: `wait for it, or if it is gone remove ${path}` })
}

function held(path: string, holder: Holder, lost: () => void): () => void {
  const timer = setInterval(() => {
    if (beat(path, holder)) return
    clearInterval(timer)
    lost()
  }, beatEvery).unref()
  return () => {
    clearInterval(timer)
    if (isOurs(path, holder)) rmSync(path, { force: true })
  }
}
