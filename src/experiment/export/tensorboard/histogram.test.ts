import fc from 'fast-check'
import { expect, test } from 'vitest'
import { histogramOf } from './histogram.ts'

test('counts every finite value once, in the bucket that holds it', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.double({ noNaN: true }),
          fc.double({ min: -2, max: 2, noNaN: true }),
          fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY),
        ),
      ),
      (values) => {
        const finite = values.filter(Number.isFinite)
        const found = histogramOf(values)
        if (finite.length === 0) return void expect(found).toBeUndefined()
        const { min, max, num, limits, counts } = found!
        expect([min, max, num]).toEqual([Math.min(...finite), Math.max(...finite), finite.length])
        expect(limits.at(-1)).toBe(max)
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(finite.length)
        expect(limits).toEqual([...limits].sort((a, b) => a - b))
        const slack = 1e-9 * Math.max(-min, max) + 5e-324
        for (const [i, limit] of limits.entries()) {
          const upTo = counts.slice(0, i + 1).reduce((sum, count) => sum + count, 0)
          expect(upTo).toBeLessThanOrEqual(finite.filter((value) => value <= limit + slack).length)
          expect(upTo).toBeGreaterThanOrEqual(finite.filter((value) => value <= limit - slack).length)
        }
      },
    ),
  ))
