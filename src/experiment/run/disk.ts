import { createHash, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { InputError } from '../../engine/errors.ts'

/** Every operation by which a run folder is changed or read. Tests replace members to fail any one of them, or to forget what was not synced. */
export const operations = {
  open: openSync,
  write: writeSync,
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  link: linkSync,
  remove: rmSync,
  makeFolder: mkdirSync,
  read: readFileSync,
  list: readdirSync,
}

/** Writes all of `bytes`; a short write is continued. */
export function writeFully(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += operations.write(file, bytes, at, bytes.length - at)
}

/** A new, renamed or removed name is on the disk once its folder is; Windows cannot sync one. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = operations.open(folder, 'r')
  try {
    operations.sync(handle)
  } finally {
    operations.close(handle)
  }
}

/**
 * Makes a folder and those above it, and syncs what holds them; nothing to do where it is already there.
 * @throws InputError where it cannot be made.
 * @example
 * import { tmpdir } from 'node:os'
 *
 * makeFolder(tmpdir())
 */
export function makeFolder(path: string): void {
  guarded(path, () => {
    const first = operations.makeFolder(path, { recursive: true })
    if (first === undefined) return
    // Node names it as it was asked, relative to the working folder.
    const top = resolve(first)
    for (let made = resolve(path); made.length >= top.length; made = dirname(made)) syncFolder(dirname(made))
  })
}

/**
 * Writes a file so that at any moment, power cuts included, its path holds either the old content or the new one:
 * temporary name, sync, rename, sync of the folder.
 *
 * @example
 * import { readFileSync } from 'node:fs'
 *
 * writeAtomically('notes.txt', 'all or nothing')
 * readFileSync('notes.txt', 'utf8') // 'all or nothing'
 */
export function writeAtomically(path: string, content: Uint8Array | string): void {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`
  guarded(path, () => {
    try {
      const file = operations.open(temporary, 'wx')
      try {
        writeFully(file, bytes)
        operations.sync(file)
      } finally {
        operations.close(file)
      }
      operations.rename(temporary, path)
    } catch (error) {
      removeIfPossible(temporary)
      throw error
    }
    syncFolder(dirname(path))
  })
}

/** Tidies up after an error, which is the one to be told: what cannot be removed now, the next resume removes. */
export function removeIfPossible(path: string): void {
  try {
    operations.remove(path, { force: true })
  } catch {}
}

/**
 * A value as a JSON file, in one piece or not at all.
 *
 * @example
 * writeJson('scores.json', { accuracy: 0.9 })
 */
export const writeJson = (path: string, value: unknown): void => writeAtomically(path, `${JSON.stringify(value, null, 2)}\n`)

/** Removes a file, or nothing where there is none. */
export const removeFile = (path: string): void => guarded(path, () => operations.remove(path, { force: true }))

/** A file's bytes, or undefined where there is none. @throws InputError where it is there and cannot be read. */
export const readIfThere = (path: string): Buffer | undefined => ifThere(path, () => operations.read(path))

/** The names in a folder, sorted; none where there is no folder. */
export const namesIn = (folder: string): string[] => (ifThere(folder, () => operations.list(folder)) ?? []).sort()

function ifThere<T>(path: string, action: () => T): T | undefined {
  return guarded(path, () => {
    try {
      return action()
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENAMETOOLONG') return undefined
      throw error
    }
  })
}

/** Runs it, and says as the user's error what the operating system refused. */
export function guarded<T>(where: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw asInputError(error, where)
  }
}

const advice: Record<string, string> = {
  ENOSPC: 'free some disk space and resume',
  EDQUOT: 'your quota is used up; free some of it and resume',
  EFBIG: 'the file system holds no file of this size; choose another with --out',
  EIO: 'the disk failed to do it; check it (dmesg), then resume',
  ESTALE: 'the network file system lost the file; check the mount, then resume',
  EMFILE: 'too many files are open; raise the limit (ulimit -n) and resume',
  ENFILE: 'too many files are open; close other programs and resume',
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

/** Parsed JSON of a file, or undefined where it is missing or torn. @throws InputError where it is there and cannot be read. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readIfThere(path)?.toString('utf8') ?? '')
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
