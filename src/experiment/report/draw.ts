import type * as PlotModule from '@observablehq/plot'
import { formatNumber } from '../format.ts'
import { inLanguage, type Language, languages } from '../text.ts'
import type { Figure, FigureSeries } from './figure.ts'
import { type Key, legendHeight, legendSvg } from './legend.ts'

/** A figure with its SVG in each language, for a page whose style sheet sets `--series-1` … */
export interface DrawnFigure {
  readonly figure: Figure
  readonly svg: Readonly<Record<Language, string>>
}

/** Colours that people with any kind of colour vision tell apart (Okabe & Ito); lines also differ by dashes, points by shape. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#b58900', '#56b4e9', '#7f6a5a', '#888888']
const dashes = ['none', '7 3', '2 2', '8 3 2 3', '12 3', '1 4', '5 2 1 2 1 2', '3 6']
const symbols = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye', 'cross', 'times'] as const

const seriesColour = (i: number): string => `var(--series-${(i % colours.length) + 1}, ${colours[i % colours.length]})`
/** After a round of colours, the symbols are shifted, so that no two series look alike before the 65th. */
const seriesSymbol = (i: number): string => symbols[(i + Math.floor(i / colours.length)) % symbols.length]
const seriesDash = (i: number): string => dashes[(i + Math.floor(i / colours.length)) % dashes.length]

const width = 680

type Plot = typeof PlotModule
type Point = FigureSeries['points'][number]
/** One mark of Plot; its typings need a browser's, which this package does not load. */
type Mark = object

const isPlottable = (point: readonly unknown[]): boolean => point.every((value) => typeof value !== 'number' || Number.isFinite(value))

interface Chart {
  readonly marks: readonly Mark[]
  readonly options?: object
}

function lineChart(plot: Plot, { series }: Figure): Chart {
  const draw = (points: readonly Point[], i: number, options: object) =>
    plot.line(
      points.filter(isPlottable) as never,
      { x: '0', y: '1', stroke: seriesColour(i), strokeDasharray: seriesDash(i), ...options } as never,
    )
  return {
    marks: [
      ...series.flatMap(({ band = [] }, i) =>
        plot.areaY(band.filter(isPlottable) as never, { x: '0', y1: '1', y2: '2', fill: seriesColour(i), fillOpacity: 0.14 } as never),
      ),
      ...series.flatMap(({ arrows = [] }, i) =>
        plot.arrow(
          arrows.filter(isPlottable) as never,
          { x1: '0', y1: '1', x2: '2', y2: '3', stroke: seriesColour(i), strokeWidth: 1 } as never,
        ),
      ),
      ...series.flatMap(({ seeds = [] }, i) => seeds.map((points) => draw(points, i, { strokeWidth: 0.6, strokeOpacity: 0.5 }))),
      ...series.map(({ points }, i) => draw(points, i, { strokeWidth: 2 })),
    ],
  }
}

function scatterChart(plot: Plot, { series }: Figure): Chart {
  return {
    marks: series.map(({ points }, i) =>
      plot.dot(
        points.filter(isPlottable) as never,
        {
          x: '0',
          y: '1',
          r: 4,
          symbol: seriesSymbol(i),
          stroke: seriesColour(i),
          fill: seriesColour(i),
          fillOpacity: 0.35,
        } as never,
      ),
    ),
  }
}

/** Bars lie, so that long names can be read; several series stand in groups. */
function barChart(plot: Plot, { series }: Figure): Chart {
  const names = [...new Set(series.flatMap(({ points }) => points.map(([name]) => String(name))))]
  const grouped = series.length > 1
  const place = (name: unknown, i: number) => (grouped ? { fy: String(name), y: String(i) } : { y: String(name) })
  const channels = grouped ? { fy: 'fy', y: 'y' } : { y: 'y' }
  const marks = series.flatMap(({ points, band = [] }, i) => [
    plot.barX(
      points.filter(isPlottable).map(([name, value]) => ({ ...place(name, i), value })) as never,
      { ...channels, x: 'value', fill: seriesColour(i), fillOpacity: 0.75 } as never,
    ),
    plot.ruleY(
      band.filter(isPlottable).map(([name, low, high]) => ({ ...place(name, i), low, high })) as never,
      { ...channels, x1: 'low', x2: 'high', strokeWidth: 1.5, marker: 'tick' } as never,
    ),
  ])
  const room = Math.min(300, 16 + Math.max(...names.map((name) => textWidth(name)), 0))
  const scale = { domain: names, label: null }
  const rows = names.length * (grouped ? series.length : 1)
  const bands = grouped ? { fy: { ...scale, axis: 'left' }, y: { axis: null, domain: series.map((_, i) => String(i)) } } : { y: scale }
  return { marks, options: { ...bands, marginLeft: room, height: 60 + rows * 22 } }
}

const textWidth = (text: string): number => [...text].reduce((sum, character) => sum + (character > '⺀' ? 12.5 : 7.2), 0)

const heatHeight = 400

/** Cells are square where that leaves them room, and many of them are not all named. */
function heatChart(plot: Plot, { series }: Figure): Chart {
  const cells = series.flatMap(({ points }) => points.filter(isPlottable))
  const [columns, rows] = [0, 1].map((axis) => [...new Set(cells.map((cell) => cell[axis]!))])
  const side = Math.min((width - 80) / columns.length, (heatHeight - 68) / rows.length)
  const axis = (names: readonly unknown[]) => ({ type: 'band', padding: 0, ticks: everySo(names) })
  return {
    marks: [plot.cell(cells as never, { x: '0', y: '1', fill: '2', inset: 0 } as never)],
    options: {
      color: { scheme: 'viridis', type: 'linear' },
      x: axis(columns),
      y: axis(rows),
      height: heatHeight,
      marginRight: Math.max(20, Math.round(width - 60 - side * columns.length)),
    },
  }
}

