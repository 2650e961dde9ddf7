import { expect, test } from 'vitest'
import type { UnitRecord } from '../definition.ts'
import { bars, curve, frontier, type Results, unitOf, unitsOf } from './results.ts'

const unit = (arm: string, seed: number, y: number[]): UnitRecord => ({
  unit: `${arm}${seed}`,
  arm,
  seed,
  measurements: { last: y.at(-1)!, sum: y.reduce((a, b) => a + b, 0) },
  series: { y: { x: y.map((_, i) => i + 1), y } },
  seconds: 1,
  peakBytes: 1,
})

const results: Results = {
  config: {},
  arms: [
    { id: 'a', label: 'the a', kind: 'method' },
    { id: 'b', label: 'the b', kind: 'reference' },
  ],
  units: [unit('a', 1, [3, 5]), unit('a', 0, [1, 3]), unit('b', 0, [7, Number.NaN])],
}

test('units of an arm come by seed', () => expect(unitsOf(results, 'a').map(({ seed }) => seed)).toEqual([0, 1]))

test('an arm with one unit stands for every seed, others do not', () => {
  expect(unitOf(results, 'b', 5)?.seed).toBe(0)
  expect(unitOf(results, 'a', 5)).toBeUndefined()
  expect(unitOf(results, 'c', 0)).toBeUndefined()
})

test('a curve is the mean, its band, and the seeds', () => {
  const { label, points, band, seeds } = curve(results, 'a', 'y')
  expect(label).toBe('the a')
  expect(points).toEqual([
    [1, 2],
    [2, 4],
  ])
  expect(band!.map(([x]) => x)).toEqual([1, 2])
  expect(seeds).toEqual([
    [
      [1, 1],
      [2, 3],
    ],
    [
      [1, 3],
      [2, 5],
    ],
  ])
})

test('a curve leaves out what is not finite', () => expect(curve(results, 'b', 'y').points).toEqual([[1, 7]]))
test('a curve that nobody logged is empty', () => expect(curve(results, 'a', 'z').points).toEqual([]))
test('bars', () => expect(bars(results, ['a', 'b'], 'last').points).toEqual([['the a', 4]]))
test('a frontier has a point a seed', () =>
  expect(frontier(results, ['a'], 'sum', 'last')[0].points).toEqual([
    [4, 3],
    [8, 5],
  ]))
