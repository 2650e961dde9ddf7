import { statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { InputError } from '../../engine/errors.ts'
import { guarded, operations, readIfThere, readJson, sha256, writeJson } from './disk.ts'
import { storedManifest } from './stored.ts'

/*
 * manifest.json of a run folder: every file with its size and SHA-256. It is written last, so a folder that has one is whole, and says ever after
 * which file was changed or lost.
 */

export interface FileEntry {
  /** From the run folder, with `/`. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

export interface Manifest {
  readonly schema: 1
  readonly files: readonly FileEntry[]
}

export interface Damage {
  readonly path: string
  readonly what: 'changed' | 'lost' | 'added'
}

const manifestPath = (folder: string): string => join(folder, 'manifest.json')

/** Not listed: files of the moment, this file itself, and how the run was shared out, which is no part of what it found. */
const isListed = (path: string): boolean => !/^(manifest\.json$|lock(\.|$)|tasks($|\/)|launch\.json$|job\.sbatch$)|\.tmp$/.test(path)

function filesIn(folder: string): string[] {
  const names = guarded(folder, () => operations.list(folder, { recursive: true, encoding: 'utf8' }))
  return names
    .map((name) => name.split(sep).join('/'))
    .filter((path) => isListed(path) && statSync(join(folder, path), { throwIfNoEntry: false })?.isFile())
    .sort()
}

function entryOf(folder: string, path: string): FileEntry | undefined {
  const content = readIfThere(join(folder, path))
  return content && { path, bytes: content.length, sha256: sha256(content) }
}

/** Writes manifest.json over everything that the folder holds. */
export function writeManifest(folder: string): void {
  const files = filesIn(folder).flatMap((path) => entryOf(folder, path) ?? [])
  writeJson(manifestPath(folder), { schema: 1, files } satisfies Manifest)
}

/** What a report is made of is the evidence; the report itself and its figures can be made again. */
const isMadeAgain = (path: string): boolean =>
  path.includes('/') ? /^artifacts\/[^/]+$/.test(path) : path !== 'run.json' && path !== 'metrics.jsonl'

/** After a report was made again: takes in its files and leaves the entries of all others as they were, so that what was changed stays known. */
export function renewManifest(folder: string): void {
  const before = readManifest(folder)
  if (!before) return
  const kept = before.files.filter(({ path }) => !isMadeAgain(path))
  const renewed = filesIn(folder).flatMap((path) => (isMadeAgain(path) ? (entryOf(folder, path) ?? []) : []))
  const files = [...kept, ...renewed].sort((a, b) => (a.path < b.path ? -1 : 1))
  writeJson(manifestPath(folder), { schema: 1, files } satisfies Manifest)
}

/** The manifest of a run that came to its end, or undefined where it has none. */
export function readManifest(folder: string): Manifest | undefined {
  const path = manifestPath(folder)
  if (!readIfThere(path)) return undefined
  const json = readJson(path)
  const { success } = storedManifest.safeParse(json)
  if (success) return json as Manifest
  throw new InputError('manifest.json is damaged', {
    where: path,
    fix: 'the files that it lists cannot be checked; restore it from a copy of the run',
  })
}

/** Which files of a complete run are not as they were at its end, by name; none where it is whole. */
export function damageOf(folder: string, { files }: Manifest): Damage[] {
  const known = new Set(files.map(({ path }) => path))
  const changed = files.flatMap((entry): Damage[] => {
    const now = entryOf(folder, entry.path)
    if (now?.sha256 === entry.sha256) return []
    return [{ path: entry.path, what: now ? 'changed' : 'lost' }]
  })
  const added = filesIn(folder).flatMap((path): Damage[] => (known.has(path) ? [] : [{ path, what: 'added' }]))
  return [...changed, ...added]
}

/** Of what the report is made from. */
export function evidenceDamage(folder: string): Damage[] {
  const manifest = readManifest(folder)
  return manifest ? damageOf(folder, manifest).filter(({ path }) => !isMadeAgain(path)) : []
}
