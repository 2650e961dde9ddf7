import { lstatSync, realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { notFound, Refusal } from './problems.ts'

/** In the place of a method: the run lies in the folder of runs itself, as after `--out runs/mine`. */
const none = '-'

/** `METHOD/ID` of a run folder. */
export function pathOf(root: string, folder: string): string {
  const parts = relative(root, folder).split(sep)
  return parts.length === 1 ? `${none}/${parts[0]}` : parts.join('/')
}

/** A name of a file or a folder, and of nothing above, below or beside it. */
const isName = (part: string): boolean => part !== '' && part !== '.' && part !== '..' && !/[\\/\0]/.test(part)

function requireNames(parts: readonly string[]): void {
  if (!parts.every(isName)) throw new Refusal(400, 'it is no path of a run', { where: parts.join('/').replaceAll('\0', '\\0') })
}

/**
 * The folder of a run in the folder of runs.
 * @throws Refusal where there is none, or where the path leaves the folder of runs, by a link too.
 */
export function runFolder(root: string, method: string, id: string): string {
  requireNames([method, id])
  const where = `${method}/${id}`
  if (id.startsWith('.') || method.startsWith('.')) throw notFound('there is no such run', { where })
  const folder = method === none ? join(root, id) : join(root, method, id)
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw notFound('there is no such run', { where })
  if (realpathSync(folder) !== join(realpathSync(root), relative(root, folder))) throw notFound('there is no such run', { where })
  return folder
}

/**
 * The real path of a file in a folder.
 * @throws Refusal where there is none, or where the path leaves the folder, by a link too.
 */
export function fileIn(folder: string, parts: readonly string[]): string {
  requireNames(parts)
  const real = realIfThere(join(folder, ...parts))
  if (real === undefined || !real.startsWith(realpathSync(folder) + sep))
    throw notFound('there is no such file', { where: parts.join('/') })
  return real
}

function realIfThere(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

/** The parts of an address after a beginning of so many parts, decoded. @throws Refusal */
export function partsAfter(url: string, skipped: number): string[] {
  const parts = new URL(url).pathname.split('/').slice(skipped + 1)
  try {
    return parts.map(decodeURIComponent)
  } catch (cause) {
    throw new Refusal(400, 'it is no address', { where: parts.join('/'), cause })
  }
}
