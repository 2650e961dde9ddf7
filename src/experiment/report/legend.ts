/** One entry of a chart's legend. */
export interface Key {
  readonly text: string
  readonly colour: string
  readonly dash?: string
  readonly symbol?: string
}

const rowHeight = 18
const swatch = 26

const widthOf = ({ text }: Key): number => swatch + 8 + [...text].reduce((sum, character) => sum + (character > '⺀' ? 12.5 : 7), 0) + 16

/** Places the entries from left to right, in as many rows as they need. */
function place(keys: readonly Key[], width: number): { key: Key; x: number; row: number }[] {
  let x = 8
  let row = 0
  return keys.map((key) => {
    const own = widthOf(key)
    if (x > 8 && x + own > width) {
      x = 8
      row++
    }
    const placed = { key, x, row }
    x += own
    return placed
  })
}

export const legendHeight = (keys: readonly Key[], width: number): number =>
  keys.length ? (place(keys, width).at(-1)!.row + 1) * rowHeight + 6 : 0

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

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

/** The legend as a piece of SVG; hidden from screen readers, which get the table. */
export function legendSvg(keys: readonly Key[], width: number): string {
  const entries = place(keys, width).map(
    ({ key, x, row }) =>
      `<g transform="translate(${x},${12 + row * rowHeight})">${mark(key)}<text x="${swatch + 6}" dy="0.32em" text-anchor="start" font-size="12">${escaped(key.text)}</text></g>`,
  )
  return keys.length ? `<g aria-hidden="true">${entries.join('')}</g>` : ''
}
