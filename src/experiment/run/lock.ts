import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { InputError } from '../../engine/errors.ts'
import { asInputError, readJson } from './disk.ts'

interface Holder {
  readonly pid: number
  readonly host: string
  /** When the process started, so that a re-used pid is not taken for the holder. */
  readonly born?: string
}

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

const isAlive = ({ pid, host, born }: Holder): boolean =>
  host !== hostname() || (exists(pid) && (born === undefined || birthOf(pid) === undefined || birthOf(pid) === born))

const lockPath = (folder: string): string => join(folder, 'lock')

/** Who works in a run folder now, if anybody; a lock left by a killed process does not count. */
export function lockHolder(folder: string): Holder | undefined {
  const holder = readJson(lockPath(folder)) as Holder | undefined
  return holder && Number.isInteger(holder.pid) && isAlive(holder) ? holder : undefined
}

/** The lock appears with its content, all at once: it is written aside and linked to its name. */
function create(path: string): boolean {
  const aside = `${path}.${process.pid}.tmp`
  const holder: Holder = { pid: process.pid, host: hostname(), born: birthOf(process.pid) }
  try {
    writeFileSync(aside, JSON.stringify(holder))
    linkSync(aside, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw asInputError(error, path)
  } finally {
    rmSync(aside, { force: true })
  }
}

/** Moves a dead process's lock away. If another process was faster and this is already its lock, it is put back. */
function removeStale(path: string): void {
  const aside = `${path}.${process.pid}.stale.tmp`
  try {
    renameSync(path, aside)
    const moved = readJson(aside) as Holder | undefined
    if (moved && Number.isInteger(moved.pid) && isAlive(moved)) linkSync(aside, path)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'EEXIST') throw asInputError(error, path)
  } finally {
    rmSync(aside, { force: true })
  }
}

/** Takes a run folder for this process, or refuses if another one has it. Returns the release. */
export function lock(folder: string): () => void {
  const path = lockPath(folder)
  for (let attempt = 0; attempt < 3; attempt++) {
    if (create(path)) return () => rmSync(path, { force: true })
    const holder = lockHolder(folder)
    if (holder) break
    removeStale(path)
  }
  const holder = lockHolder(folder)
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process'
  throw new InputError(`${who} is working in this run folder`, { where: folder, fix: `wait for it, or if it is gone remove ${path}` })
}
