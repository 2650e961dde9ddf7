import { expect, test } from 'vitest'
import { describe, isEmpty } from './describe.ts'
import type { Figure } from './figure.ts'

const base: Omit<Figure, 'kind' | 'series'> = {
  id: 'f',
  title: { en: 'Title', zh: '标题' },
  xLabel: { en: 'step', zh: '步' },
  yLabel: { en: 'loss', zh: '损失' },
  ariaDescription: { en: 'It falls', zh: '下降' },
}

test('a line: its ends, and what lies outside them', () => {
  const series = [
    {
      label: { en: 'ours', zh: '本法' },
      points: [
        [0, 2],
        [50, 0.25],
        [100, 1],
      ],
    },
  ] as const
  const figure: Figure = { ...base, kind: 'line', series }
  expect(describe(figure)).toEqual({
    en: 'loss against step. ours: from 2 at 0 to 1 at 100, lowest 0.25 at 50',
    zh: '步 — 损失。 本法：从 0 处的 2 到 100 处的 1，最低 0.25（50 处）',
  })
})

test('bars: every one, with its interval', () => {
  const series = [{ label: 's', points: [['x', 1] as const, ['y', 2] as const], band: [['x', 0.5, 1.5] as const] }]
  expect(describe({ ...base, kind: 'bar', series }).en).toBe('loss against step. s: x 1 (0.5 – 1.5); y 2')
})

test('a cloud and a map: how far they reach', () => {
  const points = [
    [0, 5, 1],
    [4, -1, 9],
  ] as const
  expect(describe({ ...base, kind: 'scatter', series: [{ label: 's', points: points.map(([x, y]) => [x, y]) }] }).en).toContain(
    '2 points, from 0 to 4 across and from -1 to 5 up',
  )
  expect(describe({ ...base, kind: 'heatmap', series: [{ label: 's', points }] }).en).toContain(
    '2 cells, lowest 1 at (0, 5), highest 9 at (4, -1)',
  )
})

test('what was not measured is said, and not drawn', () => {
  const figure: Figure = { ...base, kind: 'line', series: [{ label: 's', points: [[1, Number.NaN]] }] }
  expect(describe(figure).en).toContain('s: nothing measured')
  expect(isEmpty(figure)).toBe(true)
  expect(isEmpty({ ...base, kind: 'line', series: [{ label: 's', points: [], arrows: [[0, 0, 1, 1]] }] })).toBe(false)
})
