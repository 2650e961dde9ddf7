import { expect, test } from 'vitest'
import { type NDArray, ndarray } from '../../engine/index.ts'
import { contractionOf } from './contraction.ts'
import { planeSet, simplexSet } from './datasets.ts'
import { certify, exactMaxMargin } from './exact.ts'
import { reachOf } from './schedule.ts'
import { follow } from './trajectory.ts'

/* What must not matter to the margin, and what must: of the method, of its baseline, and of the diagnostics. */

const matrix = (rows: readonly (readonly number[])[]): NDArray =>
  ndarray(Float64Array.from(rows.flat()), [rows.length, rows[0].length], 'float64')

const rowsOf = ({ shape: [n, d], data }: NDArray): number[][] => Array.from({ length: n }, (_, i) => [...data.subarray(i * d, (i + 1) * d)])

const settings = { learningRate: 1, warmup: 40, interval: 5, growth: 1.1 }
const marginsOf = async (set: NDArray, more: Partial<typeof settings> = {}, rule: 'prgd' | 'ngd' = 'prgd') =>
  (await follow(set, { rule, runs: [{ ...settings, ...more }], steps: 150 }))[0].margin

const expectClose = (own: Float64Array, other: Float64Array, factor = 1) => {
  for (let t = 1; t < own.length; t++) expect(own[t]).toBeCloseTo(other[t] * factor, 10)
}

test('the order of the examples and a rotation of the features leave each margin of the way as it was', async () => {
  const set = await simplexSet(4, 0.1, 3)
  const rows = rowsOf(set)
  const margins = await marginsOf(set)
  expectClose(await marginsOf(matrix([...rows].reverse())), margins)
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)]
  expectClose(await marginsOf(matrix(rows.map(([a, b, ...rest]) => [c * a - s * b, s * a + c * b, ...rest]))), margins)
})

test('features c times as large at a learning rate c² times as small give margins c times as large', async () => {
  const set = await simplexSet(3, 0.1, 1)
  const scaled = matrix(rowsOf(set).map((row) => row.map((value) => 0.5 * value)))
  expectClose(await marginsOf(scaled, { learningRate: 4 }), await marginsOf(set), 0.5)
})

test('copies of a support example move the offset of normalized gradient descent, gap·t → ln k/(2ηg), and not where PRGD ends', async () => {
  const g = 0.1
  const [up, down] = rowsOf(planeSet(g))
  for (const copies of [2, 3, 8]) {
    const set = matrix([...new Array<number[]>(copies).fill(up), down])
    const [{ margin }] = await follow(set, { rule: 'ngd', runs: [{ learningRate: 1 }], steps: 2000 })
    expect((g - margin[2000]) * 2000).toBeCloseTo(Math.log(copies) / (2 * g), 1)
    const [{ margin: own }] = await follow(set, {
      rule: 'prgd',
      runs: [{ learningRate: 1, warmup: 100, interval: 5, growth: 1.2 }],
      steps: 450,
    })
    expect(g - own[450]).toBeLessThan(1e-6)
    expect(exactMaxMargin(set).weights[0]).toBeCloseTo(1, 14)
  }
})

test('copies of an example far from the plane change nothing that matters', async () => {
  const set = await simplexSet(3, 0.1, 0)
  const rows = rowsOf(set)
  const run = { learningRate: 1, warmup: 100, interval: 5, growth: 1.15 }
  const ends = await Promise.all(
    [rows, [...rows, rows.at(-1)!, rows.at(-1)!]].map(
      async (own) => (await follow(matrix(own), { rule: 'prgd', runs: [run], steps: 450 }))[0].margin[450],
    ),
  )
  for (const end of ends) expect(0.1 - end).toBeLessThan(1e-5)
})

test('above 2/λ_max steps at a fixed offset overshoot for ever, below they settle', async () => {
  const set = planeSet(0.1)
  const { largest } = await contractionOf(set, exactMaxMargin(set).multipliers)
  const jump = async (factor: number): Promise<number> => {
    const [{ path }] = await follow(set, { rule: 'ngd', runs: [{ learningRate: (factor * 2) / largest }], steps: 400, path: true })
    return Math.abs(path![2 * 400 + 1] - path![2 * 399 + 1])
  }
  expect(await jump(0.9)).toBeLessThan(1e-6)
  expect(await jump(1.1)).toBeGreaterThan(0.1)
})

test('the reach is the sum of all turns to come', () => {
  const sum = (radius: (k: number) => number, from: number) => {
    let total = 0
    for (let k = from; k < from + 1e6; k++) total += (0.5 * 5) / radius(k)
    return total
  }
  const common = { learningRate: 0.5, interval: 5 }
  const geometric = (k: number) => 3 * 1.02 ** k
  expect(reachOf({ ...common, kind: 'exponential', growth: 1.02, radius: geometric(7), stage: 7 })).toBeCloseTo(sum(geometric, 7), 8)
  for (const [degree, stage] of [
    [2, 0],
    [2, 40],
    [1.5, 9],
  ]) {
    const radius = (k: number) => 3 * (k + 1) ** degree
    const bound = reachOf({ ...common, kind: 'polynomial', growth: degree, radius: radius(stage), stage })
    const exact = sum(radius, stage)
    expect(bound).toBeGreaterThan(exact)
    // The integral is off by less than its first term.
    expect(bound - exact).toBeLessThan((0.5 * 5) / radius(stage) + 1e-2)
  }
  expect(reachOf({ ...common, kind: 'polynomial', growth: 1, radius: 3, stage: 0 })).toBe(Number.POSITIVE_INFINITY)
})

test('copies of support examples leave the proof as tight as it was', async () => {
  // 66 copies of 11 corners: more of them than the certificate looks at.
  const set = await simplexSet(11, 0.05, 0)
  const { weights, margin } = exactMaxMargin(set)
  expect(certify(set, weights).upperBound).toBeCloseTo(margin, 10)
})

test('a certificate’s multipliers prove its bound', async () => {
  const set = await simplexSet(6, 0.05, 2)
  const [{ weights }] = await follow(set, { rule: 'ngd', runs: [{ learningRate: 1 }], steps: 300 })
  const { upperBound, multipliers } = certify(set, weights)
  expect(multipliers.every((p) => p >= 0)).toBe(true)
  expect(multipliers.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
  const mean = rowsOf(set).reduce((total, row, i) => total.map((value, j) => value + multipliers[i] * row[j]), new Array<number>(6).fill(0))
  expect(Math.hypot(...mean)).toBeCloseTo(upperBound, 12)
})
