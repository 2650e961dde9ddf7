import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromArray, grad, sum, tensor } from '../../engine/index.ts'
import { simplexSet } from './datasets.ts'
import { logLosses, logSoftplus } from './margin.ts'

test('log L of the logistic loss is the logarithm of the mean, by central differences too', async () => {
  const set = await simplexSet(3, 0.1, 0)
  const [n, d] = set.shape
  const w = Float64Array.of(2, -1, 0.5)
  const direct = (w: Float64Array): number => {
    const losses = Array.from({ length: n }, (_, i) => {
      const score = w.reduce((total, value, j) => total + value * set.data[i * d + j], 0)
      return Math.log1p(Math.exp(-score))
    })
    return Math.log(losses.reduce((a, b) => a + b) / n)
  }
  const z = fromArray(set)
  expect(await logLosses.logistic(z, tensor(w)).item()).toBeCloseTo(direct(w), 12)
  const gradient = await grad((w: typeof z) => logLosses.logistic(z, w))(tensor(w)).data()
  for (const j of w.keys()) {
    const at = (h: number) => direct(w.map((value, i) => value + (i === j ? h : 0)))
    expect(gradient[j]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 9)
  }
})

test('log log(1 + eᵃ) is a on the left and log a on the right, and its slope is (log log(1 + eᵃ))′ everywhere', async () => {
  const values = Float64Array.of(-1e4, -800, -45, -39, -20, -1, 0, 1, 30, 800, 1e4)
  const y = await logSoftplus(tensor(values)).data()
  const slope = await grad((a: ReturnType<typeof tensor>) => sum(logSoftplus(a)))(tensor(values)).data()
  values.forEach((a, i) => {
    const softplus = a > 0 ? a + Math.log1p(Math.exp(-a)) : Math.log1p(Math.exp(a))
    expect(y[i]).toBeCloseTo(a < -700 ? a : Math.log(softplus), 10)
    // σ(a)/log(1 + eᵃ), which tends to 1 on the left.
    expect(slope[i]).toBeCloseTo(a < -30 ? 1 : 1 / (1 + Math.exp(-a)) / softplus, 8)
  })
})

test('where all scores are large the two losses have the same logarithm', async () => {
  const set = await simplexSet(3, 0.1, 0)
  const z = fromArray(set)
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 600, max: 1e5, noNaN: true }), async (height) => {
      const w = tensor(Float64Array.of(height, 0, 0))
      const [exponential, logistic] = await Promise.all(Object.values(logLosses).map((loss) => loss(z, w).item()))
      expect(Math.abs(exponential - logistic)).toBeLessThan(1e-9 * Math.abs(exponential))
    }),
    { numRuns: 20 },
  )
})
