import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadOptdigits } from '../../data/index.ts'
import { key, type NDArray, ndarray, random } from '../../engine/index.ts'
import { type Contraction, contractionOf } from './contraction.ts'
import { planeSet, simplexSet } from './datasets.ts'
import { digitPairs, pairOf } from './digits-unit.ts'
import { certify, exactMaxMargin, isSeparable, marginOf, provesInseparable } from './exact.ts'
import { signExamples } from './examples.ts'
import { leastSquares, nonNegativeLeastSquares } from './nnls.ts'

const matrix = (rows: readonly (readonly number[])[]): NDArray =>
  ndarray(Float64Array.from(rows.flat()), [rows.length, rows[0].length], 'float64')

const rowsOf = ({ shape: [n, d], data }: NDArray): number[][] => Array.from({ length: n }, (_, i) => [...data.subarray(i * d, (i + 1) * d)])

/** Examples that (1, 0, 0, …) separates with some room. */
async function separable(n: number, d: number, seed: number): Promise<NDArray> {
  const draws = await random.normal(key(seed), [n, d], { dtype: 'float64' }).data()
  return ndarray(
    Float64Array.from(draws, (value, k) => (k % d === 0 ? Math.abs(value) + 0.05 : value)),
    [n, d],
    'float64',
  )
}

const product = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0)

/** Every set of at most d examples could be the support: the best of the points of their hulls nearest to the origin. */
function bruteForce(z: NDArray): number {
  const rows = rowsOf(z)
  let best = Number.NEGATIVE_INFINITY
  const visit = (from: number, chosen: number[][]) => {
    if (chosen.length > 0) {
      // The nearest point w of an affine hull has equal products with all its points: Σ w_j b_j with Gram·w = 1, up to length.
      const gram = chosen.map((a) => Float64Array.from(chosen, (b) => product(a, b)))
      const weights = leastSquares(gram, new Float64Array(chosen.length).fill(1))
      const w = Float64Array.from(chosen[0], (_, j) => chosen.reduce((sum, row, i) => sum + weights[i] * row[j], 0))
      if (w.every(Number.isFinite)) best = Math.max(best, marginOf(z, w))
    }
    if (chosen.length < z.shape[1]) for (let i = from; i < rows.length; i++) visit(i + 1, [...chosen, rows[i]])
  }
  visit(0, [])
  return best
}

/** The point of the hull nearest to the origin by Mitchell, Demyanov & Malozemov (1974): weight moves from the farthest support point to the nearest example. */
function nearestByMdm(z: NDArray): number {
  const rows = rowsOf(z)
  const p = rows.map((_, i) => (i === 0 ? 1 : 0))
  const w = [...rows[0]]
  for (let step = 0; step < 200_000; step++) {
    const scores = rows.map((row) => product(row, w))
    let [low, high] = [0, -1]
    scores.forEach((score, i) => {
      if (score < scores[low]) low = i
      if (p[i] > 0 && (high < 0 || score > scores[high])) high = i
    })
    if (scores[high] - scores[low] < 1e-15) break
    const apart = rows[high].map((value, j) => value - rows[low][j])
    const move = Math.min(p[high], (scores[high] - scores[low]) / product(apart, apart))
    p[high] -= move
    p[low] += move
    for (let j = 0; j < w.length; j++) w[j] -= move * apart[j]
  }
  return Math.hypot(...w)
}

test('sets whose largest margin is known', async () => {
  for (const g of [0.05, 0.1, 0.2]) {
    const { margin, upperBound, weights, multipliers } = exactMaxMargin(planeSet(g))
    expect(Math.abs(margin - g)).toBeLessThan(1e-14)
    expect(Math.abs(upperBound - g)).toBeLessThan(1e-14)
    expect(Math.abs(weights[1])).toBeLessThan(1e-14)
    expect(multipliers.reduce((a, b) => a + b)).toBeCloseTo(1, 14)
  }
  for (const m of [2, 3, 6, 11]) {
    const { margin, weights } = exactMaxMargin(await simplexSet(m, 0.05, 1))
    expect(Math.abs(margin - 0.05)).toBeLessThan(1e-8)
    expect(weights[0]).toBeCloseTo(1, 12)
  }
})

test('brute force over all supports agrees, and so does MDM', async () => {
  for (let seed = 0; seed < 6; seed++) {
    const small = await separable(9, 3, seed)
    expect(exactMaxMargin(small).margin).toBeCloseTo(bruteForce(small), 10)
    const larger = await separable(40, 5, 100 + seed)
    expect(exactMaxMargin(larger).margin).toBeCloseTo(nearestByMdm(larger), 8)
  }
})

