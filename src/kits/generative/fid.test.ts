import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fid, frechetDistance } from './fid.ts'
import { fidFloor, fidInfinity } from './fid-bias.ts'
import { momentsOf } from './moments.ts'
import { bareFeatures, difference } from './scores.ts'
import { bare, normalPoints, table } from './testing/points.ts'

const gaussian = (mean: readonly number[], covariance: readonly number[]) => ({
  mean: Float64Array.from(mean),
  covariance: Float64Array.from(covariance),
})

test('golden value of a 2 × 2 example', () => {
  const a = gaussian([1, -2], [2, 0.5, 0.5, 1])
  const b = gaussian([0, 0], [1, -0.3, -0.3, 1.5])
  expect(frechetDistance(a, b)).toBeCloseTo(5.463471189606476, 12)
  expect(frechetDistance(b, a)).toBeCloseTo(5.463471189606476, 12)
})

test('of diagonal Gaussians: Σ (m₁ − m₂)² + (s₁ − s₂)², singular ones too', () => {
  const deviation = fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(deviation, deviation, deviation, (mean, s, t) => {
      const diagonal = (of: readonly number[]) => [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => (i === j ? of[i] ** 2 : 0)))
      const expected = s.reduce((sum, own, i) => sum + mean[i] ** 2 + (own - t[i]) ** 2, 0)
      expect(frechetDistance(gaussian(mean, diagonal(s)), gaussian([0, 0, 0], diagonal(t)))).toBeCloseTo(expected, 6)
    }),
  )
})

test('the square root must be of the product: traces alone, or divisor n, give other numbers', async () => {
  // Rotating one covariance leaves all traces as they are, and changes the distance.
  const [a, b] = [gaussian([0, 0], [4, 0, 0, 1]), gaussian([0, 0], [1, 0, 0, 4])]
  expect(frechetDistance(a, a)).toBeCloseTo(0, 12)
  expect(frechetDistance(a, b)).toBeCloseTo(2, 12)
  const { covariance } = await momentsOf(table([[1], [2], [4]]))
  expect(covariance[0]).toBeCloseTo(7 / 3, 12) // with divisor n it were 14/9
})

test('moments of many points are those they were drawn with', async () => {
  const { mean, covariance } = await momentsOf(normalPoints(20_000, 3, 1, { shift: 2, scale: 3 }))
  for (let i = 0; i < 3; i++) {
    expect(Math.abs(mean[i] - 2)).toBeLessThan(0.1) // 5 standard errors of 3/√20,000
    for (let j = 0; j < 3; j++) expect(Math.abs(covariance[3 * i + j] - (i === j ? 9 : 0))).toBeLessThan(0.45)
  }
})

test('FID falls with n; FID∞ takes most of the bias away, and the floor says what equals score', async () => {
  const real = bare(normalPoints(4000, 16, 2))
  const other = bare(normalPoints(4000, 16, 3))
  const [few, many] = [await fid(bare(normalPoints(100, 16, 4)), real), await fid(other, real)]
  expect(few.value).toBeGreaterThan(5 * many.value)
  const { value, slope, points } = await fidInfinity(other, real)
  expect(slope).toBeGreaterThan(0)
  expect(Math.abs(value)).toBeLessThan(0.6 * many.value)
  expect([points[0].n, points.at(-1)!.n]).toEqual([400, 4000])
  const floor = await fidFloor(real, other, { n: 1000 })
  expect(floor.values).toHaveLength(3)
  const shifted = await fid(bare(normalPoints(1000, 16, 5, { shift: 0.5 })), bare(normalPoints(1000, 16, 6)))
  expect(shifted.value).toBeGreaterThan(floor.high)
  expect(Math.abs(shifted.value - 16 * 0.25 - floor.mean)).toBeLessThan(0.7)
})

test('features of two networks, or scores of two networks or counts, are never compared', async () => {
  const [a, b] = [normalPoints(10, 2, 0), normalPoints(12, 2, 1)]
  await expect(fid(bare(a, 'one'), bare(a, 'two'))).rejects.toThrow('features of the networks one and two cannot be compared')
  await expect(fid(bare(table([[1, 2]])), bare(a))).rejects.toThrow('1 examples are too few')
  await expect(fid(bare(table([[1]])), bare(a))).rejects.toThrow('features of 1 and of 2 numbers')
  const scores = [
    await fid(bare(a, 'one'), bare(a, 'one')),
    await fid(bare(a, 'two'), bare(a, 'two')),
    await fid(bare(b, 'one'), bare(a, 'one')),
  ]
  expect(() => difference(scores[0], scores[1])).toThrow('fid was computed with the networks one and two')
  expect(() => difference(scores[0], scores[2])).toThrow('from 10 and 12 samples')
  expect(difference(scores[0], scores[0])).toBe(0)
  expect(bareFeatures(table([[1, 2]])).network).toBe('none')
})
