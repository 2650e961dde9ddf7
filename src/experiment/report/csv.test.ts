import fc from 'fast-check'
import Papa from 'papaparse'
import { expect, test } from 'vitest'
import { figureCsv } from './csv.ts'
import type { Figure } from './figure.ts'

const base: Omit<Figure, 'kind' | 'series'> = {
  id: 'f',
  title: { en: 'Title', zh: '标题' },
  xLabel: { en: 'steps, "all"', zh: '步' },
  yLabel: 'loss',
  ariaDescription: { en: '', zh: '' },
}

test('a reader of CSV finds every number again, whatever names there are', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
  fc.assert(
    fc.property(fc.string(), fc.array(fc.tuple(number, number), { minLength: 1 }), (label, points) => {
      const csv = figureCsv({ ...base, kind: 'line', series: [{ label, points }] })
      const [head, ...rows] = Papa.parse<string[]>(csv, { newline: '\r\n', skipEmptyLines: true }).data
      expect(head).toEqual(['series', 'seed number', 'steps, "all"', 'loss', 'low', 'high'])
      expect(rows.map((row) => [row[0], Number(row[2]), Number(row[3])])).toEqual(points.map(([x, y]) => [label, x, y]))
    }),
    { seed: 1 },
  )
})

test('intervals stand beside their points, seeds and arrows after them', () => {
  const series = [
    {
      label: 'a',
      points: [[1, 2]],
      band: [[1, 1.5, 2.5]],
      seeds: [[[1, 2.25]]],
      arrows: [[0, 0, 3, 4]],
    },
  ] as const
  expect(figureCsv({ ...base, xLabel: 'x', kind: 'line', series }).split('\r\n')).toEqual([
    'series,seed number,x,loss,low,high,to x,to loss',
    'a,,1,2,1.5,2.5,,',
    'a,1,1,2.25,,,,',
    'a,,0,0,,,3,4',
    '',
  ])
})

test('a heat map has its value in a column of its own', () =>
  expect(figureCsv({ ...base, xLabel: 'x', kind: 'heatmap', series: [{ label: 'a', points: [['p', 'q', 0.1]] }] })).toBe(
    'series,x,loss,value\r\na,p,q,0.1\r\n',
  ))
