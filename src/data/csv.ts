import { distance } from 'fastest-levenshtein'
import { type NDArray, ndarray } from '../engine/array.ts'
import { allocate } from '../engine/dtype.ts'
import { InputError } from '../engine/errors.ts'
import { type Column, encodeFeatures, encodeTarget, groupsIn } from './columns.ts'
import { decodeText, readContent } from './files.ts'

export interface CsvOptions {
  /** The column that holds the class. Default: the last one. */
  target?: string
  /** The column that says which rows belong together (a patient, a document): left out of the features, and given as `groups`. */
  group?: string
  /** Columns to leave out. */
  drop?: readonly string[]
  /** Columns to read as categories although their values are numbers. */
  categorical?: readonly string[]
  /** Cells that count as missing, after trimming. Default: '', '?', 'NA', 'N/A', 'null'. Give [''] to read '?' as a category of its own. */
  missingValues?: readonly string[]
  /** Missing values: an error (default), or filled with the mean of a numeric column and the commonest level of a categorical one. */
  missing?: 'refuse' | 'impute'
  /** Impute from these rows only (numbers from 0, without the header), so that test rows do not leak. Default: all. */
  fitRows?: readonly number[]
  /** The order of `classes`: sorted (as numbers where all are numbers; default), or as they first appear. */
  classOrder?: 'sorted' | 'appearance'
  /** Default: whichever of comma, semicolon and tab is commonest in the header. */
  delimiter?: string
  /** The file's name, for errors. */
  where?: string
}

/** A table read for classification. */
export interface Table {
  /** float32 [rows, features]: numeric columns as they are, each categorical column as one 0/1 feature a level. */
  readonly x: NDArray
  /** int32 [rows]: indices into `classes`. */
  readonly y: NDArray
  readonly classes: readonly string[]
  /** One name a feature: the column's, or `column=level`. */
  readonly featureNames: readonly string[]
  /** The levels of each categorical column, sorted. */
  readonly levels: Readonly<Record<string, readonly string[]>>
  /** Which group each row is of, where a column was named. */
  readonly groups?: readonly string[]
  /** How many cells were filled in. */
  readonly imputed: number
}

const defaultMissing = ['', '?', 'NA', 'N/A', 'null']

/**
 * Reads a CSV file with a header, plain or gzip, into features and classes. A column is numeric when all its values are numbers, categorical otherwise.
 *
 * @throws InputError that names the file, the line (the header is line 1) and the column: for missing values unless imputed, NaN and infinity, a column
 * of numbers with a few words in it, ragged rows, repeated or unknown column names, an identifier among the categories, a target that is no class.
 * @example
 * import { writeFileSync } from 'node:fs'
 *
 * writeFileSync('flowers.csv', 'width,kind\n1.5,rose\n2,tulip\n')
 * const { x, y, classes } = await readCsv('flowers.csv', { target: 'kind' })
 */
export async function readCsv(path: string, options: CsvOptions = {}): Promise<Table> {
  return parseCsv(decodeText(await readContent(path), path), { where: path, ...options })
}

/**
 * `readCsv` for text in memory.
 *
 * @example
 * const { x, classes } = await parseCsv('width,kind\n1.5,rose\n2,tulip\n')
 * x.data // Float32Array [1.5, 2]
 * classes // ['rose', 'tulip']
 */
export async function parseCsv(text: string, options: CsvOptions = {}): Promise<Table> {
  const { where = 'csv', missing = 'refuse' } = options
  const { header, columns, lines } = await readRecords(text, options.delimiter, where)
  for (const name of [...(options.drop ?? []), ...(options.categorical ?? []), options.group ?? []].flat())
    requireColumn(name, header, where)
  const target = options.target ?? header.at(-1)!
  requireColumn(target, header, where)
  if (options.group === target)
    throw new InputError(`the group "${target}" is the target`, { where, fix: 'name the column of the class with --target' })
  const missingValues = new Set(options.missingValues ?? defaultMissing)
  const column = (name: string): Column => {
    return { name, cells: columns[header.indexOf(name)], lines, where, missing: missingValues }
  }
  const names = header.filter((name) => name !== target && name !== options.group && !options.drop?.includes(name))
  if (names.length === 0) throw new InputError(`no column is left besides the target "${target}"`, { where })
  const features = names.map((name) => {
    return encodeFeatures(column(name), {
      categorical: options.categorical?.includes(name) ?? false,
      impute: missing === 'impute',
      fitRows: options.fitRows,
    })
  })
  const { y, classes } = encodeTarget(column(target), options.classOrder ?? 'sorted')
  return {
    x: interleave(
      features.flatMap(({ values }) => values),
      lines.length,
    ),
    y: ndarray(y, [lines.length], 'int32'),
    classes,
    featureNames: features.flatMap(({ names }) => names),
    levels: Object.fromEntries(features.flatMap(({ levels }, i) => (levels ? [[names[i], levels]] : []))),
    ...(options.group !== undefined && { groups: groupsIn(column(options.group)) }),
    imputed: features.reduce((sum, { imputed }) => sum + imputed, 0),
  }
}

