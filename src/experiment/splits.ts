import { exactDuplicates } from '../data/index.ts'
import type { NDArray } from '../engine/array.ts'
import { InputError } from '../engine/errors.ts'
import { sha256 } from './run/disk.ts'

/** What a split is a part of. */
interface Place {
  /** For example `train`. */
  readonly name: string
  /** The data set, where an experiment has several. */
  readonly of?: string
  /** The seed, where each splits the data otherwise. */
  readonly seed?: number
  /** What the ids are of: row, patient, subject, document, reference picture … */
  readonly by: string
}

/**
 * One part of the data, and what tells its examples apart: whatever must not be on two sides at once. Splits of one data set, with one seed, may share
 * no id.
 */
export interface Split extends Place {
  /** One id an example; examples of one group (a patient) share theirs. */
  readonly ids: ArrayLike<string | number>
  /** The examples themselves [n, ...], in the order of the ids: those that equal one of an earlier split are counted and said. */
  readonly x?: NDArray
}

/** What run.json and report.json keep of a split. */
export interface SplitRecord extends Place {
  /** Examples. */
  readonly size: number
  /** Distinct ids. */
  readonly groups: number
  /** Of the ids, one a line, in their order. */
  readonly sha256: string
  /** How many examples equal one of an earlier split in every value, by that split's name; only where there are any. */
  readonly duplicates?: Readonly<Record<string, number>>
}

/**
 * The splits of one data set from its parts.
 * @example
 * splitsOf('patients.csv', 'patient', { train: { ids: ['a', 'a', 'b'] }, test: { ids: ['c'] } }).length // 2
 */
export const splitsOf = (of: string, by: string, parts: Readonly<Record<string, Pick<Split, 'ids' | 'x'>>>, seed?: number): Split[] =>
  Object.entries(parts).map(([name, part]) => ({ name, of, ...(seed !== undefined && { seed }), by, ...part }))

/** The splits before one that must not overlap it. */
const before = (splits: readonly Split[], at: number): Split[] =>
  splits.slice(0, at).filter(({ of, seed }) => of === splits[at].of && seed === splits[at].seed)

/** @example 'test of compas, seed 3' */
const titled = ({ name, of, seed }: Place): string =>
  `${name}${of === undefined ? '' : ` of ${of}`}${seed === undefined ? '' : `, seed ${seed}`}`

/**
 * Refuses splits that leak.
 * @throws InputError that names an id that lies in two splits, both splits, and how many more do.
 */
export function refuseLeaks(splits: readonly Split[], where: string): void {
  for (const [at, split] of splits.entries()) for (const other of before(splits, at)) refuseOverlap(other, split, where)
}

function refuseOverlap(one: Split, other: Split, where: string): void {
  const refuse = (what: string, fix: string) => {
    throw new InputError(what, { where, fix })
  }
  if (one.name === other.name) refuse(`two splits are called ${titled(one)}`, 'give each its own name')
  if (one.by !== other.by)
    refuse(
      `${titled(one)} is split by ${one.by}, ${other.name} by ${other.by}: whether they overlap cannot be told`,
      'declare both by the same',
    )
  const own = new Set(Array.from(one.ids, String))
  const shared = [...new Set(Array.from(other.ids, String))].filter((id) => own.has(id))
  if (shared.length === 0) return
  const more = shared.length === 1 ? '' : shared.length === 2 ? ', and so is 1 more' : `, and so are ${shared.length - 1} more`
  refuse(
    `the split leaks: ${one.by} "${shared[0]}" is in ${titled(one)} and in ${other.name}${more}`,
    `keep each ${one.by} on one side (groupSplit of quire/data does)`,
  )
}

/** What is kept of splits. */
export const splitRecords = (splits: readonly Split[]): SplitRecord[] =>
  splits.map(({ ids, x, ...place }, at) => {
    const counts = before(splits, at).map((other) => [other.name, x && other.x ? exactDuplicates(other.x, x) : 0] as const)
    const duplicates = Object.fromEntries(counts.filter(([, count]) => count > 0))
    const names = Array.from(ids, String)
    return {
      ...place,
      size: names.length,
      groups: new Set(names).size,
      sha256: sha256(names.join('\n')),
      ...(Object.keys(duplicates).length > 0 && { duplicates }),
    }
  })

/** One line for every two splits with equal examples under different ids; of splits that differ by seed one for all. */
export function duplicateNotices(records: readonly SplitRecord[]): string[] {
  const found = new Map<string, { count: number; size: number }[]>()
  for (const { name, of, size, duplicates = {} } of records) {
    for (const [other, count] of Object.entries(duplicates)) {
      const what = `examples of ${titled({ name, of, by: '' })} equal one of ${other} in every value`
      found.set(what, [...(found.get(what) ?? []), { count, size }])
    }
  }
  return [...found].map(([what, all]) => `${range(all.map(({ count }) => count))} of ${range(all.map(({ size }) => size))} ${what}`)
}

/** @example range([3, 5, 4])   // '3 to 5' */
function range(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return least === most ? String(least) : `${least} to ${most}`
}
