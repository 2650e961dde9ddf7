import { expect, test } from 'vitest'
import { ndarray } from '../../engine/index.ts'
import { intervalOf } from './intervals.ts'
import { quality } from './quality.ts'
import { bareFeatures } from './scores.ts'
import { normalPoints } from './testing/points.ts'

/** A network that says of an image its pixels. */
const pixels = {
  hash: 'pixels',
  about: 'pixels',
  width: 4,
  features: async (x: Parameters<typeof bareFeatures>[0]) => bareFeatures(x, 'pixels'),
}
const set = (n: number, seed: number, options = {}) => {
  const { data } = normalPoints(n, 4, seed, options)
  return ndarray(Float32Array.from(data), [n, 1, 2, 2], 'float32')
}

test('a good model lies at the floor, a shifted one above, a copying one is named', async () => {
  const data = { train: set(400, 1), heldOut: set(300, 2) }
  const seeds = [3, 4, 5]
  const good = await quality(pixels, { ...data, samples: seeds.map((seed) => set(200, seed)) })
  expect({ n: good.n, network: good.network }).toEqual({ n: 200, network: 'pixels' })
  expect(good.fid.mean).toBeLessThan(3 * good.floor.mean)
  expect(good.copies.copyRate).toBeLessThan(0.25)
  const shifted = await quality(pixels, { ...data, samples: seeds.map((seed) => set(200, seed, { shift: 0.8 })) })
  expect(shifted.fid.low).toBeGreaterThan(good.fid.high)
  expect(shifted.kid.low).toBeGreaterThan(good.kid.high)
  const first = ndarray(data.train.data.slice(0, 800), [200, 1, 2, 2], 'float32')
  const copying = await quality(pixels, { ...data, samples: [first, first, first] })
  expect(copying.fid.mean).toBeLessThan(3 * good.floor.mean)
  expect(copying.copies.copyRate).toBe(1)
  expect(copying.copies.heldOut!.copyRate).toBeLessThan(0.25)
})

test('too few seeds, unequal counts, or more samples than real examples are refused', async () => {
  const data = { train: set(50, 1), heldOut: set(40, 2) }
  await expect(quality(pixels, { ...data, samples: [set(20, 1), set(20, 2)] })).rejects.toThrow('2 values give no interval')
  await expect(quality(pixels, { ...data, samples: [set(20, 1), set(21, 2)] })).rejects.toThrow('unequal numbers of samples')
  await expect(quality(pixels, { ...data, samples: [set(41, 1)] })).rejects.toThrow('41 samples cannot be held against 40')
})

test('mean ± 2 standard errors', () => {
  const { mean, standardError, low, high } = intervalOf([1, 2, 3, 6])
  expect([mean, standardError]).toEqual([3, Math.sqrt(14 / 3 / 4)])
  expect(high - low).toBeCloseTo(4 * standardError, 12)
})