interface Records {
  readonly header: string[]
  /** The cells of each column, in the order of the header. */
  readonly columns: string[][]
  /** The line of the file at which each record ends. */
  readonly lines: number[]
}

/** Cells go into their columns one record at a time: a table of records would take many times the file. */
async function readRecords(text: string, delimiter: string | undefined, where: string): Promise<Records> {
  const { default: papaparse } = await import('papaparse')
  const columns: string[][] = []
  const lines: number[] = []
  let header: string[] | undefined
  let intern: ((cell: string) => string)[] = []
  let line = 0
  const take = (record: string[]): void => {
    if (!header) {
      header = record
      intern = record.map(interning)
      columns.push(...record.map(() => []))
      return
    }
    if (record.length !== header.length) {
      const fix = 'every line must have as many fields as the header'
      throw new InputError(`line ${line} has ${record.length} fields, the header ${header.length}`, { where, fix })
    }
    for (const [i, cell] of record.entries()) columns[i].push(intern[i](cell))
    lines.push(line)
  }
  papaparse.parse<string[]>(text.replace(/^\ufeff/, ''), {
    delimiter: delimiter ?? guessDelimiter(text),
    step({ data, errors: [error] }) {
      const first = line + 1
      line = first + data.reduce((sum, cell) => sum + (cell.includes('\n') ? cell.split('\n').length - 1 : 0), 0)
      if (error) throw new InputError(`line ${first}: ${error.message}`, { where, fix: 'a cell with quotes begins and ends with one' })
      if (data.length > 1 || data[0].trim() !== '') take(data.map((cell) => trimmed(cell, line, where)))
    },
  })
  if (!header || lines.length === 0) throw new InputError('line 1: no rows follow a header', { where })
  requireHeader(header, where)
  return { header, columns, lines }
}

/** Spaces around a cell mean nothing, but before a quote they make it a part of the text. */
function trimmed(cell: string, line: number, where: string): string {
  const text = cell.trim()
  if (text.startsWith('"') && !cell.startsWith('"'))
    throw new InputError(`line ${line}: a space stands before a quote`, { where, fix: 'remove the space' })
  return text
}

/** Texts of a column that are worth keeping once for all their cells. */
const internLimit = 1024

/** The same string for the same text, as long as a column has few. */
function interning(): (cell: string) => string {
  const known = new Map<string, string>()
  return (cell) => {
    const same = known.get(cell)
    if (same === undefined && known.size < internLimit) known.set(cell, cell)
    return same ?? cell
  }
}

function guessDelimiter(text: string): string {
  const [header] = text.split('\n', 1)
  const counted = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: header.split(delimiter).length }))
  return counted.reduce((best, candidate) => (candidate.count > best.count ? candidate : best)).delimiter
}

function requireHeader(header: string[], where: string): void {
  if (header.every((name) => Number.isFinite(Number(name)))) {
    throw new InputError('line 1 holds numbers instead of column names', { where, fix: 'add a header line' })
  }
  const unnamed = header.indexOf('')
  if (unnamed >= 0)
    throw new InputError(`line 1: column ${unnamed + 1} has no name`, {
      where,
      fix: 'name it (pandas: to_csv(index=False) leaves the row numbers out)',
    })
  const repeated = header.find((name, i) => header.indexOf(name) !== i)
  if (repeated !== undefined) throw new InputError(`line 1 has the column "${repeated}" twice`, { where })
}

function requireColumn(name: string, header: readonly string[], where: string): void {
  if (header.includes(name)) return
  const nearest = header.reduce((best, other) => (distance(name, other) < distance(name, best) ? other : best))
  throw new InputError(`there is no column "${name}"`, { where, fix: `did you mean "${nearest}"?` })
}

function interleave(columns: readonly Float32Array[], count: number): NDArray {
  const data = allocate('float32', count * columns.length)
  for (const [j, column] of columns.entries()) for (let i = 0; i < count; i++) data[i * columns.length + j] = column[i]
  return ndarray(data, [count, columns.length], 'float32')
}
