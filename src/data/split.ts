import { InputError } from '../engine/errors.ts'
import { permutation, seedKey, uses } from './draws.ts'

/**
 * Row numbers of the usual split by position: every fifth row to test on, the others to train on. By index, so that it depends on nothing else.
 * @example
 * everyFifth(7) // { train: [1, 2, 3, 4, 6], test: [0, 5] }
 */
export function everyFifth(count: number): { train: number[]; test: number[] } {
  const parts = { train: [] as number[], test: [] as number[] }
  for (let row = 0; row < count; row++) parts[row % 5 === 0 ? 'test' : 'train'].push(row)
  return parts
}

export interface GroupSplitOptions<Part extends string> {
  /** What share of the rows each part is to have, by the part's name; together 1. */
  readonly shares: Readonly<Record<Part, number>>
  /** Decides which groups go where. Default 0. */
  readonly seed?: number
  /** What the data are called in messages. */
  readonly where?: string
}

/**
 * Splits rows so that all rows of a group (a patient, a document, a reference picture) lie in one part: row numbers by part, in order.
 *
 * The groups are taken in an order that follows from the seed and their names alone; each goes where most rows are still lacking. So a part has at
 * most one group's rows more than its share. No part is empty.
 *
 * @throws InputError for fewer groups than parts, or shares that are not positive or not 1 together.
 * @example
 * const { train, test } = groupSplit(['ann', 'ann', 'bob', 'eve'], { shares: { train: 0.75, test: 0.25 } })
 */
export function groupSplit<Part extends string>(
  groups: ArrayLike<string | number>,
  { shares, seed = 0, where }: GroupSplitOptions<Part>,
): Record<Part, number[]> {
  const names = Object.keys(shares) as Part[]
  requireShares(shares, where)
  const members = membersOf(groups)
  if (members.size < names.length)
    throw new InputError(`${members.size} ${members.size === 1 ? 'group' : 'groups'} cannot be split into ${names.join(', ')}`, {
      where,
      fix: `give rows of at least ${names.length} groups`,
    })
  const parts = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Part, number[]>
  const lacking = (name: Part) => shares[name] * groups.length - parts[name].length
  const sorted = [...members.values()]
  for (const [place, index] of permutation(seedKey(seed, uses.groups), sorted.length).entries()) {
    const empty = names.filter((name) => parts[name].length === 0)
    // The last groups are kept for parts that have none yet.
    const open = empty.length === sorted.length - place ? empty : names
    const part = open.reduce((most, name) => (lacking(name) > lacking(most) ? name : most))
    parts[part].push(...sorted[index])
  }
  for (const name of names) parts[name].sort((a, b) => a - b)
  return parts
}

function requireShares(shares: Readonly<Record<string, number>>, where?: string): void {
  const values = Object.values(shares)
  const total = values.reduce((sum, share) => sum + share, 0)
  if (values.length > 0 && values.every((share) => share > 0) && Math.abs(total - 1) < 1e-9) return
  throw new InputError(`shares ${values.join(', ')} are no shares`, { where, fix: 'give positive numbers that are 1 together' })
}

/** The rows of each group, the groups sorted by name: in which order the rows come must not matter. */
function membersOf(groups: ArrayLike<string | number>): Map<string, number[]> {
  const members = new Map<string, number[]>()
  for (let row = 0; row < groups.length; row++) {
    const name = String(groups[row])
    const own = members.get(name)
    if (own) own.push(row)
    else members.set(name, [row])
  }
  return new Map([...members].sort(([a], [b]) => (a < b ? -1 : 1)))
}
