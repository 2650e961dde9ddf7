import type { Cell } from './tables.ts'

/** How rows become lines. */
export interface Format {
  /** The ending of its files. */
  readonly ending: string
  /** The first line, if there is one. */
  header(columns: readonly string[]): string | undefined
  line(columns: readonly string[], cells: readonly Cell[]): string
}

/**
 * Spreadsheets take a text that begins so for a formula, and run it. An apostrophe before it makes it a text for them; numbers are left as they are.
 */
const formula = /^[=+\-@\t\r]/

function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'number') return String(cell)
  const text = formula.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** RFC 4180: commas, quotes doubled, lines that end with CR and LF (the LF is added to every line of a file). */
const csv: Format = {
  ending: '.csv',
  header: (columns) => csv.line(columns, columns),
  line: (_, cells) => `${cells.map(csvCell).join(',')}\r`,
}

/** One JSON object a line; what is not finite is null. */
const jsonl: Format = {
  ending: '.jsonl',
  header: () => undefined,
  line: (columns, cells) => JSON.stringify(Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? null]))),
}

export const formats = { csv, jsonl } as const
export type FormatName = keyof typeof formats
