import { expect, test } from 'vitest'
import { curveFigure } from './curve-figure.ts'
import { readingsAt } from './readout.ts'

const line = (count: number, value: (i: number) => number) => ({
  steps: Array.from({ length: count }, (_, i) => i),
  values: Array.from({ length: count }, (_, i) => value(i)),
})

test('an arm of three seeds is a mean with a band and three thin lines; one of a single seed is a line', () => {
  const three = [1, 2, 3].map((height) => line(5, () => height))
  const { series } = curveFigure('loss', [
    { label: 'ours', curves: three },
    { label: 'other', curves: [line(5, (i) => i)] },
  ])
  expect(series[0].points).toEqual([0, 1, 2, 3, 4].map((step) => [step, 2]))
  expect(series[0].band).toHaveLength(5)
  expect(series[0].seeds).toHaveLength(3)
  expect(series[1]).toEqual({ label: 'other', points: [0, 1, 2, 3, 4].map((step) => [step, step]) })
})

test('a hidden arm keeps its place, and so the others keep their colours', () => {
  const { series } = curveFigure('loss', [
    { label: 'a', curves: [line(3, () => 1)], hidden: true },
    { label: 'b', curves: [line(3, () => 2)] },
  ])
  expect(series.map(({ label, points }) => [label, points.length])).toEqual([
    ['a', 0],
    ['b', 3],
  ])
})

test('long curves of many seeds become few points, and none of their peaks is lost', () => {
  const peaked = line(10_000, (i) => (i === 4321 ? 99 : Math.sin(i / 50)))
  const groups = Array.from({ length: 14 }, (_, k) => ({ label: `arm ${k}`, curves: [peaked, peaked, peaked] }))
  const { series } = curveFigure('loss', groups)
  const points = series.flatMap(({ points, seeds = [] }) => [...points, ...seeds.flat()])
  expect(points.length).toBeLessThan(12_000)
  for (const { points } of series) expect(Math.max(...points.map(([, value]) => value as number))).toBe(99)
})

test('every point of a long mean has its interval, and both ends of it keep their peaks', () => {
  const noise = (seed: number, i: number) => Math.sin(i * (seed + 1) * 12.9898) * Math.cos(i / 700)
  const curves = [0, 1, 2, 3, 4].map((seed) => line(10_000, (i) => noise(seed, i) + (i === 4321 ? 50 * (seed - 2) : 0)))
  const figure = curveFigure('loss', [{ label: 'a', curves }])
  for (let i = 0; i < 60; i++) expect(readingsAt(figure, i * 166.6)[0].interval).toBeDefined()
  const [{ points, band }] = figure.series
  expect(points.length).toBeLessThan(10_000)
  expect(Math.min(...band!.map(([, low]) => low))).toBeLessThan(-40)
  expect(Math.max(...band!.map(([, , high]) => high))).toBeGreaterThan(40)
})

test('what has no place on a logarithmic axis is left out, as is what is no number', () => {
  const curve = { steps: [0, 1, 2, 3], values: [1, 0, Number.NaN, 2] }
  const shown = (options: object) => curveFigure('loss', [{ label: 'a', curves: [curve] }], options).series[0].points
  expect(shown({ logX: true, logY: true })).toEqual([[3, 2]])
  expect(shown({ logX: true })).toEqual([
    [1, 0],
    [3, 2],
  ])
  expect(shown({})).toEqual([
    [0, 1],
    [1, 0],
    [3, 2],
  ])
})

test('smoothing shows the seed as it was measured beside the smooth line', () => {
  const [{ points, seeds }] = curveFigure('loss', [{ label: 'a', curves: [line(50, (i) => i % 2)] }], { smoothing: 0.95 }).series
  const spread = (values: readonly (readonly unknown[])[]) =>
    Math.max(...values.slice(20).map(([, value]) => Math.abs((value as number) - 0.5)))
  expect(spread(seeds![0])).toBe(0.5)
  expect(spread(points)).toBeLessThan(0.2)
})

test('a curve that grew is not shown as it was', () => {
  const curve = line(3, () => 1)
  const groups = [{ label: 'a', curves: [curve] }]
  curveFigure('loss', groups)
  curve.steps.push(3)
  curve.values.push(5)
  expect(curveFigure('loss', groups).series[0].points.at(-1)).toEqual([3, 5])
})
