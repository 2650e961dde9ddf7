import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  areaDifference,
  areaUnderCurve,
  areaWithInterval,
  atFalsePositiveRate,
  bestBalancedAccuracy,
  chanceError,
  clopperPearson,
  deLong,
  equalErrorRecall,
  rocCurve,
} from './index.ts'

/** Scores on a coarse grid, so that there are ties, with at least two of each class. */
const scored = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 12 }),
    fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 12 }),
  )
  .map(([positives, negatives]) => ({
    positives,
    negatives,
    scores: [...positives, ...negatives],
    labels: [...positives.map(() => 1), ...negatives.map(() => 0)],
  }))

const won = (p: number, q: number) => (p > q ? 1 : p === q ? 0.5 : 0)
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

test('the twin of deLong counts pairs; its variance is that of their rows and columns', () => {
  fc.assert(
    fc.property(scored, ({ positives, negatives, scores, labels }) => {
      const { areas, covariance } = deLong([scores], labels)
      const rows = positives.map((p) => mean(negatives.map((q) => won(p, q))))
      const columns = negatives.map((q) => mean(positives.map((p) => won(p, q))))
      const variance = (values: number[]) => values.reduce((sum, v) => sum + (v - mean(values)) ** 2, 0) / (values.length - 1)
      expect(areas[0]).toBeCloseTo(mean(rows), 12)
      expect(areas[0]).toBeCloseTo(areaUnderCurve(scores, labels), 12)
      expect(covariance[0][0]).toBeCloseTo(variance(rows) / rows.length + variance(columns) / columns.length, 12)
    }),
  )
})

test('the twins of areaWithInterval and areaDifference: equal scores give one half, and a score beside itself no difference', () => {
  const labels = [1, 1, 0, 0, 0]
  expect(areaWithInterval([3, 3, 3, 3, 3], labels).value).toBe(0.5)
  expect(bestBalancedAccuracy(rocCurve([3, 3, 3, 3, 3], labels))).toBe(0.5)
  expect(areaDifference([1, 2, 3, 4, 0], [1, 2, 3, 4, 0], labels)).toMatchObject({ value: 0, error: 0 })
})

test('the twins of rocCurve, atFalsePositiveRate, bestBalancedAccuracy and equalErrorRecall try every threshold', () => {
  fc.assert(
    fc.property(scored, fc.double({ min: 0, max: 1, noNaN: true }), ({ positives, negatives, scores, labels }, rate) => {
      const at = atFalsePositiveRate(rocCurve(scores, labels), rate)
      const rates = [...scores, Number.POSITIVE_INFINITY].map((threshold) => ({
        fpr: mean(negatives.map((q) => Number(q >= threshold))),
        tpr: mean(positives.map((p) => Number(p >= threshold))),
      }))
      const allowed = rates.filter(({ fpr }) => fpr <= rate)
      expect(at.falsePositiveRate).toBeLessThanOrEqual(rate)
      expect(at.truePositiveRate).toBe(Math.max(...allowed.map(({ tpr }) => tpr)))
      const best = Math.max(...rates.map(({ tpr, fpr }) => (tpr + 1 - fpr) / 2))
      expect(bestBalancedAccuracy(rocCurve(scores, labels))).toBeCloseTo(best, 12)
      const balance = Math.min(...rates.map(({ tpr, fpr }) => Math.abs(tpr - (1 - fpr))))
      expect(
        rates.some(
          ({ tpr, fpr }) => tpr === equalErrorRecall(rocCurve(scores, labels)) && Math.abs(Math.abs(tpr - (1 - fpr)) - balance) < 1e-12,
        ),
      ).toBe(true)
    }),
  )
})

test('the twins of clopperPearson and chanceError are those of the textbooks', () => {
  // R: binom.test(3, 20)$conf.int and binom.test(0, 10)$conf.int.
  expect(clopperPearson(3, 20)[0]).toBeCloseTo(0.03207094, 7)
  expect(clopperPearson(3, 20)[1]).toBeCloseTo(0.37892683, 7)
  expect(clopperPearson(0, 10)).toEqual([0, expect.closeTo(0.30849711, 7)])
  expect(clopperPearson(10, 10)).toEqual([expect.closeTo(0.69150289, 7), 1])
  expect(chanceError(500, 500)).toBeCloseTo(0.018266, 5)
  expect(() => rocCurve([Number.NaN, 1], [0, 1])).toThrow('not a number')
})