/** At most a dozen of the names, at equal distances. */
const everySo = (names: readonly unknown[]): unknown[] => names.filter((_, i) => i % Math.ceil(names.length / 12) === 0)

const charts = { line: lineChart, scatter: scatterChart, bar: barChart, heatmap: heatChart } as const

function legendKeys({ kind, series }: Figure, language: Language): Key[] {
  if (kind === 'heatmap') return heatKeys(series)
  if (series.length < 2) return []
  return series.map(({ label }, i) => ({
    text: inLanguage(label, language),
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

interface Window {
  readonly document: unknown
}

/** On a logarithmic axis 1, 2 and 5 are labelled. */
const decadeLabel = (value: number): string => ('125'.includes(value.toExponential(5).replace(/\.?0*e.*$/, '')) ? formatNumber(value) : '')

/** How an axis is marked, where the automatic choice is poor: a single value needs room, few whole numbers are the ticks themselves. */
function axisOptions(values: readonly unknown[], scale: 'linear' | 'log' | undefined): object {
  const numbers = values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value))
  if (scale === 'log') return { type: 'log', tickFormat: decadeLabel }
  if (numbers.length !== values.length || !numbers.length) return {}
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)]
  const format = { tickFormat: (value: number) => formatNumber(value) }
  if (low === high) return { ...format, domain: [low - (Math.abs(low) / 10 || 1), high + (Math.abs(high) / 10 || 1)] }
  const few = numbers.every(Number.isInteger) && high - low <= 12
  return few ? { ...format, ticks: [...new Set(numbers)] } : format
}

/** The axes of a chart of numbers. */
function numericAxes({ series, kind, xScale, yScale }: Figure): { x: object; y: object } {
  if (kind === 'bar' || kind === 'heatmap') return { x: {}, y: {} }
  const ends = series.flatMap(({ arrows = [] }) => arrows.flatMap(([x, y, toX, toY]) => [[x, y] as const, [toX, toY] as const]))
  const points = [...series.flatMap((one) => [...one.points, ...(one.seeds ?? []).flat()]), ...ends].filter(isPlottable)
  const bands = series.flatMap(({ band = [] }) => band).filter(isPlottable)
  const x = axisOptions(
    points.map(([value]) => value),
    xScale,
  )
  const y = axisOptions([...points.map(([, value]) => value), ...bands.flatMap(([, low, high]) => [low, high])], yScale)
  return { x, y: 'ticks' in y ? { tickFormat: (value: number) => formatNumber(value) } : y }
}

function drawOne(plot: Plot, window: Window, figure: Figure, language: Language): string {
  const { marks, options = {} } = charts[figure.kind](plot, figure)
  const [xLabel, yLabel] = figure.kind === 'bar' ? [figure.yLabel, undefined] : [figure.xLabel, figure.yLabel]
  const { x = {}, y = {}, height = 340, ...rest } = options as { x?: object; y?: object; height?: number }
  const axes = numericAxes(figure)
  const element = plot.plot({
    document: window.document,
    width,
    height,
    marginTop: 28,
    marginLeft: 60,
    marginBottom: 40,
    ariaLabel: figure.title[language],
    ariaDescription: figure.ariaDescription[language],
    style: { background: 'none', fontSize: '12px' },
    ...rest,
    x: { label: xLabel === undefined ? null : inLanguage(xLabel, language), ...axes.x, ...x },
    y: { grid: figure.kind !== 'bar', label: yLabel === undefined ? null : inLanguage(yLabel, language), ...axes.y, ...y },
    marks,
  } as never) as unknown as { outerHTML: string }
  return withLegend(element.outerHTML, legendKeys(figure, language), height)
}

/** Makes room above the chart and puts the legend there. */
function withLegend(svg: string, keys: readonly Key[], height: number): string {
  const room = legendHeight(keys, width)
  return svg
    .replace(/viewBox="[^"]*" height="[^"]*"/, `viewBox="0 ${-room} ${width} ${height + room}" height="${height + room}"`)
    .replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg" role="img"')
    .replace(/<\/svg>\s*$/, `<g transform="translate(0,${-room})">${legendSvg(keys, width)}</g></svg>`)
}

/** As a file of its own: plain colours, on white. */
const standalone = (svg: string): string =>
  `${svg.replace(/var\(--series-\d, (#[0-9a-f]{6})\)/g, '$1').replace('background:none', 'background:white')}\n`

/**
 * Draws figures as SVG, one for each language; the drawing libraries are loaded only here.
 * @example const { figures, files } = await drawFigures(experiment.figures(results))
 */
export async function drawFigures(figures: readonly Figure[]): Promise<{ figures: DrawnFigure[]; files: { file: string; svg: string }[] }> {
  if (!figures.length) return { figures: [], files: [] }
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')])
  const window = parseHTML('<!doctype html><html><body></body></html>') as unknown as Window
  const drawn = figures.map((figure) => ({
    figure,
    svg: Object.fromEntries(languages.map((language) => [language, drawOne(plot, window, figure, language)])) as Record<Language, string>,
  }))
  const files = drawn.flatMap(({ figure, svg }) => [
    { file: `${figure.id}.svg`, svg: standalone(svg.en) },
    { file: `${figure.id}.zh.svg`, svg: standalone(svg.zh) },
  ])
  return { figures: drawn, files }
}
