import { expect, test } from 'vitest'
import { drawFigures } from './draw.ts'
import type { Figure } from './figure.ts'

const drawn = async (values: readonly number[]): Promise<string> => {
  const figure: Figure = {
    id: 'f',
    title: { en: 'Title', zh: '标题' },
    kind: 'line',
    xLabel: 'x',
    yLabel: 'y',
    ariaDescription: { en: '', zh: '' },
    series: [{ label: 'a', points: values.map((value, i) => [i, value]) }],
  }
  return (await drawFigures([figure])).figures[0].svg
}

/** The heights of the corners of the line, in pixels from the top. */
const heights = (svg: string): number[] => {
  const [, path] = /data-mark="line".*? d="M([^"]+)"/s.exec(svg)!
  return path.split('L').map((corner) => Number(corner.split(',')[1]))
}

test('values so large that their range is no number have their places, and an axis', async () => {
  const svg = await drawn([-1e308, 0, 1e308])
  const [low, middle, high] = heights(svg)
  expect(high).toBeLessThan(middle)
  expect(middle - high).toBeCloseTo(low - middle, 0)
  expect(svg).toContain('>1e308</text>')
  expect(svg).not.toMatch(/NaN|Infinity/)
})

test('one value alone, however large, has room', async () => {
  const svg = await drawn([1.7e308, 1.7e308])
  const [height] = heights(svg)
  expect(height).toBeGreaterThan(100)
  expect(height).toBeLessThan(240)
  expect(svg).not.toMatch(/NaN|Infinity/)
})

test('other values are as they were', async () => expect(await drawn([0, 2.5, 5.5])).toContain('>5</text>'))
