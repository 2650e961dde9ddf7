import { dirname, join } from 'node:path'
import { InputError } from '../../engine/errors.ts'
import type { Experiment, UnitRecord } from '../definition.ts'
import type { ItemColumns, ItemFile, Items } from '../items.ts'
import { makeFolder, readIfThere, sha256, writeAtomically } from './disk.ts'

/** Of one file. */
export const itemLimits = { rows: 100_000, bytes: 8 * 2 ** 20 } as const

const fileName = /^[a-z0-9][a-z0-9.-]*$/i

/** Writes a unit's items, each name as a file that is complete or not there; none for no rows. @throws InputError for columns of different lengths, and for more than the limits. */
export function storeItems(folder: string, unit: string, items: Readonly<Record<string, ItemColumns>>): ItemFile[] {
  return Object.entries(items).flatMap(([name, columns]) => {
    const where = `items '${name}' of ${unit}`
    if (!fileName.test(name)) throw new InputError(`'${name}' is no name for items`, { where: unit, fix: 'use letters, digits, - and .' })
    const rows = rowsOf(columns, where)
    if (rows === 0) return []
    const content = linesOf(columns, rows)
    const bytes = Buffer.byteLength(content)
    if (bytes > itemLimits.bytes)
      throw new InputError(`they take ${bytes} bytes, at most ${itemLimits.bytes} are kept`, { where, fix: 'keep fewer items or columns' })
    const path = ['items', unit, `${name}.jsonl`].join('/')
    makeFolder(dirname(join(folder, path)))
    writeAtomically(join(folder, path), content)
    return { name, path, rows, columns: Object.keys(columns), bytes, sha256: sha256(content) }
  })
}

function rowsOf(columns: ItemColumns, where: string): number {
  const lengths = Object.entries(columns).map(([name, { length }]) => ({ name, length }))
  const [first] = lengths
  if (!first) throw new InputError('they have no columns', { where })
  const other = lengths.find(({ length }) => length !== first.length)
  if (other) throw new InputError(`column ${other.name} has ${other.length} rows, column ${first.name} has ${first.length}`, { where })
  if (first.length > itemLimits.rows)
    throw new InputError(`there are ${first.length}, at most ${itemLimits.rows} are kept`, { where, fix: 'keep fewer items' })
  return first.length
}

function linesOf(columns: ItemColumns, rows: number): string {
  const entries = Object.entries(columns).map(([name, column]) => [name, column, column instanceof Float32Array] as const)
  const line = (row: number) =>
    JSON.stringify(
      Object.fromEntries(entries.map(([name, column, single]) => [name, single ? shortest(column[row] as number) : column[row]])),
    )
  return Array.from({ length: rows }, (_, row) => `${line(row)}\n`).join('')
}

/** The number of fewest digits that is the same float32: 0.1 instead of 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return Number(value.toPrecision(9))
}

/** @throws InputError where the file is missing, or is not what the unit stored. */
export function readItems(folder: string, file: ItemFile): Items {
  const path = join(folder, file.path)
  const bytes = readIfThere(path)
  if (bytes === undefined || sha256(bytes) !== file.sha256)
    throw new InputError(bytes ? 'it is not what the run stored (another sha256)' : 'the file is missing', {
      where: path,
      fix: 'restore it, or start a new run',
    })
  const rows = bytes
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, number | string | null>)
  const column = (name: string) => {
    if (!file.columns.includes(name)) throw new Error(`items '${file.name}' have no column '${name}', only ${file.columns.join(', ')}`)
    return rows.map((row) => row[name])
  }
  return {
    count: rows.length,
    numbers: (name) => column(name).map((value) => (typeof value === 'number' ? value : Number.NaN)),
    texts: (name) => column(name).map(String),
  }
}

/** Measurements are made in float32 in another order of summation. */
const tolerance = 1e-5

/** NaN and infinity are stored alike. */
const agree = (a: number, b: number): boolean =>
  (!Number.isFinite(a) && !Number.isFinite(b)) || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b))

/**
 * Recomputes what the experiment says to follow from items.
 * @throws InputError for a measurement that its own items contradict.
 */
export function checkItems({ from = {} }: Pick<Experiment, 'from'>, folder: string, unit: UnitRecord): void {
  for (const file of unit.items ?? []) {
    const items = readItems(folder, file)
    for (const [name, value] of Object.entries(from[file.name]?.(items) ?? {})) {
      const measured = unit.measurements[name]
      if (measured !== undefined && agree(measured, value)) continue
      throw new InputError(
        measured === undefined
          ? `its items give '${name}', which is none of its measurements`
          : `'${name}' is ${measured}, but its items give ${value}`,
        { where: `unit ${unit.unit}, ${file.path}`, fix: 'one of the two is wrong; do not trust this number' },
      )
    }
  }
}
