import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { Observations } from '../api.ts'

/*
 * metrics.jsonl is only ever appended to, but for a run that is taken up again: what it logged after its last checkpoint goes, and the file is replaced.
 * A reader keeps its place, and says `anew` when that is a place in another file.
 */

/** Bytes that are read at a time. */
const batchBytes = 1 << 20

/** Where a reader is: the byte, and which file it is of. */
export interface Place {
  readonly offset: number
  readonly file?: number
}

export const beginning: Place = { offset: 0 }

/** The id of an event: `OFFSET`, or `OFFSET-FILE`. Whatever else somebody sends is the beginning. */
export function placeOf(id: string | undefined): Place {
  const [, offset, file] = /^(\d{1,15})(?:-(\d{1,20}))?$/.exec(id ?? '') ?? []
  return offset === undefined ? beginning : { offset: Number(offset), ...(file !== undefined && { file: Number(file) }) }
}

export const idOf = ({ offset, file }: Place): string => (file === undefined ? String(offset) : `${offset}-${file}`)

export interface Batch {
  readonly place: Place
  readonly series: readonly Observations[]
}

/** What was appended since, in whole lines; undefined where there is nothing new. */
export function nextBatch(path: string, place: Place): Batch | 'anew' | undefined {
  const file = openIfThere(path)
  if (file === undefined) return place.offset > 0 ? 'anew' : undefined
  try {
    const { size, ino } = fstatSync(file)
    const { offset } = place
    if (offset > 0 && (size < offset || (place.file !== undefined && place.file !== ino) || !endsLine(file, offset))) return 'anew'
    if (size === offset) return undefined
    const bytes = Buffer.alloc(Math.min(batchBytes, size - offset))
    const read = readSync(file, bytes, 0, bytes.length, offset)
    const end = bytes.lastIndexOf(10, read - 1) + 1
    // A line that long is none of ours: it is passed over.
    if (end === 0) return read === batchBytes ? { place: { offset: lineEnd(file, offset, size), file: ino }, series: [] } : undefined
    return { place: { offset: offset + end, file: ino }, series: seriesIn(bytes.toString('utf8', 0, end)) }
  } finally {
    closeSync(file)
  }
}

/** A file; nothing where there is none, or something else. */
function openIfThere(path: string): number | undefined {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    if (fstatSync(file).isFile()) return file
    closeSync(file)
    return undefined
  } catch {
    return undefined
  }
}

function endsLine(file: number, offset: number): boolean {
  const byte = Buffer.alloc(1)
  return readSync(file, byte, 0, 1, offset - 1) === 1 && byte[0] === 10
}

/** Where the line that a place is in ends, or the file does. */
function lineEnd(file: number, from: number, size: number): number {
  const bytes = Buffer.alloc(batchBytes)
  for (let at = from; at < size; at += batchBytes) {
    const found = bytes.subarray(0, readSync(file, bytes, 0, batchBytes, at)).indexOf(10)
    if (found >= 0) return at + found + 1
  }
  return size
}

interface Columns {
  readonly unit: string
  readonly name: string
  readonly steps: number[]
  readonly values: (number | null)[]
}

/** Lines as columns, one pair a unit and name; damaged lines are passed over. */
function seriesIn(text: string): Observations[] {
  const columns = new Map<string, Columns>()
  for (const line of text.split('\n')) {
    const observation = parsed(line)
    if (!observation) continue
    const { unit, name, step, value } = observation
    const key = `${unit}\n${name}`
    const column = columns.get(key) ?? { unit, name, steps: [], values: [] }
    columns.set(key, column)
    column.steps.push(step)
    column.values.push(value)
  }
  return [...columns.values()]
}

function parsed(line: string): { unit: string; name: string; step: number; value: number | null } | undefined {
  try {
    const { unit, name, step, value } = JSON.parse(line)
    if (typeof unit !== 'string' || typeof name !== 'string' || !Number.isFinite(step)) return undefined
    return { unit, name, step, value: Number.isFinite(value) ? value : null }
  } catch {
    return undefined
  }
}
