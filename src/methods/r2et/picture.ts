/* Saliency as a picture: bars for the columns of a table, a heat map for an image. SVG, so that nothing is needed to draw it. */

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const svg = (width: number, height: number, label: string, body: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escaped(label).replaceAll('"', '&quot;')}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12"><rect width="${width}" height="${height}" fill="white"/>${body}</svg>\n`

export interface Bar {
  readonly name: string
  readonly before: number
  readonly after: number
  readonly top: boolean
}

const [rowHeight, left, reach] = [26, 220, 320] as const

/** One feature a line, the most salient first: solid before an attack, hatched by a paler colour after it; the top k in blue. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.flatMap(({ before, after }) => [before, after]), Number.MIN_VALUE)
  const lines = bars.map(({ name, before, after, top }, i) => {
    const y = 40 + i * rowHeight
    const bar = (value: number, offset: number, colour: string) =>
      `<rect x="${left}" y="${y + offset}" width="${((reach * value) / most).toFixed(1)}" height="9" fill="${colour}"/>`
    return `<text x="${left - 8}" y="${y + 14}" text-anchor="end">${escaped(name)}</text>${bar(before, 2, top ? '#1f5fa8' : '#777777')}${bar(after, 12, top ? '#9cc3ea' : '#cccccc')}`
  })
  const heading = `<text x="12" y="22" font-size="14">${escaped(title)}</text>`
  return svg(left + reach + 20, 50 + bars.length * rowHeight, title, heading + lines.join(''))
}

export interface HeatMap {
  readonly title: string
  /** Row by row, any scale. */
  readonly values: ArrayLike<number>
  /** Outlined: the top k. */
  readonly marked?: ReadonlySet<number>
}

const side = 280

/** Maps of height × width beside each other, each from white (0) to dark (its largest value). */
export function heatMaps(title: string, maps: readonly HeatMap[], [height, width]: readonly [number, number]): string {
  const cell = side / Math.max(height, width)
  const drawn = maps.map(({ title, values, marked }, index) => {
    const most = Math.max(...Array.from(values, Math.abs), Number.MIN_VALUE)
    const cells = Array.from(values, (value, i) => {
      const shade = Math.round(255 * (1 - Math.abs(value) / most))
      const place = `x="${((i % width) * cell).toFixed(2)}" y="${(Math.floor(i / width) * cell).toFixed(2)}"`
      const fill = marked?.has(i) ? `hsl(0,80%,${Math.round(35 + (50 * shade) / 255)}%)` : `rgb(${shade},${shade},${shade})`
      return `<rect ${place} width="${cell.toFixed(2)}" height="${cell.toFixed(2)}" fill="${fill}"/>`
    })
    return `<g transform="translate(${12 + index * (side + 16)},56)"><text y="-8">${escaped(title)}</text>${cells.join('')}</g>`
  })
  const heading = `<text x="12" y="22" font-size="14">${escaped(title)}</text>`
  return svg(24 + maps.length * (side + 16), side + 76, title, heading + drawn.join(''))
}
