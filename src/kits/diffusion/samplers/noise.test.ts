import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalCdf, normalQuantile as precise } from '../../../engine/kernels/error-function.ts'
import { noiseUses, normalNoise, signNoise } from './noise.ts'
import { normalQuantile } from './normal-quantile.ts'

describe('the quantile of the normal distribution', () => {
  test.each([
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.025, -1.959963984540054],
    [1e-9, -5.997807015007687],
  ])('of %d', (p, z) => expect(normalQuantile(p)).toBeCloseTo(z, 12))

  test("is what Halley's iteration finds, all over (0, 1)", () =>
    fc.assert(
      fc.property(fc.double({ min: 1e-10, max: 1 - 1e-10, noNaN: true }), (p) => {
        expect(Math.abs(normalQuantile(p) - precise(p))).toBeLessThan(1e-9 * (1 + Math.abs(precise(p))))
      }),
      { seed: 1 },
    ))
})

describe('noise', () => {
  const draw = (seed: number, number: number, first: number, count: number): Float32Array => {
    const into = new Float32Array(5 * count)
    normalNoise(seed, noiseUses.sampling, 5)(number, { first, count }, into)
    return into
  }

  test('of a sample is the same whatever is drawn beside it', () => expect(draw(3, 2, 0, 9).subarray(20, 30)).toEqual(draw(3, 2, 4, 2)))

  test.each([
    ['seed', draw(4, 2, 0, 3)],
    ['draw', draw(3, 1, 0, 3)],
    ['sample', draw(3, 2, 1, 3)],
  ])('of another %s is other noise', (_, other) => {
    const own = draw(3, 2, 0, 3)
    expect(own.filter((value, i) => value === other[i])).toHaveLength(0)
  })

  test('is standard normal: Kolmogorov-Smirnov, and no correlation between neighbours', () => {
    const count = 4000
    const values = draw(0, 0, 0, count)
    const sorted = values.toSorted()
    const statistic = Math.max(...sorted.map((z, i) => Math.abs(normalCdf(z) - (i + 0.5) / sorted.length)))
    expect(statistic).toBeLessThan(1.95 / Math.sqrt(sorted.length)) // p about 0.001
    const lagged = (lag: number) => values.subarray(lag).reduce((sum, z, i) => sum + z * values[i], 0) / values.length
    for (const lag of [1, 2, 5]) expect(Math.abs(lagged(lag))).toBeLessThan(4 / Math.sqrt(values.length))
  })

  test('signs are as often one as the other', () => {
    const into = new Float32Array(4000)
    signNoise(0, noiseUses.probes, 40)(0, { first: 0, count: 100 }, into)
    expect(into.every((sign) => Math.abs(sign) === 1)).toBe(true)
    expect(Math.abs(into.reduce((sum, sign) => sum + sign, 0))).toBeLessThan(4 * Math.sqrt(4000))
  })
})
