import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromArray, ndarray } from '../../engine/index.ts'
import { accuracy, crossEntropy } from '../../nn/index.ts'
import { areaUnderCurve, average, macroAreaUnderCurve, predictionsOf, shareEqual } from './index.ts'

const score = fc.integer({ min: -8, max: 8 }).map((n) => n / 4)
const table = (classes: number) =>
  fc.array(fc.tuple(fc.array(score, { minLength: classes, maxLength: classes }), fc.integer({ min: 0, max: Math.max(1, classes - 1) })), {
    minLength: 1,
    maxLength: 12,
  })
const arrayOf = (rows: readonly (readonly number[])[]) => ndarray(Float32Array.from(rows.flat()), [rows.length, rows[0].length], 'float32')

/** Every pair of a positive and a negative; half a point for a tie. */
function byPairs(scores: readonly number[], positive: readonly boolean[]): number {
  const pairs = scores.flatMap((one, i) =>
    positive[i] ? scores.flatMap((other, j) => (positive[j] ? [] : [Math.sign(one - other) / 2 + 0.5])) : [],
  )
  return pairs.reduce((sum, won) => sum + won, 0) / pairs.length
}

test('the twin of areaUnderCurve compares pairs', () => {
  fc.assert(
    fc.property(table(1), (rows) => {
      const scores = rows.map(([[one]]) => one)
      const labels = rows.map(([, label]) => label)
      const twin = byPairs(
        scores,
        labels.map((label) => label === 1),
      )
      const found = areaUnderCurve(scores, labels)
      if (Number.isNaN(twin)) expect(found).toBeNaN()
      else expect(found).toBeCloseTo(twin, 12)
    }),
  )
  // scikit-learn's example of roc_auc_score.
  expect(areaUnderCurve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75)
})

test('the twin of macroAreaUnderCurve ranks softmax probabilities, class by class', () => {
  fc.assert(
    fc.property(table(3), (rows) => {
      const labels = rows.map(([, label]) => label)
      const probabilities = rows.map(([row]) => row.map((logit) => Math.exp(logit) / row.reduce((sum, other) => sum + Math.exp(other), 0)))
      const areas = [0, 1, 2].map((own) =>
        byPairs(
          probabilities.map((row) => Math.round(row[own] * 1e9)),
          labels.map((label) => label === own),
        ),
      )
      const defined = areas.filter((area) => !Number.isNaN(area))
      const found = macroAreaUnderCurve(arrayOf(rows.map(([row]) => row)), labels, 3)
      if (defined.length === 0) expect(found).toBeNaN()
      else expect(found).toBeCloseTo(defined.reduce((a, b) => a + b) / defined.length, 9)
    }),
  )
  // The first two rows are the same logits in another order, up to a constant: they tie for the second class.
  const tied = arrayOf([
    [0, -1.25, 0.25],
    [0.75, -0.75, 0.5],
    [0, 0, 0],
  ])
  expect(macroAreaUnderCurve(tied, [1, 0, 0], 3)).toBe((0.5 + 0.25) / 2)
})

test('the twin of predictionsOf are the losses and the accuracy of nn', async () => {
  await fc.assert(
    fc.asyncProperty(table(4), async (rows) => {
      const logits = arrayOf(rows.map(([row]) => row))
      const labels = Int32Array.from(rows, ([, label]) => label)
      const { predicted, margin, loss } = predictionsOf(logits, labels)
      const y = fromArray(ndarray(labels, [labels.length], 'int32'))
      expect(shareEqual(predicted, labels)).toBeCloseTo(await accuracy(fromArray(logits), y).item(), 6)
      expect(average(loss)).toBeCloseTo(await crossEntropy(fromArray(logits), y).item(), 5)
      for (const [i, [row, label]] of rows.entries()) {
        const rivals = row.filter((_, k) => k !== label)
        expect(margin[i]).toBe(Math.min(...rivals.map((rival) => row[label] - rival)))
        if (margin[i] !== 0) expect(margin[i] > 0).toBe(predicted[i] === label)
      }
    }),
    { numRuns: 15 },
  )
})

test('one logit tells two classes apart as 0 and it would', () => {
  fc.assert(
    fc.property(table(1), (rows) => {
      const labels = rows.map(([, label]) => label)
      const one = predictionsOf(arrayOf(rows.map(([row]) => row)), labels)
      const two = predictionsOf(arrayOf(rows.map(([[logit]]) => [0, logit])), labels)
      expect(one).toEqual(two)
      // The logistic loss log(1 + e^∓z), and the class of a positive logit.
      for (const [i, [[logit], label]] of rows.entries()) {
        expect(one.loss[i]).toBeCloseTo(Math.log(1 + Math.exp(label === 1 ? -logit : logit)), 5)
        expect(one.predicted[i]).toBe(logit > 0 ? 1 : 0)
      }
    }),
  )
})

test('the twins of shareEqual and of average count and add', () => {
  const digits = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 9 })
  fc.assert(
    fc.property(digits, digits, (one, other) => {
      const cut = Math.min(one.length, other.length)
      const [a, b] = [one.slice(0, cut), other.slice(0, cut)]
      expect(shareEqual(a, b)).toBe(a.filter((value, i) => value === b[i]).length / cut)
      expect(average(a)).toBeCloseTo(
        [0, 1, 2, 3].reduce((sum, digit) => sum + digit * (a.filter((value) => value === digit).length / cut), 0),
        12,
      )
    }),
  )
})
