import { builtin } from '../engine/builtin.ts'
import { InputError } from '../engine/errors.ts'
import { type DownloadProgress, download } from './download.ts'
import { kindOf, readContent, sha256, writeAtomically } from './files.ts'
import type { Provenance, Source, SourceFile } from './sources.ts'

const { homedir } = builtin('node:os')
const { dirname, join, resolve } = builtin('node:path')

/*
 * Where a data set lies, first hit wins: the user's --data, QUIRE_DATA, ../shared/data beside the working folder, the user's cache, a download.
 * Every content is checked against its published SHA-256, whichever way it came.
 */

export interface LocateOptions {
  /** A data root (holding the set's folder), the set's own folder, or a file of the set. If the set is not there, that is an error. */
  data?: string
  /** Do not download. Also with QUIRE_OFFLINE=1. */
  offline?: boolean
  /** Told, one line each, what was found or tried. */
  log?: (line: string) => void
  onProgress?: DownloadProgress
  /** For tests: instead of the process's own. */
  env?: Readonly<Record<string, string | undefined>>
  cwd?: string
  fetch?: typeof fetch
}

export interface Located {
  /** The decompressed content of the source's files, in its order. */
  readonly contents: readonly Uint8Array[]
  readonly provenance: Provenance
}

/**
 * Finds a data set, or gives undefined where it is nowhere and cannot be downloaded (the caller then falls back to a generator).
 *
 * @throws InputError if `data` is given and the set is not there, or if a file's checksum is wrong: it names the file and both sums.
 * @example
 * const found = await locate(mnistSource, { offline: true })
 */
export async function locate(source: Source, options: LocateOptions = {}): Promise<Located | undefined> {
  const { env = process.env, cwd = process.cwd(), log = () => {} } = options
  if (options.data !== undefined) return locateGiven(source, resolve(cwd, options.data))
  const cache = join(cacheFolder(env), source.name)
  const roots = [env.QUIRE_DATA, join(cwd, '..', 'shared', 'data')].filter((root) => root !== undefined && root !== '') as string[]
  for (const folder of [...roots.flatMap((root) => [join(root, source.folder), root]), cache]) {
    const found = await readFolder(source, folder)
    if (found) return found
  }
  if (options.offline || env.QUIRE_OFFLINE === '1') return undefined
  log(`${source.name}: not found in ${[...roots, cache].join(', ')}; trying to download it`)
  return downloadTo(cache, source, options)
}

/**
 * The folder for what was downloaded, by the platform's custom.
 *
 * @example
 * cacheFolder({ XDG_CACHE_HOME: '/caches' }) // '/caches/quire'
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env, platform: string = process.platform): string {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'quire')
  if (platform === 'win32' && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, 'quire', 'cache')
  const home = env.HOME || homedir()
  return platform === 'darwin' ? join(home, 'Library', 'Caches', 'quire') : join(home, '.cache', 'quire')
}

async function locateGiven(source: Source, path: string): Promise<Located> {
  const kind = await kindOf(path)
  if (kind === 'absent') throw new InputError('there is no such file or folder', { where: path, fix: 'check --data' })
  const only = source.files.length === 1 ? source.files[0] : undefined
  if (kind === 'file' && only) return toLocated(source, [verified(await readContent(path), only, path)], path)
  const folder = kind === 'file' ? dirname(path) : path
  const found = (await readFolder(source, folder)) ?? (await readFolder(source, join(folder, source.folder)))
  if (found) return found
  const names = source.files.map(({ names }) => names[0]).join(' and ')
  const fix = `get ${source.files.map(({ urls }) => urls[0]).join(' ')}, or leave --data out`
  throw new InputError(`holds no ${source.name}: ${names} (plain or .gz) are not in it, nor in its subfolder ${source.folder}`, {
    where: path,
    fix,
  })
}

/** The set from one folder, or undefined if any of its files is not there. */
async function readFolder(source: Source, folder: string): Promise<Located | undefined> {
  const paths = await Promise.all(source.files.map((file) => findFile(file, folder)))
  if (paths.includes(undefined)) return undefined
  const contents = await Promise.all(source.files.map(async (file, i) => verified(await readContent(paths[i]!), file, paths[i]!)))
  return toLocated(source, contents, folder)
}

async function findFile({ names }: SourceFile, folder: string): Promise<string | undefined> {
  for (const name of names.flatMap((name) => [`${name}.gz`, name])) {
    if ((await kindOf(join(folder, name))) === 'file') return join(folder, name)
  }
  return undefined
}

function verified(content: Uint8Array, file: SourceFile, path: string): Uint8Array {
  const sum = sha256(content)
  if (sum === file.sha256) return content
  const what = `its content has the SHA-256 ${sum}, that of ${file.names[0]} is ${file.sha256}`
  throw new InputError(what, { where: path, fix: 'the file is damaged or another one: replace or remove it' })
}

function toLocated({ name, licence }: Source, contents: readonly Uint8Array[], from: string): Located {
  return { contents, provenance: { name, real: true, source: from, sha256: sha256(...contents), licence } }
}

async function downloadTo(
  cache: string,
  source: Source,
  { log = () => {}, onProgress, fetch: fetcher = fetch }: LocateOptions,
): Promise<Located | undefined> {
  const contents: Uint8Array[] = []
  for (const file of source.files) {
    const content = await download(file, { fetch: fetcher, log, onProgress })
    if (!content) return undefined
    contents.push(content)
  }
  try {
    for (const [i, file] of source.files.entries()) await writeAtomically(join(cache, file.names[0]), contents[i])
  } catch (cause) {
    log(`${source.name}: could not be kept in ${cache} (${(cause as Error).message}); it will be downloaded again next time`)
  }
  return toLocated(source, contents, source.files[0].urls[0])
}
