import { formatNumber } from '../format.ts'
import { sameText, type Text } from '../text.ts'
import { figureCsv } from './csv.ts'
import { describe, isEmpty } from './describe.ts'
import { axisLabels, type DrawnFigure } from './draw.ts'
import type { Figure, FigureSeries } from './figure.ts'
import { legendKeys, swatchSvg } from './legend.ts'
import { anchor, anchorOf, both, escaped, folded, label, table, unseen } from './markup.ts'
import { messages, sentences } from './messages.ts'

/** Rows a series that the page lists; the CSV has all. */
const rowLimit = 100

const everySo = <T>(items: readonly T[]): readonly T[] => {
  const stride = Math.ceil(items.length / rowLimit)
  return items.filter((_, i) => i % stride === 0 || i === items.length - 1)
}

const asText = (name: Figure['xLabel']): Text => (typeof name === 'string' ? sameText(name) : name)

function tableRows({ kind }: Figure, { label: name, points, band = [] }: FigureSeries): string[][] {
  const bandAt = new Map(band.map(([x, low, high]) => [x, [low, high]]))
  const cell = (value: number | string | undefined) => (typeof value === 'number' ? formatNumber(value) : escaped(value ?? ''))
  return everySo(points).map(([x, y, value]) => {
    const rest = kind === 'heatmap' ? [value] : (bandAt.get(x) ?? ['', ''])
    return [label(name), ...[x, y, ...rest].map(cell)]
  })
}

/** The numbers of a figure, thinned where there are too many to read, with a note that says so. */
function figureTable(figure: Figure): string {
  const { series, xLabel, yLabel, kind, title } = figure
  const rows = series.map((one) => tableRows(figure, one))
  const all = series.reduce((sum, { points }) => sum + points.length, 0)
  const shown = rows.reduce((sum, own) => sum + own.length, 0)
  const interval = kind === 'heatmap' ? [messages.value] : [messages.low, messages.high]
  const note = shown < all ? `<p class="description">${both(sentences.thinned(shown, all))}</p>` : ''
  return note + table([messages.series, asText(xLabel), asText(yLabel), ...interval], rows.flat(), { named: true, title })
}

/** A whole file inside an address: works without a server and without scripts. */
const dataAddress = (csv: string): string =>
  `data:text/csv;charset=utf-8,${csv.replace(/[%#"&<>\r\n ]/g, (character) => encodeURIComponent(character))}`

const csvLink = (figure: Figure, file: string): string =>
  `<a class="button" download="${escaped(file)}.csv" href="${dataAddress(figureCsv(figure))}">CSV${unseen(sentences.csvOf(figure.title))}</a>`

const legendHtml = (figure: Figure): string => {
  const keys = legendKeys(figure)
  return keys.length ? `<ul class="legend">${keys.map((key) => `<li>${swatchSvg(key)}${label(key.text)}</li>`).join('')}</ul>` : ''
}

/** The drawing with its axes' labels. Its name and its description are elsewhere in the page, in the language that is shown. */
function chart({ figure, svg }: DrawnFigure, id: string): string {
  const [x, y] = axisLabels(figure)
  const named = svg.replace('<svg', `<svg role="img" aria-labelledby="${id}-title" aria-describedby="${id}-words"`)
  const axis = (text: Figure['xLabel'] | undefined, where: 'x' | 'y') =>
    text === undefined ? '' : `<p class="axis ${where}" aria-hidden="true">${label(text)}</p>`
  return `${axis(y, 'y')}<div class="wide">${named}</div>${axis(x, 'x')}`
}

/** How a figure's anchor is called; `side` tells two of one page apart. */
export const figureAnchor = ({ id }: Figure, side = ''): string => anchorOf('figure', id) + side

/** A figure in a page: caption, what to expect, chart, words for whoever cannot see it, table and CSV. */
export function figureHtml(
  drawn: DrawnFigure,
  { side = '', heading = both(drawn.figure.title) }: { side?: string; heading?: string } = {},
): string {
  const { figure } = drawn
  const id = figureAnchor(figure, side)
  const caption = `<figcaption><h3><span id="${id}-title">${heading}</span>${anchor(id, sentences.linkTo(figure.title))}</h3></figcaption>`
  if (isEmpty(figure)) return `<figure id="${id}">${caption}<p>${both(messages.noData)}</p></figure>`
  // Beside another of its kind the figure is there to be compared.
  const expected = side ? '' : `<p class="description"><em>${both(messages.expected)}</em> ${both(figure.ariaDescription)}</p>`
  const tools = `<div class="tools">${folded(messages.table, figureTable(figure))}${csvLink(figure, figure.id + side)}</div>`
  return `<figure id="${id}">${caption}${legendHtml(figure)}${chart(drawn, id)}<p class="unseen" id="${id}-words">${both(describe(figure))}</p>${expected}${tools}</figure>`
}
