import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ndarray } from '../engine/array.ts'
import { exactDuplicates } from './duplicates.ts'
import { everyFifth, groupSplit } from './split.ts'

const groupsOf = fc.array(fc.integer({ min: 0, max: 12 }).map(String), { minLength: 3, maxLength: 60 })
const shares = { train: 0.7, validation: 0.1, test: 0.2 }
const seeds = fc.integer({ min: 0, max: 1000 })
const several = groupsOf.filter((groups) => new Set(groups).size >= 3)

describe('a split by groups', () => {
  test('is a partition of the rows in which no group is on two sides', () => {
    fc.assert(
      fc.property(several, seeds, (groups, seed) => {
        const parts = groupSplit(groups, { shares, seed })
        expect(
          Object.values(parts)
            .flat()
            .sort((a, b) => a - b),
        ).toEqual(groups.map((_, row) => row))
        const sides = new Map<string, Set<string>>()
        for (const [name, rows] of Object.entries(parts))
          for (const row of rows) sides.set(groups[row], (sides.get(groups[row]) ?? new Set()).add(name))
        expect([...sides.values()].every(({ size }) => size === 1)).toBe(true)
      }),
    )
  })

  test('keeps shares to within a group: no part has more than one group above its share', () => {
    fc.assert(
      fc.property(several, seeds, (groups, seed) => {
        const parts = groupSplit(groups, { shares, seed })
        const largest = Math.max(...groups.map((group) => groups.filter((other) => other === group).length))
        for (const [name, rows] of Object.entries(parts) as [keyof typeof shares, number[]][]) {
          expect(rows.length).toBeGreaterThan(0)
          expect(rows.length).toBeLessThanOrEqual(shares[name] * groups.length + largest)
          expect(rows.length).toBeGreaterThanOrEqual(shares[name] * groups.length - 2 * largest)
        }
      }),
    )
  })

  test('of singletons it has the shares to a row', () => {
    const { train, validation, test } = groupSplit(
      Array.from({ length: 200 }, (_, i) => `p${i}`),
      { shares, seed: 3 },
    )
    expect([train.length, validation.length, test.length]).toEqual([140, 20, 40])
  })

  test('depends on the groups and the seed, not on the order of rows', () => {
    fc.assert(
      fc.property(several, seeds, (groups, seed) => {
        const sidesOf = (rows: readonly string[]) => {
          const parts = groupSplit(rows, { shares, seed })
          return Object.fromEntries(Object.entries(parts).map(([name, own]) => [name, [...new Set(own.map((row) => rows[row]))].sort()]))
        }
        const reversed = [...groups].reverse()
        expect(sidesOf(reversed)).toEqual(sidesOf(groups))
      }),
    )
    const groups = Array.from({ length: 50 }, (_, i) => i)
    expect(groupSplit(groups, { shares, seed: 1 })).toEqual(groupSplit(groups, { shares, seed: 1 }))
    expect(groupSplit(groups, { shares, seed: 1 })).not.toEqual(groupSplit(groups, { shares, seed: 2 }))
  })

  test('needs as many groups as parts', () =>
    expect(() => groupSplit(['a', 'a', 'b'], { shares, where: 'coughs.csv' })).toThrow(
      'coughs.csv: 2 groups cannot be split into train, validation, test; give rows of at least 3 groups',
    ))
  test.each([
    { train: 0.9, test: 0.2 },
    { train: 1, test: 0 },
    { train: Number.NaN, test: 1 },
  ])('%j are no shares', (wrong) =>
    expect(() => groupSplit(['a', 'b'], { shares: wrong })).toThrow(/are no shares; give positive numbers that are 1 together/),
  )
})

test('every fifth', () => expect(everyFifth(7)).toEqual({ train: [1, 2, 3, 4, 6], test: [0, 5] }))

describe('exact duplicates', () => {
  const table = (rows: number[][], width = 2) => ndarray(Float64Array.from(rows.flat()), [rows.length, width], 'float64')
  const row = fc.tuple(fc.constantFrom(0, -0, 1, 0.5, 2 ** 40), fc.constantFrom(0, 1, 2)).map(([a, b]) => [a, b])
  const rows = fc.array(row, { maxLength: 12 })

  test('are those that comparing each with each finds', () => {
    fc.assert(
      fc.property(rows, rows, (one, other) => {
        const same = (a: number[], b: number[]) => a.every((value, i) => value === b[i])
        expect(exactDuplicates(table(one), table(other))).toBe(other.filter((b) => one.some((a) => same(a, b))).length)
      }),
    )
  })
  test('tables of other widths have none', () => expect(exactDuplicates(table([[1, 2]]), table([[1, 2, 3]], 3))).toBe(0))
})
