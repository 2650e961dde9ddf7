import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupInterval, pooled, wilson } from './rates.ts'

test('Wilson: values of SciPy, binomtest(…).proportion_ci(method="wilson")', () => {
  const published = [
    [10, 100, 0.05522914, 0.17436566],
    [0, 10, 0, 0.2775328],
    [10, 10, 0.7224672, 1],
    [1, 2, 0.09453121, 0.90546879],
    [186, 192, 0.93351008, 0.98560072],
  ] as const
  for (const [hits, of, low, high] of published) {
    const found = wilson({ hits, of })
    expect(found[0]).toBeCloseTo(low, 6)
    expect(found[1]).toBeCloseTo(high, 6)
  }
})

test('Wilson: the ends solve (p − p̂)² = z² p (1 − p) / n, and lie about the rate', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 0, max: 1, noNaN: true }), (of, share) => {
      const hits = Math.round(share * of)
      const [low, high] = wilson({ hits, of })
      for (const p of [low, high]) {
        if (p === 0 || p === 1) continue
        expect((p - hits / of) ** 2).toBeCloseTo((1.959963984540054 ** 2 * p * (1 - p)) / of, 9)
      }
      expect(low).toBeLessThanOrEqual(hits / of)
      expect(high).toBeGreaterThanOrEqual(hits / of)
    }),
  )
})

test('groups that are all or nothing have the interval of so many groups, not of so many trials', () => {
  const groups = Array.from({ length: 20 }, (_, i) => ({ hits: i < 10 ? 20 : 0, of: 20 }))
  const [low, high] = groupInterval(groups)
  // A binomial of 20 with p = 1/2: standard deviation 0.112.
  expect(low).toBeGreaterThan(0.2)
  expect(low).toBeLessThan(0.35)
  expect(high).toBeGreaterThan(0.65)
  const { hits, of } = pooled(groups)
  const [narrowLow, narrowHigh] = wilson({ hits, of })
  expect(narrowHigh - narrowLow).toBeLessThan((high - low) / 3)
  expect(groupInterval(groups)).toEqual([low, high])
})

test('groups that are alike have no spread', () => {
  expect(groupInterval(Array.from({ length: 8 }, () => ({ hits: 3, of: 4 })))).toEqual([0.75, 0.75])
})
