import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { sha256 } from '../run/disk.ts'

/** The outputs for single examples that a run kept. */
export interface ItemsKept {
  readonly files: number
  /** Lines of all files together: one an example and unit. */
  readonly rows: number
  /** Of `name sha256` of every file, one a line, sorted. */
  readonly sha256: string
}

const newline = 10

/** What lies under items/ of a run folder, or undefined where nothing does. */
export function itemsKept(folder: string): ItemsKept | undefined {
  const root = join(folder, 'items')
  if (!existsSync(root)) return undefined
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jsonl'))
  if (!names.length) return undefined
  const files = names.sort().map((name) => ({ name: name.split(sep).join('/'), bytes: readFileSync(join(root, name)) }))
  return {
    files: files.length,
    rows: files.reduce((sum, { bytes }) => sum + bytes.filter((byte) => byte === newline).length, 0),
    sha256: sha256(files.map(({ name, bytes }) => `${name} ${sha256(bytes)}\n`).join('')),
  }
}