/** By the dual active-set method of Goldfarb and Idnani: quadprog 1.6.1 on min ‖w‖²/2 with ⟨w, z_i⟩ ≥ 1. */
const byQuadprog = [
  0.06485098573586134, 0.04794353240682567, 0.02567810368623178, 0.009307628381621778, 0.02081229728564809, 0.034034232319998435,
]

test('on pairs of real digits another solver finds the same margins, and duality proves them', async () => {
  const { train, provenance } = await loadOptdigits({ offline: true })
  for (const [i, pair] of digitPairs.entries()) {
    const { x, y } = await pairOf(train, pair)
    const { z } = signExamples(x, y)
    const best = exactMaxMargin(z)
    if (!isSeparable(best)) {
      expect(provenance.real).toBe(false)
      continue
    }
    if (provenance.real) expect(Math.abs(best.margin - byQuadprog[i])).toBeLessThan(1e-12)
    expect(Math.abs(best.upperBound - best.margin)).toBeLessThan(1e-12)
    expect(best.margin).toBeCloseTo(marginOf(z, best.weights), 14)
  }
})

test('order, rotation and copies change nothing; scaling scales', async () => {
  const z = await separable(30, 4, 7)
  const { margin, multipliers, weights } = exactMaxMargin(z)
  const rows = rowsOf(z)
  const close = (other: NDArray, factor = 1) => expect(exactMaxMargin(other).margin).toBeCloseTo(margin * factor, 12)
  close(matrix([...rows].reverse()))
  close(matrix(rows.map((row) => row.map((value) => 3 * value))), 3)
  const [c, s] = [Math.cos(1), Math.sin(1)]
  close(matrix(rows.map(([a, b, ...rest]) => [c * a - s * b, s * a + c * b, ...rest])))
  for (const supports of [true, false]) {
    const doubled = matrix([...rows, rows[multipliers.findIndex((p) => p > 0 === supports)]])
    close(doubled)
    exactMaxMargin(doubled).weights.forEach((value, j) => {
      expect(value).toBeCloseTo(weights[j], 10)
    })
  }
})

test('a vector’s certificate encloses the largest margin', async () => {
  const z = await separable(25, 3, 3)
  const { margin } = exactMaxMargin(z)
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }), (w) => {
      fc.pre(Math.hypot(...w) > 1e-6)
      const { margin: own, upperBound } = certify(z, Float64Array.from(w))
      expect(own).toBeLessThanOrEqual(margin + 1e-12)
      expect(upperBound).toBeGreaterThanOrEqual(margin - 1e-12)
    }),
  )
})

test('what nothing separates is proven so', async () => {
  const rows = rowsOf(await separable(20, 3, 5))
  const both = exactMaxMargin(matrix([...rows, rows[4].map((value) => -value)]))
  expect(isSeparable(both)).toBe(false)
  expect(provesInseparable(both)).toBe(true)
  expect(provesInseparable(exactMaxMargin(matrix(rows)))).toBe(false)
})

test('least squares: residuals are perpendicular to the columns, and none of the non-negative kind can be lowered', async () => {
  const data = (await random.normal(key(2), [6, 9], { dtype: 'float64' }).data()) as Float64Array
  const columns = Array.from({ length: 6 }, (_, j) => data.slice(j * 9, (j + 1) * 9))
  const b = Float64Array.from({ length: 9 }, (_, i) => Math.sin(i))
  const slopes = (x: Float64Array) => {
    const residual = b.map((value, i) => value - columns.reduce((sum, column, j) => sum + x[j] * column[i], 0))
    return columns.map((column) => product([...column], [...residual]))
  }
  for (const slope of slopes(leastSquares(columns, b))) expect(slope).toBeCloseTo(0, 12)
  const x = nonNegativeLeastSquares(columns, b)
  slopes(x).forEach((slope, j) => {
    expect(x[j]).toBeGreaterThanOrEqual(0)
    // Karush, Kuhn & Tucker.
    if (x[j] > 0) expect(slope).toBeCloseTo(0, 12)
    else expect(slope).toBeLessThan(1e-12)
  })
})

test('the contraction on sets whose support is a simplex with equal weights is the same in every direction', async () => {
  const of = (z: NDArray) => contractionOf(z, exactMaxMargin(z).multipliers)
  // Corners √(1 − g²)·u_j with weights 1/m: their covariance is (1 − g²)/(m − 1) in every direction across.
  const check = (found: Contraction, expected: number) => {
    expect(found.least).toBeCloseTo(expected, 6)
    expect(found.largest).toBeCloseTo(expected, 6)
  }
  check(await of(planeSet(0.1)), 1 - 0.1 ** 2)
  for (const m of [3, 6, 11]) check(await of(await simplexSet(m, 0.05, 0)), (1 - 0.05 ** 2) / (m - 1))
})
