import { expect, test } from 'vitest'
import { kid } from './kid.ts'
import { bare, normalPoints, table } from './testing/points.ts'

const a = bare(
  table([
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ]),
)
const b = bare(
  table([
    [1, 1],
    [2, 1],
    [1, 2],
    [3, 3],
  ]),
)

test('golden values, unbiased and biased', async () => {
  const unbiased = await kid(a, b)
  expect(unbiased.value).toBeCloseTo(56.625, 10)
  expect(unbiased.metric).toBe('kid')
  const biased = await kid(a, b, { biased: true })
  expect(biased.value).toBeCloseTo(106.5625, 10)
  expect(biased.metric).toBe('kid-biased')
})

test('the unbiased estimate of equal distributions is about 0 at any n, the biased one is not', async () => {
  const points = (n: number, seed: number) => bare(normalPoints(n, 4, seed))
  const repeat = async (biased: boolean) => {
    const values = await Promise.all(
      Array.from({ length: 40 }, async (_, k) => (await kid(points(50, 2 * k), points(50, 2 * k + 1), { biased })).value),
    )
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const error = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) / values.length)
    return mean / error
  }
  expect(Math.abs(await repeat(false))).toBeLessThan(4)
  expect(await repeat(true)).toBeGreaterThan(4)
})

test('subsets are drawn by the seed, and agree with the whole within their error', async () => {
  const [x, y] = [bare(normalPoints(600, 4, 1)), bare(normalPoints(600, 4, 2, { shift: 1 }))]
  const whole = await kid(x, y)
  const parts = await kid(x, y, { size: 200, subsets: 40, seed: 3 })
  expect(Math.abs(parts.value - whole.value)).toBeLessThan(5 * parts.standardError)
  expect((await kid(x, y, { size: 200, subsets: 40, seed: 3 })).value).toBe(parts.value)
  expect((await kid(x, y, { size: 200, subsets: 40, seed: 4 })).value).not.toBe(parts.value)
  expect(whole.standardError).toBeNaN()
  await expect(kid(x, y, { size: 601 })).rejects.toThrow('subsets of 601 cannot be drawn from 600 rows')
  await expect(kid(x, { ...y, network: 'other' })).rejects.toThrow('cannot be compared')
})
