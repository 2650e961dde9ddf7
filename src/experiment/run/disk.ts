import { createHash, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { InputError } from '../../engine/errors.ts'

/** Every operation by which a run folder is changed. Tests replace members to fail any one of them. */
export const operations = {
  open: openSync,
  write: writeSync,
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  remove: rmSync,
}

/** Writes all of `bytes`; a short write is continued. */
export function writeFully(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += operations.write(file, bytes, at, bytes.length - at)
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = operations.open(folder, 'r')
  try {
    operations.sync(handle)
  } finally {
    operations.close(handle)
  }
}

/**
 * Writes a file so that at any moment, power cuts included, its path holds either the old content or the new one:
 * temporary name, sync, rename, sync of the folder.
 */
export function writeAtomically(path: string, content: Uint8Array | string): void {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`
  try {
    const file = operations.open(temporary, 'w')
    try {
      writeFully(file, bytes)
      operations.sync(file)
    } finally {
      operations.close(file)
    }
    operations.rename(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw asInputError(error, path)
  }
  syncFolder(dirname(path))
}

export const writeJson = (path: string, value: unknown): void => writeAtomically(path, `${JSON.stringify(value, null, 2)}\n`)

const advice: Record<string, string> = {
  ENOSPC: 'free some disk space and resume',
  EACCES: 'choose a folder that you may write with --out',
  EPERM: 'choose a folder that you may write with --out',
  EROFS: 'choose a folder that you may write with --out',
  ENOTDIR: 'a part of the path is a file; choose another folder with --out',
  EEXIST: 'a part of the path is a file; choose another folder with --out',
  ENOENT: 'check the path',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the path is too long',
}

/** What the operating system refused, as an error of the user's. Other errors are returned as they are. */
export function asInputError(error: unknown, where: string): unknown {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  if (error instanceof InputError || typeof code !== 'string' || !(code in advice)) return error
  return new InputError(`cannot be used (${code})`, { where, fix: advice[code], cause: error })
}

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

/** Parsed JSON of a file, or undefined where it is missing or torn. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw asInputError(error, path)
  }
}
