import Papa from 'papaparse'
import { isJson } from '../json.ts'

/** More rows are in the file. */
export const mostRows = 100

export interface Rows {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const shown = (value: unknown): string => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value))

function fromObjects(objects: readonly Readonly<Record<string, unknown>>[]): Rows {
  const head = [...new Set(objects.flatMap((object) => Object.keys(object ?? {})))]
  return { head, rows: objects.map((object) => head.map((name) => shown(object[name]))) }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Objects, one a line. A last line that is not one yet is still being written, and left out. */
function fromLines(text: string): unknown[] {
  const lines = text.split('\n').filter((line) => line.trim())
  if (!text.endsWith('\n') && !isJson(lines.at(-1) ?? '')) lines.pop()
  return lines.slice(0, mostRows + 1).map((line) => JSON.parse(line))
}

/** The rows of a table: of CSV and TSV, of JSON objects a line, of a JSON list of objects; undefined where it is none. */
export function rowsOf(text: string, path: string): Rows | undefined {
  try {
    if (/\.jsonl?$/i.test(path)) {
      const found: unknown = /\.jsonl$/i.test(path) ? fromLines(text) : JSON.parse(text)
      return Array.isArray(found) && found.length && found.every(isRecord) ? fromObjects(found.slice(0, mostRows + 1)) : undefined
    }
    const [head = [], ...rows] = Papa.parse<string[]>(text.trim(), { preview: mostRows + 2 }).data
    return head.length ? { head, rows } : undefined
  } catch {
    return undefined
  }
}
