import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { estimate } from './estimate.ts'
import { judge } from './verdict.ts'

const ten = Array.from({ length: 10 }, (_, i) => 1 + i / 10)
const bar = (threshold: number, statistic: 'mean' | 'iqm' | 'improvement') => ({ threshold, direction: 'atLeast', statistic }) as const

describe('strata', () => {
  test('a seed counts with its mean over strata where the mean is judged', () => {
    const found = estimate([
      { bank: 1, adult: 3 },
      { bank: 2, adult: 4 },
      { adult: 5, bank: 3 },
    ])
    expect(found).toMatchObject({ statistic: 'mean', interval: 'student-t', estimate: 3, n: 3, values: [2, 3, 4] })
    expect(found.strata).toEqual({ adult: [3, 4, 5], bank: [1, 2, 3] })
    expect(found.ci95).toEqual(estimate([2, 3, 4]).ci95)
  })

  test('a stratum that a seed lacks is no number, and the claim fails', () =>
    expect(judge([{ a: 1, b: 1 }, { a: 1 }, { a: 1, b: 1 }], bar(0, 'mean'))).toMatchObject({ verdict: 'fails', reason: 'notFinite' }))

  test('are resampled each by itself: their levels are no uncertainty', () => {
    const still = Array.from({ length: 10 }, () => ({ low: 0, middle: 5, high: 100 }))
    // 30 values: seven at each end are left out, 3 · 0, 10 · 5 and 3 · 100 stay.
    expect(estimate(still, 'iqm')).toMatchObject({ estimate: 350 / 16, ci95: [350 / 16, 350 / 16] })
  })
})

describe('the interquartile mean', () => {
  test('is what is judged, though the mean is on the other side', () => {
    const values = [...ten.slice(0, 9), -1000]
    expect(estimate(values, 'iqm').mean).toBeLessThan(0)
    expect(judge(values, bar(0.5, 'iqm'))).toMatchObject({ verdict: 'undecided', statistic: 'iqm', interval: 'stratified-bootstrap' })
    expect(judge(ten, bar(1, 'iqm')).verdict).toBe('holds')
    expect(judge(ten, bar(2, 'iqm'))).toMatchObject({ verdict: 'fails', reason: 'wrongSide' })
  })

  test.each([3, 5, 9])('%d seeds are too few, however clear they are', (n) =>
    expect(judge(ten.slice(0, n), bar(-1000, 'iqm'))).toMatchObject({ verdict: 'undecided', reason: 'tooFewRuns' }),
  )
  test('many strata do not make up for it', () => {
    const stratified = ten.slice(0, 9).map((value) => Object.fromEntries(ten.map((_, i) => [`s${i}`, value])))
    expect(judge(stratified, bar(-1000, 'iqm'))).toMatchObject({ verdict: 'undecided', reason: 'tooFewRuns' })
  })
  test('of two seeds it is too few seeds', () => expect(judge([1, 2], bar(0, 'iqm')).reason).toBe('tooFewSeeds'))
})

describe('the probability of improvement', () => {
  const judged = (own: number[], rival: number[], threshold = 0.5) => judge(own, bar(threshold, 'improvement'), rival)

  test('by hand: of 25 pairs 22 are won and one is a tie', () => {
    const found = estimate([5, 6, 7, 8, 3], 'improvement', [1, 2, 3, 4, 5])
    expect(found.values).toEqual([0.9, 1, 1, 1, 0.5])
    expect(found.estimate).toBeCloseTo(22 / 25, 12)
    expect(found.strata).toEqual({ all: [5, 6, 7, 8, 3] })
  })

  test('is the mean of what each seed wins', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 6 })
    fc.assert(
      fc.property(scores, scores, (own, rival) => {
        const { estimate: found, values } = estimate(own, 'improvement', rival, 50)
        expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(found, 12)
      }),
      { numRuns: 50 },
    )
  })

  test('five that beat five are at least as probable as five won pairs of five: 0.478', () => {
    // scipy 1.17: scipy.stats.binomtest(5, 5).proportion_ci(0.95, 'exact') is [0.478176, 1].
    const found = estimate([6, 7, 8, 9, 10], 'improvement', [1, 2, 3, 4, 5])
    expect(found.ci95![0]).toBeCloseTo(0.47817625, 8)
    expect(found.ci95![1]).toBe(1)
    expect(judged([6, 7, 8, 9, 10], [1, 2, 3, 4, 5])).toMatchObject({ verdict: 'undecided', reason: 'straddles' })
    expect(judged([6, 7, 8, 9, 10], [1, 2, 3, 4, 5], 0.45).verdict).toBe('holds')
  })

  test('ten that beat ten hold, and ten that lose to ten fail', () => {
    const better = ten.map((value) => value + 10)
    expect(judged(better, ten).verdict).toBe('holds')
    expect(judged(ten, better).verdict).toBe('fails')
    expect(judged(ten, ten)).toMatchObject({ verdict: 'undecided', estimate: 0.5 })
  })

  test('four of the arm or of the baseline are too few', () => {
    expect(judged([1, 2, 3, 4], ten).reason).toBe('tooFewRuns')
    expect(judged(ten, [1, 2, 3, 4]).reason).toBe('tooFewRuns')
  })

  test('without a baseline in the same strata there is nothing to be above', () =>
    expect(
      judge(
        ten.map((value) => ({ a: value })),
        bar(0.5, 'improvement'),
        ten.map((value) => ({ b: value })),
      ),
    ).toMatchObject({ verdict: 'fails', reason: 'notFinite' }))

  test('does not change with the scale of the scores', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 5, maxLength: 6 })
    fc.assert(
      fc.property(scores, scores, (own, rival) => {
        const one = estimate(own, 'improvement', rival, 100)
        const other = estimate(own.map(Math.exp), 'improvement', rival.map(Math.exp), 100)
        expect([other.estimate, other.ci95]).toEqual([one.estimate, one.ci95])
      }),
      { numRuns: 30 },
    )
  })
})

test('what was judged by the mean before is judged as before', () => {
  const values = [0.58, 0.578, 0.577]
  expect(judge(values, { threshold: 0.5, direction: 'atLeast' })).toEqual({ ...judge(values, bar(0.5, 'mean')), statistic: 'mean' })
})
