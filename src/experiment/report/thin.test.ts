import fc from 'fast-check'
import { expect, test } from 'vitest'
import { thinned } from './thin.ts'

const line = (values: readonly number[]) => values.map((y, x) => [x + 1, y] as const)

test.each(['linear', 'log'] as const)('%s: ends, peaks and order survive, and few points are left', (scale) => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 6000 }), (values) => {
      const all = line(values)
      const kept = thinned(all, scale)
      expect(kept.length).toBeLessThanOrEqual(Math.max(1280, 4 * 641))
      expect([kept[0], kept[kept.length - 1]]).toEqual([all[0], all[all.length - 1]])
      expect(Math.max(...kept.map(([, y]) => y))).toBe(Math.max(...values))
      expect(Math.min(...kept.map(([, y]) => y))).toBe(Math.min(...values))
      expect([...kept].sort((a, b) => a[0] - b[0])).toEqual(kept)
      expect(kept.every((point) => all.includes(point))).toBe(true)
    }),
    { numRuns: 30, seed: 1 },
  )
})

test('a logarithmic axis keeps its left end, where points are far apart', () =>
  expect(thinned(line(Array.from({ length: 100_000 }, () => 0)), 'log').slice(0, 20)).toEqual(line(Array.from({ length: 20 }, () => 0))))

test('of a band, the extremes of either end are kept', () => {
  const band = Array.from({ length: 100_000 }, (_, i) => [i, -1, i === 50_000 ? 9 : 1] as const)
  expect(thinned(band).find(([, , high]) => high === 9)).toEqual([50_000, -1, 9])
})

test('few points are all drawn', () => expect(thinned(line([3, 1, 2]))).toHaveLength(3))
