import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jit, type Tensor, tensor } from '../engine/index.ts'
import { accuracy, crossEntropy, meanSquaredError } from './losses.ts'

const [rows, classes] = [5, 3]
const logits = fc.array(
  fc.array(
    fc.integer({ min: -40, max: 40 }).map((n) => n / 8),
    { minLength: classes, maxLength: classes },
  ),
  {
    minLength: rows,
    maxLength: rows,
  },
)
const labels = fc.array(fc.integer({ min: 0, max: classes - 1 }), { minLength: rows, maxLength: rows })
const matrix = (values: number[][]) =>
  tensor(Float64Array.from(values.flat()), { shape: [values.length, values[0].length], dtype: 'float64' })
const whole = (values: number[]) => tensor(Int32Array.from(values), { dtype: 'int32' })

/** Compiled once for all cases of a property. */
const compiled = (metric: (a: Tensor, b: Tensor) => Tensor) => {
  const run = jit(metric)
  return (a: Tensor, b: Tensor) => run(a, b).item()
}

test('the twin of crossEntropy divides exponentials', async () => {
  const found = compiled(crossEntropy)
  await fc.assert(
    fc.asyncProperty(logits, labels, async (values, y) => {
      const losses = values.map((row, i) => -Math.log(Math.exp(row[y[i]]) / row.reduce((sum, value) => sum + Math.exp(value), 0)))
      expect(await found(matrix(values), whole(y))).toBeCloseTo(losses.reduce((a, b) => a + b) / rows, 10)
    }),
    { numRuns: 30 },
  )
  // scikit-learn's example of log_loss: 0.21616…
  const probabilities = [
    [0.1, 0.9],
    [0.9, 0.1],
    [0.8, 0.2],
    [0.35, 0.65],
  ]
  expect(await found(matrix(probabilities.map((row) => row.map(Math.log))), whole([1, 0, 0, 1]))).toBeCloseTo(0.21616, 5)
})

test('the twin of accuracy looks for the first of the largest', async () => {
  const found = compiled(accuracy)
  await fc.assert(
    fc.asyncProperty(logits, labels, async (values, y) => {
      const right = values.filter((row, i) => row.every((value, k) => value < row[y[i]] || k === y[i] || (value === row[y[i]] && k > y[i])))
      expect(await found(matrix(values), whole(y))).toBeCloseTo(right.length / rows, 6)
    }),
    { numRuns: 30 },
  )
  // scikit-learn's example of accuracy_score: labels 0, 1, 2, 3 predicted as 0, 2, 1, 3.
  const predicted = [0, 2, 1, 3].map((own) => [0, 1, 2, 3].map((k) => Number(k === own)))
  expect(await found(matrix(predicted), whole([0, 1, 2, 3]))).toBe(0.5)
})

test('the twin of meanSquaredError adds squares', async () => {
  const found = compiled(meanSquaredError)
  await fc.assert(
    fc.asyncProperty(logits, logits, async (a, b) => {
      const squares = a.flat().map((value, i) => (value - b.flat()[i]) ** 2)
      expect(await found(matrix(a), matrix(b))).toBeCloseTo(squares.reduce((sum, square) => sum + square) / squares.length, 10)
    }),
    { numRuns: 30 },
  )
  // scikit-learn's example of mean_squared_error.
  expect(await found(matrix([[2.5, 0, 2, 8]]), matrix([[3, -0.5, 2, 7]]))).toBe(0.375)
})
