import { expect, test } from 'vitest'
import type { Figure } from '../../../experiment/report/figure.ts'
import { moved, readingsAt, stopsOf } from './readout.ts'

const figure: Figure = {
  id: 'f',
  title: { en: '', zh: '' },
  kind: 'line',
  xLabel: 'x',
  yLabel: 'y',
  ariaDescription: { en: '', zh: '' },
  series: [
    {
      label: 'a',
      points: [
        [0, 1],
        [10, 2],
        [20, 3],
      ],
      band: [
        [0, 0, 2],
        [10, 1, 3],
        [20, 2, 4],
      ],
    },
    {
      label: 'b',
      points: [
        [0, 7],
        [4, 8],
      ],
    },
    { label: 'hidden', points: [] },
  ],
}

test('each line is read at its point next to the cursor, where it reaches so far', () => {
  expect(readingsAt(figure, 4)).toEqual([
    { index: 0, label: 'a', x: 0, y: 1, interval: [0, 2] },
    { index: 1, label: 'b', x: 4, y: 8, interval: undefined },
  ])
  expect(readingsAt(figure, 16)).toEqual([{ index: 0, label: 'a', x: 20, y: 3, interval: [2, 4] }])
  expect(readingsAt(figure, 99)).toEqual([])
})

test('keys move the cursor from point to point, and not beyond the ends', () => {
  const stops = stopsOf(figure)
  expect(stops).toEqual([0, 4, 10, 20])
  expect(moved(stops, undefined, 'ArrowRight')).toBe(0)
  expect(moved(stops, 0, 'ArrowRight')).toBe(4)
  expect(moved(stops, 20, 'ArrowRight')).toBe(20)
  expect(moved(stops, 4, 'ArrowLeft')).toBe(0)
  expect(moved(stops, 4, 'End')).toBe(20)
  expect(moved(stops, 999, 'ArrowLeft')).toBe(10)
  expect(moved(stops, 4, 'a')).toBeUndefined()
  expect(moved([], 4, 'End')).toBeUndefined()
})
