import { describe, expect, test } from 'vitest'
import { draws, seedKey } from '../../data/draws.ts'
import { type NDArray, ndarray } from '../../engine/index.ts'
import { calibrated, fluctuation, metErrors, metScores } from './fluctuation.ts'
import { type LossTable, lossTable, meanLosses } from './losses.ts'
import { crop, identity } from './neighbours/index.ts'
import { keyedNoise } from './noise.ts'
import type { LikelihoodOracle } from './oracles/oracle.ts'

const size = 16
const count = 5
const random = draws(seedKey(1, 7))
const points = Array.from({ length: count }, () => Float64Array.from({ length: size }, () => random.normal()))
const records = ndarray(Float32Array.from(points.flatMap((point) => Array.from(point))), [count, size], 'float32')
const variance = 0.3

/** −ln of the density of equal normal distributions about the points, by log-sum-exp. */
function kernelLoss(x: ArrayLike<number>): number {
  const logs = points.map((point) => -point.reduce((sum, value, i) => sum + (value - x[i]) ** 2, 0) / (2 * variance))
  const most = Math.max(...logs)
  return (
    -most -
    Math.log(logs.reduce((sum, value) => sum + Math.exp(value - most), 0)) +
    (size / 2) * Math.log(2 * Math.PI * variance) +
    Math.log(count)
  )
}

/** A likelihood in closed form, of one row. */
const kernel: LikelihoodOracle = {
  kind: 'nll',
  rows: ['p'],
  noise: 0,
  cost: 1,
  async losses(_, versions) {
    const rows = versions.shape[0] * versions.shape[1]
    return Array.from({ length: rows }, (_, k) => kernelLoss(versions.data.subarray(k * size, (k + 1) * size)))
  },
}

/** A loss that shows the noise it is given. */
const noisy: LikelihoodOracle = {
  kind: 'denoising',
  rows: ['a', 'b'],
  noise: 3,
  cost: 1,
  async losses(row, { shape }, noise) {
    const [n, versions] = shape
    const each = noise.shape[1]
    return Array.from({ length: n * versions }, (_, k) => {
      const [record, version] = [Math.floor(k / versions), k % versions]
      return 10 + row + noise.data[(record * each + Math.min(version, each - 1)) * 3]
    })
  },
}

describe('fluctuation', () => {
  test("of a kernel density is the closed form's", async () => {
    const neighbours = crop({ count: 4 })
    const table = await lossTable(kernel, records, neighbours)
    const { data, strengths } = fluctuation(table)
    const versions = neighbours.versions(records, { ids: [0, 1, 2, 3, 4], row: 0 })
    for (let n = 0; n < count; n++)
      for (let j = 0; j < strengths; j++) {
        const image = (version: number) => versions.data.subarray((n * 5 + version) * size, (n * 5 + version + 1) * size)
        const own = kernelLoss(image(0))
        expect(data[n * strengths + j]).toBeCloseTo((kernelLoss(image(j + 1)) - own) / Math.abs(own), 10)
      }
    // The points themselves are at the peaks: whatever is done to them, the loss rises.
    for (const score of metScores(fluctuation(table), 3)) expect(score).toBeGreaterThan(0)
  })

  test('is nothing where neighbours are the record, and nothing is left of it beside a reference that is the target', async () => {
    const still = fluctuation(await lossTable(kernel, records, identity({ count: 3 })))
    expect(still.data.every((value) => value === 0)).toBe(true)
    const own = fluctuation(await lossTable(kernel, records, crop({ count: 3 })))
    expect(calibrated(own, own).data.every((value) => value === 0)).toBe(true)
  })

  test('of a loss that is not a number is 0, and the record is named', async () => {
    const broken: LikelihoodOracle = {
      ...kernel,
      losses: async (row, versions, noise) =>
        Array.from(await kernel.losses(row, versions, noise), (loss, k) => (k === 4 ? Number.NaN : loss)),
    }
    const table = await lossTable(broken, records, crop({ count: 3 }))
    expect(table.notFinite).toEqual([1])
    expect(fluctuation(table).data.slice(3, 6)).toEqual(new Float64Array(3))
  })

  test('standard errors take an antithetic pair as one', () => {
    // Pairs that cancel exactly: one value a pair, no spread, though single draws differ.
    const data = Float64Array.from([1, 1, 1, 1, 3, 1, 1, 3])
    const table: LossTable = { records: 1, rows: 1, versions: 2, draws: 4, data, queries: 8, notFinite: [] }
    expect(metErrors(table, undefined, 0, { antithetic: true })[0]).toBe(0)
    // Single draws: fluctuations 2, 0, 0, 2 with deviation 2 / √3, over √4.
    expect(metErrors(table, undefined, 0, { antithetic: false })[0]).toBeCloseTo(2 / Math.sqrt(3) / 2, 12)
  })
})

describe('noise', () => {
  test('is the same for the record and its neighbours, and other for each record, row and draw', async () => {
    const table = await lossTable(noisy, records, crop({ count: 2 }), { draws: 2, antithetic: false })
    const cell = (n: number, i: number, version: number, m: number) => table.data[((n * 2 + i) * 3 + version) * 2 + m] - 10 - i
    expect(cell(1, 0, 0, 0)).toBe(cell(1, 0, 2, 0))
    const all = [cell(0, 0, 0, 0), cell(1, 0, 0, 0), cell(0, 1, 0, 0), cell(0, 0, 0, 1)]
    expect(new Set(all).size).toBe(4)
  })

  test('is drawn anew for each version and model where it is not common', async () => {
    const options = { common: false, antithetic: false }
    const [one, other] = [
      await lossTable(noisy, records, crop({ count: 2 }), { ...options, model: 0 }),
      await lossTable(noisy, records, crop({ count: 2 }), { ...options, model: 1 }),
    ]
    expect(one.data[0]).not.toBe(one.data[1])
    expect(one.data[0]).not.toBe(other.data[0])
  })

  test('has a twin of the other sign in every pair, and is standard normal', () => {
    const fill = keyedNoise(3, { antithetic: true })
    const at = (draw: number) => {
      const into = new Float32Array(20_000)
      fill({ record: 2, row: 1, draw }, into)
      return into
    }
    const [first, second, third] = [at(0), at(1), at(2)]
    expect(Array.from(second)).toEqual(Array.from(first, (z) => -z))
    expect(third[0]).not.toBe(first[0])
    const mean = first.reduce((a, b) => a + b, 0) / first.length
    const spread = first.reduce((sum, z) => sum + z * z, 0) / first.length
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(first.length))
    expect(Math.abs(spread - 1)).toBeLessThan(4 * Math.sqrt(2 / first.length))
  })

  test("a record's losses do not depend on what is scored beside it", async () => {
    const many = ndarray(
      Float32Array.from({ length: 37 * size }, (_, k) => Math.sin(k)),
      [37, size],
      'float32',
    )
    const all = await lossTable(noisy, many, crop({ count: 2 }), { draws: 2 })
    const few: NDArray = { ...many, data: many.data.slice(20 * size, 23 * size), shape: [3, size] }
    const some = await lossTable(noisy, few, crop({ count: 2 }), { draws: 2, ids: [20, 21, 22] })
    const each = all.data.length / 37
    expect(some.data).toEqual(all.data.slice(20 * each, 23 * each))
    expect(meanLosses(some).length).toBe(3 * 2 * 3)
  })
})
