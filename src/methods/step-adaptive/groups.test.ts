import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { processOf } from '../../kits/diffusion/index.ts'
import { meanShare, retainedFor, sampledShare, shareOf, sharesOf } from './budget.ts'
import { similarGroups } from './clustering.ts'
import { groupsAt, planGroups } from './groups.ts'

const chain = (schedule: 'linear' | 'cosine', steps = 1000) => processOf({ kind: 'discrete', steps, schedule })
const froms = (groups: readonly { from: number }[]) => groups.map(({ from }) => from)

describe('groups', () => {
  test('equal decibels, as computed elsewhere', () => {
    const near = (found: number[], expected: number[]) =>
      found.forEach((from, i) => {
        expect(Math.abs(from - expected[i])).toBeLessThanOrEqual(1)
      })
    near(froms(planGroups(chain('linear'), { count: 5, by: 'equalSnrDb', minWidth: 1 })), [1, 17, 139, 493, 785])
    near(froms(planGroups(chain('cosine'), { count: 5, by: 'equalSnrDb', minWidth: 1 })), [1, 74, 760, 987, 999])
  })

  test('and a least width keeps the last group of the cosine schedule alive', () => {
    const groups = planGroups(chain('cosine'), { count: 5, by: 'equalSnrDb', minWidth: 20 })
    expect(groups.map(({ from, to }) => to - from).every((width) => width >= 20)).toBe(true)
    expect(groups.at(-1)).toMatchObject({ from: 981, to: 1001 })
  })

  test('all ways cover all steps once, with their width, whatever the losses', () => {
    const losses = fc
      .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 40 })
      .filter((all) => all.some((x) => x > 0))
    fc.assert(
      fc.property(losses, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 12 }), (losses, count, minWidth) => {
        const groups = planGroups(chain('linear', 100), { count, minWidth, by: 'lossQuantile', losses })
        expect(groups).toHaveLength(count)
        expect([groups[0].from, groups.at(-1)!.to]).toEqual([1, 101])
        groups.forEach(({ from, to }, i) => {
          expect(to - from).toBeGreaterThanOrEqual(minWidth)
          if (i > 0) expect(from).toBe(groups[i - 1].to)
        })
      }),
    )
  })

  test('equal losses are uniform groups; a loss in one place draws the cuts to it', () => {
    const process = chain('linear', 100)
    const even = planGroups(process, { count: 4, by: 'lossQuantile', losses: new Array(100).fill(0.3) })
    expect(froms(even)).toEqual([1, 26, 51, 76])
    const losses = Array.from({ length: 100 }, (_, i) => (i < 10 ? 1 : 0))
    expect(froms(planGroups(process, { count: 2, by: 'lossQuantile', losses, minWidth: 1 }))[1]).toBeCloseTo(6, -0.5)
  })

  test('difficulty is the order of the signal', () => {
    expect(planGroups(chain('cosine'), { count: 5, by: 'uniform' }).map(({ difficulty }) => difficulty)).toEqual([5, 4, 3, 2, 1])
    const edm = processOf({ kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] })
    const groups = planGroups(edm, { count: 3, by: 'uniform' })
    expect(groups.map(({ difficulty }) => difficulty)).toEqual([3, 2, 1])
    expect([groups[0].from, groups[2].to]).toEqual([0.002, 80])
  })

  test.each([
    [[1, 40, 40, 101], 'are no groups'],
    [[1], 'are no groups'],
    [[2, 50, 101], 'leave times out'],
    [[1, 50, 100], 'leave times out'],
  ])('boundaries %j are refused', (boundaries, message) => {
    expect(() => groupsAt(chain('linear', 100), boundaries)).toThrow(message)
  })

  test('too many groups are refused', () => {
    expect(() => planGroups(chain('linear', 100), { count: 6, by: 'uniform' })).toThrow('6 groups of at least 20 steps do not fit into 100')
  })
})

test('neighbouring bins that point the same way come together: against all cuts', () => {
  const vector = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }).filter((v) => Math.hypot(...v) > 0.1)
  const unit = vector.map((v) => v.map((x) => x / Math.hypot(...v)))
  fc.assert(
    fc.property(fc.array(unit, { minLength: 4, maxLength: 8 }), fc.integer({ min: 1, max: 4 }), (units, count) => {
      const worth = (cuts: readonly number[]) =>
        cuts.slice(1).reduce((sum, end, i) => {
          const members = units.slice(cuts[i], end)
          return sum + Math.hypot(...[0, 1, 2].map((axis) => members.reduce((total, member) => total + member[axis], 0)))
        }, 0)
      const all = (from: number, left: number): number[][] =>
        left === 0
          ? [[units.length]]
          : Array.from({ length: units.length - from - left + 1 }, (_, i) => from + 1 + i).flatMap((cut) =>
              cut < units.length ? all(cut, left - 1).map((rest) => [cut, ...rest]) : [],
            )
      const best = Math.max(...all(0, count - 1).map((cuts) => worth([0, ...cuts])))
      const cosines = units.map((a) => units.map((b) => a.reduce((sum, x, i) => sum + x * b[i], 0)))
      expect(worth(similarGroups(cosines, count))).toBeCloseTo(best, 9)
    }),
  )
})

describe('budget', () => {
  test('shares of the paper, and the mean that they keep', () => {
    expect([1, 2, 3, 4, 5].map((i) => shareOf(i, 5, 0.5))).toEqual([0.6, 0.7, 0.8, 0.9, 1])
    expect(meanShare(5, 0.5)).toBeCloseTo(0.8, 12)
  })

  test.each([
    [5, 0.5],
    [4, 0.467],
    [8, 0.543],
    [10, 0.556],
    [100_000, 0.6],
  ])('%i groups keep 80 %% in the mean with k = %f', (count, retained) => {
    expect(retainedFor(0.8, count)).toBeCloseTo(retained, 3)
  })

  test('all ways to spread a budget cost the same, but none', () => {
    const groups = planGroups(chain('cosine'), { count: 5, by: 'uniform' })
    const mean = (sizing: 'difficulty' | 'equal' | 'reversed') => sharesOf(groups, sizing, 0.5).reduce((a, b) => a + b, 0) / 5
    for (const sizing of ['difficulty', 'equal', 'reversed'] as const) expect(mean(sizing)).toBeCloseTo(0.8, 12)
    expect(sharesOf(groups, 'difficulty', 0.5)).toEqual([1, 0.9, 0.8, 0.7, 0.6])
    expect(sharesOf(groups, 'reversed', 0.5)).toEqual([0.6, 0.7, 0.8, 0.9, 1])
  })

  test('few steps of sampling pay for the groups that they fall into', () => {
    const groups = planGroups(chain('cosine'), { count: 5, by: 'uniform' })
    const shares = sharesOf(groups, 'difficulty', 0.5)
    expect(sampledShare(groups, shares, [1000, 990])).toBeCloseTo(0.6, 12)
    expect(sampledShare(groups, shares, [1000, 200])).toBeCloseTo(0.8, 12)
  })

  test.each([0, -0.1, 1.2, Number.NaN])('k = %f is refused', (retained) => {
    expect(() => shareOf(1, 5, retained)).toThrow('a retained share of')
  })

  test('a mean that the hardest group makes impossible is refused', () => {
    expect(() => retainedFor(0.5, 5)).toThrow('5 groups cannot keep 0.5 of the operations in the mean')
  })
})
