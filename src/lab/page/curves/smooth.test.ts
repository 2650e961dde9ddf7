import { expect, test } from 'vitest'
import { smoothed } from './smooth.ts'

test('each value is the weighted mean of those up to it', () => {
  const values = [4, 1, 7, 2]
  const share = 0.6
  const byDefinition = values.map((_, n) => {
    const weights = values.slice(0, n + 1).map((_, i) => share ** (n - i))
    return weights.reduce((sum, weight, i) => sum + weight * values[i], 0) / weights.reduce((sum, weight) => sum + weight, 0)
  })
  for (const [i, value] of smoothed(values, share).entries()) expect(value).toBeCloseTo(byDefinition[i], 12)
})

test('a constant stays, from its first value on', () => {
  for (const value of smoothed([3, 3, 3], 0.98)) expect(value).toBeCloseTo(3, 12)
})

test('what is no number stays none and spoils nothing after it', () => {
  expect(smoothed([1, Number.NaN, 1], 0.9)).toEqual([1, Number.NaN, 1])
  expect(smoothed([1, 5], 0)).toEqual([1, 5])
})
