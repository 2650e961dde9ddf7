import { InputError } from '../engine/errors.ts'

/* What the columns of a text table mean: numbers, categories, classes; and which cells cannot mean anything. */

/** The cells of one column, with all that an error needs to point at one of them. */
export interface Column {
  readonly name: string
  readonly cells: readonly string[]
  readonly lines: readonly number[]
  readonly where: string
  readonly missing: ReadonlySet<string>
}

interface Encoded {
  readonly names: string[]
  readonly values: Float32Array[]
  readonly levels?: string[]
  readonly imputed: number
}

/** More levels than this are an identifier or free text, which one-hot columns would only memorise. */
const levelLimit = 256
const classLimit = 1000

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const notFinite = /^[+-]?(nan|inf|infinity)$/i

const at = ({ name, lines, where }: Column, row: number) => ({ where: `${where}: line ${lines[row]}, column "${name}"` })

/** Features from one column: itself where its cells are numbers, one 0/1 feature a level otherwise. */
export function encodeFeatures(column: Column, options: { categorical: boolean; impute: boolean; fitRows?: readonly number[] }): Encoded {
  const { cells, missing } = column
  const absent = cells.map((cell) => missing.has(cell))
  const hole = absent.indexOf(true)
  if (hole >= 0 && !options.impute) {
    throw new InputError('the value is missing', {
      ...at(column, hole),
      fix: 'remove the row or the column, or ask for missing values to be imputed',
    })
  }
  const present = (options.fitRows ?? [...cells.keys()]).filter((row) => absent[row] === false)
  if (present.length === 0) throw new InputError(`column "${column.name}" holds no value`, { where: column.where, fix: 'drop it' })
  const imputed = absent.filter(Boolean).length
  const encoded =
    !options.categorical && isNumeric(column, absent) ? encodeNumbers(column, absent, present) : encodeLevels(column, absent, present)
  return { ...encoded, imputed }
}

/** Numeric or categorical; a column of mostly numbers with something else in between is neither, and most likely a mistake in the file. */
function isNumeric(column: Column, absent: readonly boolean[]): boolean {
  let numbers = 0
  let firstWord = -1
  for (const [row, cell] of column.cells.entries()) {
    if (absent[row]) continue
    if (number.test(cell) || notFinite.test(cell)) numbers++
    else if (firstWord < 0) firstWord = row
  }
  if (firstWord < 0) return true
  const present = column.cells.length - absent.filter(Boolean).length
  if (numbers > present / 2) {
    const what = `"${column.cells[firstWord]}" is not a number, as most of this column is`
    throw new InputError(what, { ...at(column, firstWord), fix: 'correct it, or name the column as categorical' })
  }
  return false
}

function encodeNumbers(column: Column, absent: readonly boolean[], present: readonly number[]): Omit<Encoded, 'imputed'> {
  const values = Float32Array.from(column.cells, (cell, row) => (absent[row] ? 0 : toNumber(column, cell, row)))
  const mean = present.reduce((sum, row) => sum + values[row] / present.length, 0)
  for (const [row, isAbsent] of absent.entries()) if (isAbsent) values[row] = mean
  return { names: [column.name], values: [values] }
}

function toNumber(column: Column, cell: string, row: number): number {
  const value = Math.fround(Number(cell))
  if (!Number.isFinite(value))
    throw new InputError(`${cell} is not a finite number in float32`, { ...at(column, row), fix: 'remove or replace it' })
  return value
}

function encodeLevels(column: Column, absent: readonly boolean[], present: readonly number[]): Omit<Encoded, 'imputed'> {
  const { name, cells, where } = column
  const levels = [...new Set(cells.filter((_, row) => !absent[row]))].sort(compareText)
  if (levels.length > levelLimit) {
    const what = `column "${name}" has ${levels.length} different texts; that is an identifier, not a category (limit ${levelLimit})`
    throw new InputError(what, { where, fix: 'drop it' })
  }
  const commonest = mostFrequent(present.map((row) => cells[row]))
  const index = new Map(levels.map((level, i) => [level, i]))
  const values = levels.map(() => new Float32Array(cells.length))
  for (const [row, cell] of cells.entries()) values[index.get(absent[row] ? commonest : cell)!][row] = 1
  return { names: levels.map((level) => `${name}=${level}`), values, levels }
}

function mostFrequent(cells: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const cell of cells) counts.set(cell, (counts.get(cell) ?? 0) + 1)
  return [...counts].reduce((best, entry) =>
    entry[1] > best[1] || (entry[1] === best[1] && compareText(entry[0], best[0]) < 0) ? entry : best,
  )[0]
}

/** By code unit: the same order on every machine, whatever its language. */
const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Class indices from the target column. A missing class cannot be imputed, and a real quantity is no class. */
export function encodeTarget(column: Column, order: 'sorted' | 'appearance'): { y: Int32Array; classes: string[] } {
  const { name, cells, missing, where } = column
  const hole = cells.findIndex((cell) => missing.has(cell) || notFinite.test(cell))
  if (hole >= 0) throw new InputError('the class is missing', { ...at(column, hole), fix: 'remove the row' })
  const numeric = cells.every((cell) => number.test(cell))
  const fraction = numeric ? cells.findIndex((cell) => !Number.isInteger(Number(cell))) : -1
  if (fraction >= 0) {
    throw new InputError(`the target ${cells[fraction]} is a quantity, not a class`, {
      ...at(column, fraction),
      fix: 'name the class column as target',
    })
  }
  const classes = [...new Set(cells)]
  if (order === 'sorted') classes.sort(numeric ? (a, b) => Number(a) - Number(b) : compareText)
  if (classes.length < 2) throw new InputError(`the target "${name}" has one class only, ${classes[0]}`, { where })
  if (classes.length > classLimit) {
    throw new InputError(`the target "${name}" has ${classes.length} different values`, { where, fix: 'name the class column as target' })
  }
  const index = new Map(classes.map((label, i) => [label, i]))
  return { y: Int32Array.from(cells, (cell) => index.get(cell)!), classes }
}

/** Groups as they are written. A row of no known group could lie on either side of a split. */
export function groupsIn(column: Column): readonly string[] {
  const hole = column.cells.findIndex((cell) => column.missing.has(cell))
  if (hole >= 0) throw new InputError('the group is missing', { ...at(column, hole), fix: 'remove the row' })
  return column.cells
}
