import { distance } from 'fastest-levenshtein'
import { type NDArray, ndarray } from '../engine/array.ts'
import { allocate } from '../engine/dtype.ts'
import { InputError } from '../engine/errors.ts'
import { type Column, encodeFeatures, encodeTarget } from './columns.ts'
import { decodeText, readContent } from './files.ts'

export interface CsvOptions {
  /** The column that holds the class. Default: the last one. */
  target?: string
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
  const { header, records, lines } = await readRecords(text, options.delimiter, where)
  for (const name of [...(options.drop ?? []), ...(options.categorical ?? [])]) requireColumn(name, header, where)
  const target = options.target ?? header.at(-1)!
  requireColumn(target, header, where)
  const missingValues = new Set(options.missingValues ?? defaultMissing)
  const column = (name: string): Column => {
    const index = header.indexOf(name)
    return { name, cells: records.map((record) => record[index]), lines, where, missing: missingValues }
  }
  const names = header.filter((name) => name !== target && !options.drop?.includes(name))
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
      records.length,
    ),
    y: ndarray(y, [records.length], 'int32'),
    classes,
    featureNames: features.flatMap(({ names }) => names),
    levels: Object.fromEntries(features.flatMap(({ levels }, i) => (levels ? [[names[i], levels]] : []))),
    imputed: features.reduce((sum, { imputed }) => sum + imputed, 0),
  }
}

interface Records {
  readonly header: string[]
  readonly records: string[][]
  /** The line of the file at which each record ends. */
  readonly lines: number[]
}

async function readRecords(text: string, delimiter: string | undefined, where: string): Promise<Records> {
  const { parse } = await import('csv-parse/sync')
  let found: { record: string[]; info: { lines: number } }[]
  try {
    const options = { bom: true, trim: true, skip_empty_lines: true, info: true, delimiter: delimiter ?? guessDelimiter(text) } as const
    found = parse(text, options) as unknown as typeof found
  } catch (cause) {
    throw new InputError((cause as Error).message, { where, fix: 'every line must have as many fields as the header', cause })
  }
  const [first, ...rest] = found
  if (!first || rest.length === 0) throw new InputError('holds no rows below a header', { where })
  requireHeader(first.record, where)
  return { header: first.record, records: rest.map(({ record }) => record), lines: rest.map(({ info }) => info.lines) }
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
