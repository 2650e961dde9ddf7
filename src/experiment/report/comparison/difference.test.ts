import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { meanDifference } from './difference.ts'

/** Student's sleep data (1908): extra hours of the same ten patients with two drugs; R's manual of `t.test` prints the intervals. */
const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
const seeds = first.map((_, i) => i)
const others = seeds.map((seed) => seed + 100)

describe('as R has it', () => {
  test('paired', () => {
    const { mean, ci95, method } = meanDifference({ values: first, seeds }, { values: second, seeds })
    expect(method).toBe('paired')
    expect(mean).toBeCloseTo(1.58, 12)
    expect(ci95![0]).toBeCloseTo(0.7001142, 7)
    expect(ci95![1]).toBeCloseTo(2.4598858, 7)
  })

  test('two independent samples, 17.776 degrees of freedom', () => {
    const { ci95, method } = meanDifference({ values: first, seeds }, { values: second, seeds: others })
    expect(method).toBe('welch')
    expect(ci95![0]).toBeCloseTo(-0.2054832, 7)
    expect(ci95![1]).toBeCloseTo(3.3654832, 7)
  })
})

test('pairs are found by seed, not by place', () => {
  const order = [...seeds].reverse()
  const shuffled = { values: order.map((seed) => second[seed]), seeds: order }
  const { ci95 } = meanDifference({ values: first, seeds }, shuffled)
  expect(ci95![0]).toBeCloseTo(0.7001142, 7)
})

const value = fc.double({ min: -1e3, max: 1e3, noNaN: true })
const sample = fc.array(value, { minLength: 2, maxLength: 8 })

test('exchanging the runs turns the sign', () =>
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      const [own, other] = [a, b].map((values) => ({ values, seeds: values.map((_, i) => i) }))
      const [there, back] = [meanDifference(own, other), meanDifference(other, own)]
      expect(back.method).toBe(there.method)
      expect(back.mean! + there.mean!).toBeCloseTo(0, 9)
      if (there.ci95) expect(there.ci95[0] + back.ci95![1]).toBeCloseTo(0, 6)
    }),
    { seed: 1 },
  ))

test.each([
  ['the same numbers for every seed', [1, 1, 1], [3, 3, 3], { mean: 2, ci95: [2, 2], method: 'exact' }],
  ['a run against itself', [1, 2, 3], [1, 2, 3], { mean: 0, ci95: [0, 0], method: 'paired' }],
  ['one seed', [1], [2], { mean: 1, ci95: null, method: 'none' }],
  ['one seed against many', [1], [2, 4], { mean: 2, ci95: null, method: 'none' }],
  ['something not finite', [1, null], [2, 4], { mean: null, ci95: null, method: 'none' }],
  ['nothing', [], [2, 4], { mean: null, ci95: null, method: 'none' }],
])('%s', (_, a, b, expected) =>
  expect(
    meanDifference({ values: a, seeds: (a as unknown[]).map((__, i) => i) }, { values: b, seeds: (b as unknown[]).map((__, i) => i) }),
  ).toEqual(expected),
)
