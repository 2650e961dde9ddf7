import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { InputError } from '../../../engine/errors.ts'
import type { ExportControl } from '../control.ts'
import type { ExportedRun } from '../exported-run.ts'
import { StagedFile } from '../staged-file.ts'
import { type Format, type FormatName, formats } from './format.ts'
import { type Table, type TableName, tableNames, tables } from './tables.ts'

export interface TablesRequest {
  readonly runs: readonly ExportedRun[]
  readonly format: FormatName
  /** A file where its name ends like the format's, else a folder; standard output where it is absent. */
  readonly target?: string
  /** Only this table; for a file and for standard output the metrics unless another is named. */
  readonly table?: TableName
  /** Takes lines for standard output. */
  out(lines: string): void
}

export interface TableExport {
  readonly table: TableName
  readonly file?: string
  readonly rows: number
}

/** Writes runs as tidy tables, all runs of one kind of row in one table. */
export async function exportTables(request: TablesRequest, control: ExportControl): Promise<TableExport[]> {
  const { target, table, format: name } = request
  const format: Format = formats[name]
  if (target === undefined) {
    const only = table ?? 'metrics'
    return [{ table: only, rows: await writeTable(tables[only], request, format, (lines) => request.out(lines), control) }]
  }
  const chosen = target.endsWith(format.ending)
    ? [{ table: table ?? ('metrics' as const), file: target }]
    : (table ? [table] : tableNames).map((each) => ({ table: each, file: join(target, `${each}${format.ending}`) }))
  for (const { table: each, file } of chosen) refuseForeignFile(file, format.header(tables[each].columns))
  const written: TableExport[] = []
  for (const { table: each, file } of chosen) {
    const staged = new StagedFile(dirname(file), `${basename(file)}.quire-export.tmp`)
    try {
      const rows = await writeTable(tables[each], request, format, (lines) => staged.append(Buffer.from(`${lines}\n`)), control)
      staged.finish()
      staged.commit(basename(file))
      written.push({ table: each, file, rows })
    } finally {
      staged.discard()
    }
  }
  return written
}

/** Returns how many rows. */
async function writeTable(
  table: Table,
  { runs }: TablesRequest,
  format: Format,
  write: (lines: string) => void,
  { signal, progress }: ExportControl,
): Promise<number> {
  const header = format.header(table.columns)
  if (header !== undefined) write(header)
  let count = 0
  for (const [i, run] of runs.entries())
    for await (const { rows, fraction } of table.rows(run)) {
      signal.throwIfAborted()
      if (rows.length) write(rows.map((cells) => format.line(table.columns, cells)).join('\n'))
      count += rows.length
      progress((i + fraction) / runs.length, run.name)
    }
  return count
}

/** A file of that name with another first line is no earlier export. */
function refuseForeignFile(file: string, header: string | undefined): void {
  if (header === undefined || !existsSync(file)) return
  if (firstBytes(file, header.length) !== header)
    throw new InputError('there is a file of this name that is no earlier export', { where: file, fix: 'choose another file or folder' })
}

function firstBytes(file: string, length: number): string {
  const handle = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(length)
    return bytes.toString('utf8', 0, readSync(handle, bytes, 0, length, 0))
  } finally {
    closeSync(handle)
  }
}
