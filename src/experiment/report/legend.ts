import { formatNumber } from '../format.ts'
import { inLanguage, type Label, type Language } from '../text.ts'
import type { Figure, FigureSeries } from './figure.ts'
import { escaped } from './markup.ts'
import { seriesColour, seriesDash, seriesSymbol } from './palette.ts'

/** One entry of a chart's legend. */
export interface Key {
  readonly text: Label
  readonly colour: string
  readonly dash?: string
  readonly symbol?: string
}

/** What the legend of a figure explains; a single series needs none. */
export function legendKeys({ kind, series }: Figure): Key[] {
  if (kind === 'heatmap') return heatKeys(series)
  if (series.length < 2) return []
  return series.map(({ label }, i) => ({
    text: label,
    colour: seriesColour(i),
    ...(kind === 'line' ? { dash: seriesDash(i) } : kind === 'scatter' ? { symbol: seriesSymbol(i) } : {}),
  }))
}

function heatKeys(series: readonly FigureSeries[]): Key[] {
  const values = series.flatMap(({ points }) => points.flatMap(([, , value]) => (Number.isFinite(value) ? [value!] : [])))
  if (!values.length) return []
  return [
    { text: formatNumber(Math.min(...values)), colour: '#440154' },
    { text: formatNumber(Math.max(...values)), colour: '#fde725' },
  ]
}

const rowHeight = 18
const swatch = 26

interface PlacedText {
  readonly key: Key
  readonly text: string
}

const widthOf = (text: string): number => swatch + 8 + [...text].reduce((sum, character) => sum + (character > '⺀' ? 12.5 : 7), 0) + 16

/** Places the entries from left to right, in as many rows as they need. */
function place(keys: readonly PlacedText[], width: number): { key: Key; text: string; x: number; row: number }[] {
  let x = 8
  let row = 0
  return keys.map(({ key, text }) => {
    const own = widthOf(text)
    if (x > 8 && x + own > width) {
      x = 8
      row++
    }
    const placed = { key, text, x, row }
    x += own
    return placed
  })
}

const shapes: Readonly<Record<string, string>> = {
  circle: 'M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0Z',
  square: 'M-4,-4H4V4H-4Z',
  triangle: 'M0,-5L5,4H-5Z',
  diamond: 'M0,-6L4,0L0,6L-4,0Z',
  star: 'M0,-6L1.5,-1.8L6,-1.8L2.4,0.9L3.8,5.2L0,2.6L-3.8,5.2L-2.4,0.9L-6,-1.8L-1.5,-1.8Z',
  wye: 'M-1.5,5V1L-5,-1.5L-3.6,-4L0,-1.6L3.6,-4L5,-1.5L1.5,1V5Z',
  cross: 'M-1.6,-5H1.6V-1.6H5V1.6H1.6V5H-1.6V1.6H-5V-1.6H-1.6Z',
  times: 'M-4,-4L4,4M-4,4L4,-4',
}

function mark({ colour, dash, symbol }: Key): string {
  if (dash) return `<line x1="0" x2="${swatch}" y1="0" y2="0" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`
  if (symbol) return `<path transform="translate(13,0)" d="${shapes[symbol]}" stroke="${colour}" fill="${colour}" fill-opacity="0.35"/>`
  return `<rect x="6" y="-6" width="14" height="12" fill="${colour}"/>`
}

/** The piece of a legend that shows how a series is drawn, as an image of its own; the text beside it says the name. */
export const swatchSvg = (key: Key): string =>
  `<svg aria-hidden="true" width="${swatch}" height="14" viewBox="0 -7 ${swatch} 14">${mark(key)}</svg>`

/** A legend as a piece of SVG, and the height that it takes; hidden from screen readers, which get the description. */
export function legendSvg(keys: readonly Key[], width: number, language: Language): { svg: string; height: number } {
  if (!keys.length) return { svg: '', height: 0 }
  const placed = place(
    keys.map((key) => ({ key, text: inLanguage(key.text, language) })),
    width,
  )
  const entries = placed.map(
    ({ key, text, x, row }) =>
      `<g transform="translate(${x},${12 + row * rowHeight})">${mark(key)}<text x="${swatch + 6}" dy="0.32em" text-anchor="start" font-size="12">${escaped(text)}</text></g>`,
  )
  return { svg: `<g aria-hidden="true">${entries.join('')}</g>`, height: (placed.at(-1)!.row + 1) * rowHeight + 6 }
}
