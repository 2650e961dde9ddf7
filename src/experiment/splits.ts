import { exactDuplicates } from '../data/index.ts'
import type { NDArray } from '../engine/array.ts'
import { InputError } from '../engine/errors.ts'
import { sha256 } from './run/disk.ts'

/**
 * One part of the data, and what tells its examples apart: whatever must not be on two sides at once. Splits of one data set with the same `by` may
 * share no id.
 */
export interface Split {
  /** For example `train`. */
  readonly name: string
  /** Which data set it is a part of, where an experiment has several. */
  readonly of?: string
  /** What the ids are of: row, patient, subject, document, reference picture … */
  readonly by: string
  /** One id an example; examples of one group (a patient) share theirs. */
  readonly ids: ArrayLike<string | number>
  /** The examples themselves [n, ...], in the order of the ids: exact doubles in another split are counted and said. */
  readonly x?: NDArray
}

/**
 * The splits of one data set from its parts.
 * @example
 * splitsOf('patients.csv', 'patient', { train: { ids: ['a', 'a', 'b'] }, test: { ids: ['c'] } }).length // 2
 */
export const splitsOf = (of: string, by: string, parts: Readonly<Record<string, Pick<Split, 'ids' | 'x'>>>): Split[] =>
  Object.entries(parts).map(([name, { ids, x }]) => ({ name, of, by, ids, ...(x && { x }) }))

/** What run.json and report.json keep of a split. */
export interface SplitRecord {
  readonly name: string
  readonly of?: string
  readonly by: string
  /** Examples. */
  readonly size: number
  /** Distinct ids. */
  readonly groups: number
  /** Of the ids, one a line, in their order. */
  readonly sha256: string
}

export const splitRecord = ({ name, of, by, ids }: Split): SplitRecord => ({
  name,
  ...(of !== undefined && { of }),
  by,
  size: ids.length,
  groups: new Set(Array.from(ids, String)).size,
  sha256: sha256(Array.from(ids, String).join('\n')),
})

/** Splits of one data set, two by two, the earlier first. */
const pairsOf = (splits: readonly Split[]): [Split, Split][] =>
  splits.flatMap((one, i) => splits.slice(i + 1).flatMap((other): [Split, Split][] => (one.of === other.of ? [[one, other]] : [])))

const titled = ({ name, of }: Split): string => (of === undefined ? name : `${name} of ${of}`)

/**
 * Refuses splits that leak.
 * @throws InputError that names an id that lies in two splits, both splits, and how many more do.
 */
export function refuseLeaks(splits: readonly Split[], where: string): void {
  for (const [one, other] of pairsOf(splits)) {
    if (one.name === other.name) throw new InputError(`two splits are called ${titled(one)}`, { where, fix: 'give each its own name' })
    if (one.by !== other.by)
      throw new InputError(
        `${titled(one)} is split by ${one.by}, ${other.name} by ${other.by}, so that nobody can tell whether they overlap`,
        {
          where,
          fix: 'declare both by the same',
        },
      )
    refuseOverlap(one, other, where)
  }
}

function refuseOverlap(one: Split, other: Split, where: string): void {
  const own = new Set(Array.from(one.ids, String))
  const shared = [...new Set(Array.from(other.ids, String))].filter((id) => own.has(id))
  if (shared.length === 0) return
  const more = shared.length > 1 ? `, and so ${shared.length === 2 ? 'is 1 more' : `are ${shared.length - 1} more`}` : ''
  throw new InputError(`the split leaks: ${one.by} "${shared[0]}" is in ${titled(one)} and in ${other.name}${more}`, {
    where,
    fix: `keep each ${one.by} on one side (groupSplit of quire/data does)`,
  })
}

/** One line for every two splits that hold equal examples under different ids. */
export const duplicateNotices = (splits: readonly Split[]): string[] =>
  pairsOf(splits).flatMap(([one, other]) => {
    const count = one.x && other.x ? exactDuplicates(one.x, other.x) : 0
    return count === 0 ? [] : [duplicateLine(count, other.ids.length, titled(other), one.name)]
  })

const duplicateLine = (count: number, of: number, name: string, other: string): string =>
  `${count} of ${of} examples of ${name} equal one of ${other} in every value`
