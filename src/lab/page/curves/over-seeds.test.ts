import { expect, test } from 'vitest'
import { summarize } from '../../../experiment/verdict/statistics.ts'
import { overSeeds } from './over-seeds.ts'

const curve = (steps: number[], values: number[]) => ({ steps, values })

test('mean and interval at each step: three seeds, with the t of tables (4.303 for two degrees of freedom)', () => {
  const band = overSeeds([curve([0, 1], [1, 10]), curve([0, 1], [2, 10]), curve([0, 1], [3, 10])])
  expect(band.mean).toEqual([2, 10])
  const half = 4.302652729911275 / Math.sqrt(3)
  expect(band.low[0]).toBeCloseTo(2 - half, 9)
  expect(band.high[0]).toBeCloseTo(2 + half, 9)
  expect([band.low[1], band.high[1]]).toEqual([10, 10])
})

test('the numbers of a report', () => {
  const columns = [0, 1, 2, 3, 4].map((seed) => Array.from({ length: 20 }, (_, i) => Math.sin(seed * 7 + i * 3) * 10 ** (i - 10)))
  const { mean, low, high } = overSeeds(
    columns.map((values) =>
      curve(
        values.map((_, i) => i),
        values,
      ),
    ),
  )
  mean.forEach((centre, i) => {
    const { mean, ci95 } = summarize(columns.map((values) => values[i]))
    expect(centre / mean).toBeCloseTo(1, 12)
    expect(low[i] / ci95![0]).toBeCloseTo(1, 10)
    expect(high[i] / ci95![1]).toBeCloseTo(1, 10)
  })
})

test('one seed has no interval', () => {
  expect(overSeeds([curve([5, 6], [1, 2])])).toEqual({
    steps: [5, 6],
    mean: [1, 2],
    low: [Number.NaN, Number.NaN],
    high: [Number.NaN, Number.NaN],
  })
})

test('only where all that have begun have come', () => {
  const { steps, mean } = overSeeds([curve([0, 1, 2, 3], [1, 1, 1, 1]), curve([1, 2], [3, 5]), curve([], [])])
  expect(steps).toEqual([1, 2])
  expect(mean).toEqual([2, 3])
})

test('seeds that logged other steps are linear between their own', () => {
  const { steps, mean } = overSeeds([curve([0, 4], [0, 4]), curve([0, 1, 4], [0, 10, 40])])
  expect(steps).toEqual([0, 1, 4])
  expect(mean).toEqual([0, 5.5, 22])
})

test('a seed that is not a number makes the mean none', () => {
  expect(overSeeds([curve([0, 1], [1, Number.NaN]), curve([0, 1], [1, 2])]).mean).toEqual([1, Number.NaN])
})

test('nothing gives nothing', () => {
  expect(overSeeds([])).toEqual({ steps: [], mean: [], low: [], high: [] })
})
