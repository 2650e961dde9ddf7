import fc from 'fast-check'
import { expect, test } from 'vitest'
import { energyDistance, slicedWasserstein } from './distances.ts'
import { normalPoints, table } from './testing/points.ts'

const line = (values: readonly number[]) => table(values.map((value) => [value]))
const values = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 6 })

test('on a line W₁ is the area between the distribution functions', async () => {
  await fc.assert(
    fc.asyncProperty(values, values, async (a, b) => {
      const below = (set: readonly number[], x: number) => set.filter((value) => value <= x).length / set.length
      let area = 0
      for (let x = -20; x < 20; x++) area += Math.abs(below(a, x) - below(b, x))
      expect(await slicedWasserstein(line(a), line(b), { order: 1, projections: 2 })).toBeCloseTo(area, 9)
    }),
    { numRuns: 30 },
  )
})

test('a shift of δ in d dimensions gives |δ| / √d, whatever the set', async () => {
  const x = normalPoints(50, 9, 1)
  const moved = { ...x, data: x.data.map((value, i) => value + (i % 9 === 2 ? 6 : 0)) as Float64Array }
  const distance = await slicedWasserstein(x, moved, { projections: 4000 })
  expect(Math.abs(distance - 2)).toBeLessThan(0.1)
  expect(await slicedWasserstein(x, x)).toBe(0)
  expect(await slicedWasserstein(x, moved, { seed: 1 })).not.toBe(await slicedWasserstein(x, moved, { seed: 2 }))
  await expect(slicedWasserstein(x, line([1]))).rejects.toThrow('rows of 9 and of 1')
})

test('on a line the energy distance is twice the integrated squared difference of the distribution functions', async () => {
  await fc.assert(
    fc.asyncProperty(values, values, async (a, b) => {
      const below = (set: readonly number[], x: number) => set.filter((value) => value <= x).length / set.length
      let area = 0
      for (let x = -20; x < 20; x++) area += (below(a, x) - below(b, x)) ** 2
      expect(await energyDistance(line(a), line(b))).toBeCloseTo(2 * area, 6)
    }),
    { numRuns: 30 },
  )
})

test('both see a changed shape with the moments kept', async () => {
  const normal = normalPoints(2000, 1, 2)
  const twoPoints = line(Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? 1 : -1)))
  const same = normalPoints(2000, 1, 3)
  expect(await energyDistance(normal, twoPoints)).toBeGreaterThan(10 * (await energyDistance(normal, same)))
  expect(await slicedWasserstein(normal, twoPoints)).toBeGreaterThan(5 * (await slicedWasserstein(normal, same)))
})
