import { expect, test } from 'vitest'
import { ndarray } from '../../engine/index.ts'
import { normalCdf } from '../../engine/kernels/error-function.ts'
import { kolmogorovTail, ksGaussianity, ksStatistic, ksTail, ksTest } from './ks.ts'
import { drawsOf } from './subsets.ts'
import { normalPoints } from './testing/points.ts'

test('the exact law of one and two values in closed form, and a published value', () => {
  for (const d of [0.55, 0.7, 0.95]) expect(ksTail(d, 1)).toBeCloseTo(2 * (1 - d), 12) // P(max(u, 1 − u) ≥ d)
  for (const d of [0.3, 0.45]) expect(ksTail(d, 2)).toBeCloseTo(1 - 2 * (2 * d - 0.5) ** 2, 12)
  for (const d of [0.6, 0.8]) expect(ksTail(d, 2)).toBeCloseTo(2 * (1 - d) ** 2, 12)
  expect(1 - ksTail(0.274, 10)).toBeCloseTo(0.6284796154565, 12) // Marsaglia, Tsang & Wang 2003
})

test('critical values of the tables', () => {
  // Two-sided, 5 % and 1 %: Massey 1951.
  for (const [n, five, one] of [
    [10, 0.409, 0.489],
    [20, 0.294, 0.352],
  ]) {
    expect(ksTail(five, n)).toBeCloseTo(0.05, 2)
    expect(ksTail(one, n)).toBeCloseTo(0.01, 2)
  }
  expect(kolmogorovTail(1.3581)).toBeCloseTo(0.05, 4)
  expect(kolmogorovTail(1.6276)).toBeCloseTo(0.01, 4)
  // Both series meet.
  expect(kolmogorovTail(1)).toBeCloseTo(kolmogorovTail(1 + 1e-12), 10)
})

test('for many values the exact law comes near the asymptotic one', () => {
  expect(Math.abs(ksTail(0.9 / Math.sqrt(2000), 2000) - kolmogorovTail(0.9))).toBeLessThan(0.02)
  expect(Math.abs(ksTail(0.9 / Math.sqrt(20), 20) - kolmogorovTail(0.9))).toBeGreaterThan(0.02)
})

test('uniform values pass as often as they should, others do not', () => {
  const random = drawsOf(1)
  const chances = Array.from(
    { length: 500 },
    () =>
      ksTest(
        Array.from({ length: 30 }, () => random.uniform()),
        (x) => x,
      ).exact,
  )
  // The chances themselves are uniform: a test of the test, at 4 standard errors.
  for (const level of [0.05, 0.5, 0.9]) {
    const share = chances.filter((chance) => chance <= level).length / chances.length
    expect(Math.abs(share - level)).toBeLessThan(4 * Math.sqrt((level * (1 - level)) / chances.length))
  }
  expect(
    ksTest(
      Array.from({ length: 100 }, () => random.uniform() ** 2),
      (x) => x,
    ).exact,
  ).toBeLessThan(1e-4)
  expect(ksStatistic([0.1, 0.2], (x) => x)).toBeCloseTo(0.8, 12)
  expect(() => ksTest([], normalCdf)).toThrow('needs a sample')
  expect(() => ksTest([Number.NaN], normalCdf)).toThrow('not finite')
})

test('normal coordinates with estimated parameters: rate and quantiles of the null at n = 256', () => {
  const { fraction, statistics, threshold } = ksGaussianity(normalPoints(256, 6000, 2))
  expect(threshold).toBeCloseTo(0.06, 12)
  expect(fraction).toBeGreaterThan(0.0279 - 0.0085) // 4 standard errors of 6,000 columns about 0.026 to 0.028
  expect(fraction).toBeLessThan(0.0279 + 0.0085)
  const sorted = statistics.toSorted()
  for (const [share, expected] of [
    [0.5, 0.0381],
    [0.9, 0.0519],
    [0.95, 0.0564],
    [0.99, 0.0655],
  ])
    expect(Math.abs(sorted[Math.floor(share * sorted.length)] - expected)).toBeLessThan(0.003)
  // A test for known parameters would hardly ever reject: 1.36/√256.
  expect(ksGaussianity(normalPoints(256, 2000, 3), { threshold: 0.085 }).fraction).toBeLessThan(0.001)
})

test('what is not normal is seen, constants are left out, few samples refused', () => {
  const random = drawsOf(4)
  const x = ndarray(
    Float64Array.from({ length: 256 * 3 }, (_, i) => [random.uniform() ** 3, 7, random.normal()][i % 3]),
    [256, 3],
    'float64',
  )
  const { fraction, dropped, statistics } = ksGaussianity(x)
  expect(dropped).toBe(1)
  expect(fraction).toBe(0.5)
  expect(statistics[1]).toBeNaN()
  expect(() => ksGaussianity(normalPoints(63, 1, 0))).toThrow('63 samples are too few')
})
