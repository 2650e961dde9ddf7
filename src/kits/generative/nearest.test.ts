import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NDArray } from '../../engine/index.ts'
import { copies } from './copies.ts'
import { nearest } from './nearest.ts'
import { precisionRecall } from './precision-recall.ts'
import { bare, normalPoints, table } from './testing/points.ts'

const rowsOf = ({ shape: [n, width], data }: NDArray) =>
  Array.from({ length: n }, (_, i) => Array.from(data.subarray(i * width, (i + 1) * width)))

/** All distances of a row to others, least first; by subtraction, not by products. */
const distancesTo = (row: readonly number[], others: readonly (readonly number[])[]) =>
  others.map((other) => Math.hypot(...other.map((value, j) => value - row[j]))).sort((a, b) => a - b)

test('the twin of nearest subtracts', async () => {
  const [x, y] = [normalPoints(30, 5, 1), normalPoints(40, 5, 2, { shift: 100 })]
  const { distances, indices } = await nearest(x, y, 4)
  for (const [i, row] of rowsOf(x).entries()) {
    const expected = distancesTo(row, rowsOf(y))
    for (let k = 0; k < 4; k++) {
      expect(distances[4 * i + k]).toBeCloseTo(expected[k], 9)
      expect(distancesTo(row, [rowsOf(y)[indices[4 * i + k]]])[0]).toBeCloseTo(expected[k], 9)
    }
  }
})

test('more neighbours than programs for any size are traced with', async () => {
  const [x, y] = [normalPoints(3, 2, 5), normalPoints(600, 2, 6)]
  const { distances } = await nearest(x, y, 600)
  for (const [i, row] of rowsOf(x).entries()) {
    const expected = distancesTo(row, rowsOf(y))
    for (const k of [0, 255, 599]) expect(distances[600 * i + k]).toBeCloseTo(expected[k], 9)
  }
})

test('a row is not its own neighbour, but its double is', async () => {
  const x = table([[0], [0], [0], [5]])
  const { distances, indices } = await nearest(x, x, 2)
  expect([...distances]).toEqual([0, 0, 0, 0, 0, 0, 5, 5])
  for (let i = 0; i < 4; i++) expect([...indices.subarray(2 * i, 2 * i + 2)]).not.toContain(i)
  await expect(nearest(x, x, 4)).rejects.toThrow('4 neighbours cannot be found among 3')
  await expect(nearest(x, table([[1, 2]]))).rejects.toThrow('rows of 1 and of 2 numbers')
})

test('more pairs than fit a block give the same', async () => {
  const [x, y] = [normalPoints(1500, 2, 3), normalPoints(6000, 2, 4)]
  const { distances } = await nearest(x, y)
  for (const i of [0, 1398, 1399, 1499]) expect(distances[i]).toBeCloseTo(distancesTo(rowsOf(x)[i], rowsOf(y))[0], 9)
})

test('the twin of precision and recall looks at every pair', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 3 }), async (seed, k) => {
      const [a, b] = [normalPoints(25, 2, seed), normalPoints(20, 2, seed + 1, { shift: 0.7 })]
      const radius = (row: readonly number[], set: NDArray) => distancesTo(row, rowsOf(set))[k] // the first is itself
      const share = (points: NDArray, set: NDArray) => {
        const inside = rowsOf(points).filter((row) => rowsOf(set).some((centre) => distancesTo(row, [centre])[0] <= radius(centre, set)))
        return inside.length / points.shape[0]
      }
      const found = await precisionRecall(bare(a), bare(b), { k })
      expect(found.precision).toBeCloseTo(share(a, b), 12)
      expect(found.recall).toBeCloseTo(share(b, a), 12)
      const balls = rowsOf(b).map((centre) => rowsOf(a).filter((row) => distancesTo(row, [centre])[0] <= radius(centre, b)).length)
      expect(found.density).toBeCloseTo(balls.reduce((sum, count) => sum + count, 0) / (k * 25), 12)
      expect(found.coverage).toBeCloseTo(balls.filter((count) => count > 0).length / 20, 12)
    }),
    { numRuns: 8 },
  )
})

test('few modes lower recall, noise lowers precision, the same set has 1 of both', async () => {
  const real = bare(normalPoints(500, 2, 5))
  const same = await precisionRecall(real, real)
  expect([same.precision, same.recall, same.coverage]).toEqual([1, 1, 1])
  const collapsed = await precisionRecall(bare(normalPoints(500, 2, 6, { scale: 0.1 })), real)
  expect(collapsed.precision).toBeGreaterThan(0.95)
  expect(collapsed.recall).toBeLessThan(0.2)
  const noisy = await precisionRecall(bare(normalPoints(500, 2, 7, { scale: 5 })), real)
  expect(noisy.precision).toBeLessThan(0.4)
  await expect(precisionRecall(bare(table([[1, 2]])), real)).rejects.toThrow('too few')
})

test('copies are found, held-out examples are none', async () => {
  const [train, heldOut, fresh] = [normalPoints(400, 8, 1), normalPoints(300, 8, 2), normalPoints(300, 8, 3)]
  const copied = { ...train, data: train.data.map((value) => value + 0.01) as Float64Array }
  const caught = await copies(copied, train, { heldOut })
  expect(caught.copyRate).toBe(1)
  expect(caught.authenticity).toBe(0)
  expect(caught.heldOut!.nearerToTraining).toBeGreaterThan(0.7)
  expect([...caught.nearest.indices]).toEqual(Array.from({ length: 400 }, (_, i) => i))
  const innocent = await copies(fresh, train, { heldOut })
  expect(innocent.copyRate).toBeLessThan(0.02)
  expect(innocent.heldOut!.copyRate).toBeLessThan(0.02)
  expect(innocent.authenticity).toBeGreaterThan(0.4)
  expect(Math.abs(innocent.heldOut!.nearerToTraining - 0.5)).toBeLessThan(0.12) // 4 standard errors of 300 draws
})
