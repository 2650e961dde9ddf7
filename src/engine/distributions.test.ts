import { expect, test } from 'vitest'
import { grad, key, neg, ones, random, sum, type Tensor, tensor, zeros } from './index.ts'
import * as special from './special.ts'
import { exact, valuesOf } from './testing/values.ts'

const count = 4000
const f64 = { dtype: 'float64' } as const

/** The distribution function at a sample must look uniform: Kolmogorov's distance exceeds 2.3/√n once in 20,000 seeds. */
const bound = 2.3 / Math.sqrt(count)

function distance(uniform: readonly number[]): number {
  const sorted = uniform.toSorted((a, b) => a - b)
  return sorted.reduce((most, u, i) => Math.max(most, Math.abs(u - i / sorted.length), Math.abs(u - (i + 1) / sorted.length)), 0)
}

const closed = (cdf: (x: number) => number) => async (x: Tensor) => (await valuesOf([x]))[0].map(cdf)
const bySpecial = (cdf: (x: Tensor) => Tensor) => async (x: Tensor) => (await valuesOf([cdf(x)]))[0]

const gammaOf = (a: number) => [random.gamma(key(6), a, [count], f64), bySpecial((x) => special.gammainc(a, x))] as const
const betaOf = (a: number, b: number) => [random.beta(key(7), a, b, [count], f64), bySpecial((x) => special.betainc(a, b, x))] as const

test.each([
  ['exponential', random.exponential(key(1), [count], f64), closed((x) => 1 - Math.exp(-x))],
  ['gumbel', random.gumbel(key(2), [count], f64), closed((x) => Math.exp(-Math.exp(-x)))],
  ['laplace', random.laplace(key(3), [count], f64), closed((x) => (x < 0 ? Math.exp(x) / 2 : 1 - Math.exp(-x) / 2))],
  ['logistic', random.logistic(key(4), [count], f64), closed((x) => 1 / (1 + Math.exp(-x)))],
  [
    'truncated normal',
    random.truncatedNormal(key(5), -0.5, 2, [count], f64),
    // Φ(−0.5) and Φ(2), Abramowitz & Stegun table 26.1.
    bySpecial(special.normalCdf),
  ],
  ['gamma 0.3', ...gammaOf(0.3)],
  ['gamma 1', ...gammaOf(1)],
  ['gamma 40', ...gammaOf(40)],
  ['beta 0.5, 2', ...betaOf(0.5, 2)],
  ['beta 3, 5', ...betaOf(3, 5)],
] as const)('%s follows its distribution function', async (name, sample, cdf) => {
  let u = await cdf(sample)
  if (name === 'truncated normal') u = u.map((value) => (value - 0.3085375387259869) / (0.9772498680518208 - 0.3085375387259869))
  expect(u.every((value) => value >= 0 && value <= 1)).toBe(true)
  expect(distance(u)).toBeLessThan(bound)
})

const meanOf = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length

test.each([
  ['poisson 0.7', random.poisson(key(1), 0.7, [count], f64), 0.7, 0.7],
  ['poisson 900', random.poisson(key(2), 900, [count], f64), 900, 900],
  ['binomial 10, 0.3', random.binomial(key(3), 10, 0.3, [count], f64), 3, 2.1],
  ['binomial 5000, 0.98', random.binomial(key(4), 5000, 0.98, [count], f64), 4900, 98],
] as const)('%s: whole numbers of the right mean and variance', async (_, sample, mean, variance) => {
  const [x] = await valuesOf([sample])
  expect(x.every((value) => Number.isInteger(value) && value >= 0)).toBe(true)
  // Five standard errors; the variance's is √((2 + excess kurtosis)/n) with an excess below 1.5 here.
  expect(Math.abs(meanOf(x) - mean)).toBeLessThan(5 * Math.sqrt(variance / count))
  const spread = meanOf(x.map((value) => (value - mean) ** 2))
  expect(Math.abs(spread / variance - 1)).toBeLessThan(5 * Math.sqrt(3.5 / count))
})

test('counts hit the probability of each number', async () => {
  const [x] = await valuesOf([random.poisson(key(9), 2, [count], f64)])
  const probabilities = [0, 1, 2, 3, 4].map((k) => (Math.exp(-2) * 2 ** k) / [1, 1, 2, 6, 24][k])
  probabilities.forEach((p, k) => {
    const share = x.filter((value) => value === k).length / count
    expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / count))
  })
})

test('dirichlet sums to one, with the mean of its concentrations', async () => {
  const [x] = await valuesOf([random.dirichlet(key(3), exact([1, 2, 5]), [1000])])
  for (let i = 0; i < 3000; i += 3) expect(Math.abs(x[i] + x[i + 1] + x[i + 2] - 1)).toBeLessThan(1e-14)
  // The largest variance is 5·3/(8²·9).
  for (const k of [0, 1, 2]) {
    expect(Math.abs(meanOf(x.filter((_, i) => i % 3 === k)) - [1, 2, 5][k] / 8)).toBeLessThan(5 * Math.sqrt(15 / 576 / 1000))
  }
})

test('permutations and choices', async () => {
  const [order, few, many] = await valuesOf([
    random.permutation(key(1), 50),
    random.choice(key(2), 50, [5, 4], { replace: false }),
    random.choice(key(3), 7, [count]),
  ])
  expect(order).not.toEqual(order.toSorted((a, b) => a - b))
  expect(order.toSorted((a, b) => a - b)).toEqual([...Array(50).keys()])
  expect(new Set(few).size).toBe(20)
  for (let k = 0; k < 7; k++) {
    const share = many.filter((value) => value === k).length / count
    expect(Math.abs(share - 1 / 7)).toBeLessThan(5 * Math.sqrt(6 / 49 / count))
  }
  expect(() => random.choice(key(1), 3, [4], { replace: false })).toThrow(/choice: 4 of 3 cannot be drawn without replacement/)
})

test('dropout keeps the mean; rate 0 keeps all', async () => {
  const x = ones([count], 'float64')
  const [kept] = await valuesOf([random.dropout(key(1), x, 0.25)])
  expect(new Set(kept)).toEqual(new Set([0, 1 / 0.75]))
  expect(Math.abs(meanOf(kept) - 1)).toBeLessThan(5 * Math.sqrt(1 / 3 / count))
  expect(random.dropout(key(1), x, 0)).toBe(x)
  expect(() => random.dropout(key(1), zeros([1]), 1)).toThrow(/dropout: the rate lies in \[0, 1\), not 1/)
})

test('derivatives flow to bounds, and not to shapes of rejection samplers', async () => {
  // A sample's slope with respect to a bound lies in [0, 1]: it moves with the bound, but less.
  const slope = grad((low: Tensor) => sum(random.truncatedNormal(key(1), low, 2, [5], f64)))(exact(-1))
  const none = grad((a: Tensor) => sum(random.gamma(key(1), a, [5], f64)))(exact(2))
  const [[s], [n]] = await valuesOf([slope, none])
  expect(s).toBeGreaterThan(0)
  expect(s).toBeLessThan(5)
  expect(n).toBe(0)
})

test('single precision stays finite', async () => {
  const shape = [20_000]
  const samples = [random.exponential, random.gumbel, random.laplace, random.logistic].map((draw) => draw(key(8), shape))
  for (const x of await valuesOf([...samples, random.gamma(key(8), 0.5, shape), neg(random.poisson(key(8), 3, shape))])) {
    expect(x.every(Number.isFinite)).toBe(true)
  }
  expect((await valuesOf([random.gamma(key(1), tensor([1, 2]), [3, 2])]))[0].length).toBe(6)
})
