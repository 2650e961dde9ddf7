import Papa from 'papaparse'
import type { Cell } from './tables.ts'

type Row = readonly Cell[]

/** How rows become text. */
export interface Format {
  /** The ending of its files. */
  readonly ending: string
  /** The first line, if there is one. */
  header(columns: readonly string[]): string | undefined
  /** The lines of rows; the LF after the last one is whoever writes it to add. */
  lines(columns: readonly string[], rows: readonly Row[]): string
}

/** Spreadsheets take a text that begins so for a formula, and run it. An apostrophe before it keeps it a text; numbers stay as they are. */
const escapeFormulae = /^[=+\-@\t\r]/

/** RFC 4180: commas, quotes doubled, lines that end with CR and LF. */
const csv: Format = {
  ending: '.csv',
  header: (columns) => csv.lines(columns, [columns]),
  lines: (_, rows) => `${Papa.unparse(rows as Row[] as unknown[][], { newline: '\r\n', escapeFormulae })}\r`,
}

/** One JSON object a line; what is not finite is null. */
const jsonl: Format = {
  ending: '.jsonl',
  header: () => undefined,
  lines: (columns, rows) =>
    rows.map((cells) => JSON.stringify(Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? null])))).join('\n'),
}

export const formats = { csv, jsonl } as const
export type FormatName = keyof typeof formats
