import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bootstrapInterval } from './bootstrap.ts'
import { interquartileMean, shareAbove } from './robust.ts'
import { mean, quantile } from './statistics.ts'

/** Every resample of a column. */
function resamplesOf(column: readonly number[]): number[][] {
  return column.reduce<number[][]>((all) => all.flatMap((begun) => column.map((value) => [...begun, value])), [[]])
}

/** The statistic of every resample of all columns: each is as likely as any other. */
function everyOutcome(columns: readonly (readonly number[])[], statistic: (columns: readonly ArrayLike<number>[]) => number): number[] {
  const all = columns.reduce<number[][][]>(
    (begun, column) => begun.flatMap((one) => resamplesOf(column).map((drawn) => [...one, drawn])),
    [[]],
  )
  return all.map(statistic)
}

/** Percentiles by which 10,000 draws may miss: five standard errors of a share of 0.025. */
const slack = 0.008

/** Whether a value is the quantile of a finite distribution, to the accuracy of drawing from it. */
function expectQuantile(value: number, outcomes: readonly number[], share: number) {
  const below = outcomes.filter((outcome) => outcome < value - 1e-12).length / outcomes.length
  const upTo = outcomes.filter((outcome) => outcome <= value + 1e-12).length / outcomes.length
  expect(below).toBeLessThanOrEqual(share + slack)
  expect(upTo).toBeGreaterThanOrEqual(share - slack)
}

const pooled = (columns: readonly ArrayLike<number>[]) => interquartileMean(columns.flatMap((column) => Array.from(column)))

describe('against every resample there is', () => {
  test.each([
    ['one stratum of three', [[0.2, 1.1, 0.7]]],
    ['one of five', [[3, 1, 4, 1.5, 9]]],
    [
      'two strata',
      [
        [1, 2, 4],
        [10, 11, 15, 13],
      ],
    ],
    ['strata of one and of four', [[5], [1, 2, 8, 3]]],
  ])('the interquartile mean: %s', (_, columns) => {
    const outcomes = everyOutcome(columns, pooled)
    const [low, high] = bootstrapInterval(columns, pooled)
    expectQuantile(low, outcomes, 0.025)
    expectQuantile(high, outcomes, 0.975)
  })

  test('the probability of improvement', () => {
    const columns = [
      [1, 3, 2.5, 4],
      [2, 0, 3.5],
    ]
    const share = ([own, rival]: readonly ArrayLike<number>[]) => shareAbove(own, rival)
    const outcomes = everyOutcome(columns, share)
    const [low, high] = bootstrapInterval(columns, share)
    expectQuantile(low, outcomes, 0.025)
    expectQuantile(high, outcomes, 0.975)
  })
})

test('a share of 7 in 20 is resampled as a binomial', () => {
  const column = Array.from({ length: 20 }, (_, i) => Number(i < 7))
  // scipy 1.17: scipy.stats.binom.ppf([0.025, 0.975], 20, 0.35)
  expect(bootstrapInterval([column], ([drawn]) => mean([...drawn]))).toEqual([3 / 20, 11 / 20])
})

test('the same values have the same interval, whenever it is asked for', () => {
  const columns = [
    [0.3, 0.1, 0.8],
    [4, 5, 7],
  ]
  expect(bootstrapInterval(columns, pooled)).toEqual(bootstrapInterval(columns, pooled))
})

test('the interval lies within the range, and moves with the values', () => {
  const column = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 6 })
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 2 }), fc.double({ min: -10, max: 10, noNaN: true }), (columns, shift) => {
      const [low, high] = bootstrapInterval(columns, pooled, 500)
      const moved = bootstrapInterval(
        columns.map((one) => one.map((value) => value + shift)),
        pooled,
        500,
      )
      expect(low).toBeLessThanOrEqual(high)
      expect(low).toBeGreaterThanOrEqual(Math.min(...columns.flat()) - 1e-9)
      expect(high).toBeLessThanOrEqual(Math.max(...columns.flat()) + 1e-9)
      expect(moved[0]).toBeCloseTo(low + shift, 6)
      expect(moved[1]).toBeCloseTo(high + shift, 6)
    }),
    { numRuns: 40 },
  )
})

// numpy 2: numpy.quantile([1, 2, 4, 8, 16], share)
test.each([
  [0.025, 1.1],
  [0.3, 2.4],
  [0.975, 15.2],
  [0, 1],
  [1, 16],
])('the quantile %d', (share, value) => expect(quantile([1, 2, 4, 8, 16], share)).toBeCloseTo(value, 12))
