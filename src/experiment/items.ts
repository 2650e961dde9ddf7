/**
 * What a unit found of each item (a test example, an explanation, an iterate), as columns of one length: numbers, or texts such as ids. Stored as
 * `items/<unit>/<name>.jsonl`, one object a line; what is not finite becomes null.
 */
export type ItemColumns = Readonly<Record<string, ArrayLike<number> | readonly string[]>>

/** Stored items, as a `from` relation sees them. */
export interface Items {
  readonly count: number
  /** A column of numbers; null has become NaN. @throws Error where there is no such column. */
  numbers(column: string): number[]
  /** A column of texts. @throws Error where there is no such column. */
  texts(column: string): string[]
}

/** A file of items, as the unit and report.json list it. */
export interface ItemFile {
  readonly name: string
  /** In the run folder. */
  readonly path: string
  readonly rows: number
  readonly columns: readonly string[]
  readonly bytes: number
  readonly sha256: string
}

/** Measurements that follow from items of a name: what they must be. */
export type From = Readonly<Record<string, (items: Items) => Readonly<Record<string, number>>>>
