import { describe, expect, test } from 'vitest'
import { drawFigures } from './draw.ts'
import type { Figure } from './figure.ts'

const base: Omit<Figure, 'kind' | 'series'> = {
  id: 'f',
  title: { en: 'Title', zh: '标题' },
  xLabel: { en: 'steps', zh: '步' },
  yLabel: 'loss',
  ariaDescription: { en: 'It falls', zh: '下降' },
}
const points = [
  [1, 2],
  [2, 1],
  [3, 0.5],
] as const

/** The files of a figure, one a language, and its drawing for a page. */
async function draw(figure: Figure): Promise<{ en: string; zh: string; page: string }> {
  const { figures, files } = await drawFigures([figure])
  return { en: files[0].svg, zh: files[1].svg, page: figures[0].svg }
}

describe('each kind', () => {
  test.each<[string, Figure, string]>([
    [
      'line',
      {
        ...base,
        kind: 'line',
        series: [
          {
            label: 'a',
            points,
            band: [
              [1, 1, 3],
              [2, 0, 2],
            ],
            seeds: [
              [
                [1, 2],
                [2, 1],
              ],
            ],
          },
          { label: { en: 'b', zh: '乙' }, points },
        ],
      },
      'data-mark="line"',
    ],
    ['field', { ...base, kind: 'line', series: [{ label: 'a', points: [], arrows: [[0, 0, 1, 2]] }] }, 'data-mark="arrow"'],
    [
      'scatter',
      {
        ...base,
        kind: 'scatter',
        series: [
          { label: 'a', points },
          { label: 'b', points },
        ],
      },
      'data-mark="dot"',
    ],
    [
      'bar',
      {
        ...base,
        kind: 'bar',
        series: [
          {
            label: 'a',
            points: [
              ['x', 1],
              ['y', 2],
            ],
            band: [['x', 0.5, 1.5]],
          },
        ],
      },
      'data-mark="bar"',
    ],
    [
      'grouped bar',
      {
        ...base,
        kind: 'bar',
        series: [
          { label: 'a', points: [['x', 1]] },
          { label: 'b', points: [['x', 2]] },
        ],
      },
      'data-mark="bar"',
    ],
    [
      'heatmap',
      {
        ...base,
        kind: 'heatmap',
        series: [
          {
            label: 'a',
            points: [
              [0, 0, 1],
              [0, 1, 2],
              [1, 0, 3],
            ],
          },
        ],
      },
      'data-mark="cell"',
    ],
    ['logarithmic', { ...base, kind: 'line', xScale: 'log', yScale: 'log', series: [{ label: 'a', points }] }, 'data-mark="line"'],
    ['empty', { ...base, kind: 'line', series: [] }, '<svg'],
    ['a series without points', { ...base, kind: 'line', series: [{ label: 'a', points: [] }] }, '<svg'],
    [
      'not finite',
      {
        ...base,
        kind: 'line',
        series: [
          {
            label: 'a',
            points: [
              [1, Number.NaN],
              [2, 1],
              [3, Number.POSITIVE_INFINITY],
            ],
          },
        ],
      },
      '<svg',
    ],
  ])('%s', async (_, figure, mark) => {
    const { en, zh, page } = await draw(figure)
    for (const svg of [en, zh, page]) {
      expect(svg).toContain(mark)
      expect(svg).not.toMatch(/NaN|undefined|Infinity/)
      expect(svg).toContain('xmlns="http://www.w3.org/2000/svg"')
    }
    for (const svg of [en, zh]) expect(svg.startsWith('<svg role="img"')).toBe(true)
    expect(en).toContain('aria-label="Title"')
    expect(zh).toMatch(/aria-description="步 — loss。/)
  })
})

test('series differ by more than colour', async () => {
  const { en } = await draw({ ...base, kind: 'line', series: ['a', 'b', 'c'].map((label) => ({ label, points })) })
  expect(new Set([...en.matchAll(/stroke-dasharray="([^"]+)"/g)].map(([, dash]) => dash)).size).toBeGreaterThanOrEqual(2)
})

test('a legend names the series, in the language, as text', async () => {
  const { zh } = await draw({
    ...base,
    kind: 'line',
    series: [
      { label: { en: 'a', zh: '甲 <&>' }, points },
      { label: 'b', points },
    ],
  })
  expect(zh).toContain('甲 &lt;&amp;&gt;</text>')
})

test('files stand alone: plain colours on white', async () => {
  const { files } = await drawFigures([{ ...base, kind: 'line', series: [{ label: 'a', points }] }])
  expect(files.map(({ file }) => file)).toEqual(['f.svg', 'f.zh.svg'])
  for (const { svg } of files) {
    expect(svg).not.toContain('var(')
    expect(svg).toContain('background:white')
  }
})

test('no figures, no libraries', async () => expect(await drawFigures([])).toEqual({ figures: [], files: [] }))
