import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mul, square, sub, sum, type Tensor, tensor } from '../../engine/index.ts'
import { frankWolfeGap } from './gap.ts'
import { nonzeroShare } from './sparsity.ts'

const number = fc.integer({ min: -8, max: 8 }).map((n) => n / 4)
const vector = (values: readonly number[]) => tensor(Float64Array.from(values), { dtype: 'float64' })

test('the twin of nonzeroShare compares each weight with the largest of its tensor', async () => {
  const weight = fc.constantFrom(0, 1e-6, -1e-4, 5e-3, 0.5, -2)
  const leaf = fc.array(weight, { minLength: 3, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(leaf, leaf, async (a, b) => {
      const kept = [a, b].flatMap((all) => all.filter((value) => Math.abs(value) > Math.max(...all.map(Math.abs)) / 1000))
      const params = { a: tensor(Float32Array.from(a)), b: tensor(Float32Array.from(b)) }
      expect(await nonzeroShare(params).item()).toBeCloseTo(kept.length / 6, 6)
    }),
    { numRuns: 20 },
  )
})

const size = 3
const point = fc.array(number, { minLength: size, maxLength: size })
/** f(x) = ½ Σ (xᵢ − cᵢ)², whose gradient is x − c. */
const loss = (c: readonly number[]) => (x: Tensor) => mul(sum(square(sub(x, vector(c)))), 0.5)
const radius = 2

/** Vertices of the ℓ1 ball, and of the box. */
const corners = {
  l1: Array.from({ length: size }, (_, axis) =>
    [radius, -radius].map((value) => Array.from({ length: size }, (_, i) => (i === axis ? value : 0))),
  ).flat(),
  linf: Array.from({ length: 2 ** size }, (_, bits) => Array.from({ length: size }, (_, i) => (bits & (1 << i) ? radius : -radius))),
} as const

test.each(['l1', 'linf'] as const)('the twin of frankWolfeGap tries every corner of %s', async (kind) => {
  await fc.assert(
    fc.asyncProperty(point, point, async (x, c) => {
      const gradient = x.map((value, i) => value - c[i])
      const gaps = corners[kind].map((s) => gradient.reduce((total, g, i) => total + g * (x[i] - s[i]), 0))
      expect(await frankWolfeGap(loss(c), vector(x), { kind, radius }).item()).toBeCloseTo(Math.max(...gaps), 9)
    }),
    { numRuns: 12 },
  )
})

test('of a quadratic on the ℓ2 ball it is ⟨g, x⟩ + R‖g‖', async () => {
  const [x, c] = [
    [0.5, -1, 0.25],
    [3, 1, -2],
  ]
  const g = x.map((value, i) => value - c[i])
  const exact = g.reduce((total, value, i) => total + value * x[i], 0) + radius * Math.hypot(...g)
  expect(await frankWolfeGap(loss(c), vector(x), { kind: 'l2', radius }).item()).toBeCloseTo(exact, 9)
})
