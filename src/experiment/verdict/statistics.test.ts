import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deviation, studentT, summarize } from './statistics.ts'

describe("Student's t", () => {
  // Two-sided critical values as printed in statistical tables.
  test.each([
    [0.95, 1, 12.706],
    [0.95, 2, 4.303],
    [0.95, 3, 3.182],
    [0.95, 4, 2.776],
    [0.95, 5, 2.571],
    [0.95, 9, 2.262],
    [0.95, 10, 2.228],
    [0.95, 30, 2.042],
    [0.95, 60, 2.0],
    [0.95, 120, 1.98],
    [0.9, 5, 2.015],
    [0.99, 2, 9.925],
    [0.99, 10, 3.169],
    [0.99, 29, 2.756],
  ])('P = %d with %d degrees of freedom is %d', (probability, freedom, published) => {
    expect(studentT(probability, freedom)).toBeCloseTo(published, 3)
  })

  test('comes near the normal distribution', () => expect(studentT(0.95, 5000)).toBeCloseTo(1.96, 2))
})

describe('summaries', () => {
  test('a worked example', () => {
    const { mean, ci95 } = summarize([1, 2, 3])
    expect(mean).toBe(2)
    expect(ci95![0]).toBeCloseTo(2 - 4.302653 / Math.sqrt(3), 5)
    expect(ci95![1]).toBeCloseTo(2 + 4.302653 / Math.sqrt(3), 5)
  })

  test('equal values have a degenerate interval, exactly', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value || 0),
        fc.integer({ min: 2, max: 9 }),
        (value, n) => {
          expect(summarize(Array(n).fill(value))).toEqual({ mean: value, ci95: [value, value], n, values: Array(n).fill(value) })
        },
      ),
    )
  })

  test('one value has no interval', () => expect(summarize([3]).ci95).toBeUndefined())
  test('the sample deviation', () => expect(deviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(2.138, 3))

  test('the interval is about the mean and moves with the values', () => {
    const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 8 })
    fc.assert(
      fc.property(values, fc.double({ min: -100, max: 100, noNaN: true }), (sample, shift) => {
        const { mean, ci95 } = summarize(sample)
        const moved = summarize(sample.map((value) => value + shift))
        expect((ci95![0] + ci95![1]) / 2).toBeCloseTo(mean, 8)
        expect(moved.ci95![1] - moved.ci95![0]).toBeCloseTo(ci95![1] - ci95![0], 6)
      }),
    )
  })
})
