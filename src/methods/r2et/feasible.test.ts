import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tensor } from '../../engine/index.ts'
import { groupsOf, onlyFeatures, onSimplex } from './feasible.ts'

test('columns of one name are a group', () => {
  expect(groupsOf(['age', 'colour=red', 'sex=F', 'colour=blue', 'sex=M', 'income'])).toEqual([
    [1, 3],
    [2, 4],
  ])
})

test('only the features named move', async () => {
  const { along, project } = onlyFeatures([true, false, true])
  expect(await along!(tensor([[1, 2, 3]])).array()).toEqual([[1, 0, 3]])
  expect(await project(tensor([[1, 2, 3]]), tensor([[0, 0, 0]])).array()).toEqual([[1, 0, 3]])
})

const unit = fc.double({ min: -2, max: 2, noNaN: true })
const spread = fc.double({ min: 0.2, max: 2, noNaN: true })

/** Mixtures of three levels, on a grid. */
function* mixtures(complete: boolean): Generator<number[]> {
  const steps = 12
  for (let a = 0; a <= steps; a++)
    for (let b = 0; a + b <= steps; b++)
      for (let c = complete ? steps - a - b : 0; a + b + c <= steps; c++) yield [a, b, c].map((v) => v / steps)
}

test('a group is moved to the nearest mixture of its levels, in the metric of the scaled features', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(unit, unit, unit, unit),
      fc.tuple(spread, spread, spread, spread),
      fc.boolean(),
      async (moved, deviation, complete) => {
        const mean = [0.3, 0.1, 5, 0.2]
        // Feature 2 is a number, the others the levels of a column.
        const group = [0, 1, 3]
        const { project } = onSimplex({ groups: [group], complete: [complete], mean, deviation })
        const [found] = (await project(tensor([moved]), tensor([moved])).array()) as number[][]
        expect(found[2]).toBeCloseTo(moved[2], 5)
        const levels = group.map((i) => found[i] * deviation[i] + mean[i])
        const total = levels.reduce((a, b) => a + b)
        expect(Math.min(...levels)).toBeGreaterThan(-1e-5)
        if (complete) expect(total).toBeCloseTo(1, 4)
        else expect(total).toBeLessThan(1 + 1e-4)
        const away = (mixture: readonly number[]) =>
          Math.hypot(...group.map((i, place) => (mixture[place] - mean[i]) / deviation[i] - moved[i]))
        const own = away(levels)
        for (const mixture of mixtures(complete)) expect(own).toBeLessThanOrEqual(away(mixture) + 1e-4)
      },
    ),
    { seed: 1, numRuns: 60 },
  )
})
