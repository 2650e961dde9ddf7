import type * as PlotModule from '@observablehq/plot'
import { formatNumber } from '../format.ts'
import type { Figure, FigureSeries } from './figure.ts'
import { seriesColour, seriesDash, seriesSymbol } from './palette.ts'
import { thinned } from './thin.ts'

export type Plot = typeof PlotModule
type Point = FigureSeries['points'][number]
/** One mark of Plot; its typings need a browser's, which this package does not load. */
type Mark = object

export interface Chart {
  readonly marks: readonly Mark[]
  readonly options?: { readonly x?: object; readonly y?: object; readonly height?: number; readonly [name: string]: unknown }
}

export const chartWidth = 680

export const isPlottable = (point: readonly unknown[]): boolean =>
  point.every((value) => typeof value !== 'number' || Number.isFinite(value))

function lineChart(plot: Plot, { series, xScale, yScale }: Figure): Chart {
  const isOnAxes = ([x, y]: readonly unknown[]) => (xScale !== 'log' || Number(x) > 0) && (yScale !== 'log' || Number(y) > 0)
  const visible = <P extends Point>(points: readonly P[]) =>
    thinned(
      points.filter((point) => isPlottable(point) && isOnAxes(point)),
      xScale,
    )
  const draw = (points: readonly Point[], i: number, options: object) =>
    plot.line(visible(points) as never, { x: '0', y: '1', stroke: seriesColour(i), strokeDasharray: seriesDash(i), ...options } as never)
  return {
    marks: [
      ...series.flatMap(({ band = [] }, i) =>
        plot.areaY(visible(band) as never, { x: '0', y1: '1', y2: '2', fill: seriesColour(i), fillOpacity: 0.14 } as never),
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

const textWidth = (text: string): number => [...text].reduce((sum, character) => sum + (character > '⺀' ? 12.5 : 7.2), 0)

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

const heatHeight = 400

/** Cells with sides of so many pixels also say their value: colour alone tells nobody who does not see it. */
const roomForValue = 34

/** Cells are square where that leaves them room, and many of them are not all named. */
function heatChart(plot: Plot, { series }: Figure): Chart {
  const cells = series.flatMap(({ points }) => points.filter(isPlottable))
  const [columns, rows] = [0, 1].map((axis) => [...new Set(cells.map((cell) => cell[axis]!))])
  const side = Math.min((chartWidth - 80) / columns.length, (heatHeight - 68) / rows.length)
  const axis = (names: readonly unknown[]) => ({ type: 'band', padding: 0, ticks: everySo(names) })
  const values = cells.map(([, , value]) => value!)
  const middle = (Math.min(...values) + Math.max(...values)) / 2
  const written = side >= roomForValue ? cells : []
  return {
    marks: [
      plot.cell(cells as never, { x: '0', y: '1', fill: '2', inset: 0 } as never),
      ...(written.length
        ? [
            plot.text(
              written.map(([x, y, value]) => ({ x, y, text: formatNumber(value, 2), fill: value! > middle ? '#000' : '#fff' })) as never,
              { x: 'x', y: 'y', text: 'text', fill: 'fill', fontSize: 10 } as never,
            ),
          ]
        : []),
    ],
    options: {
      color: { scheme: 'viridis', type: 'linear' },
      x: axis(columns),
      y: axis(rows),
      height: heatHeight,
      marginRight: Math.max(20, Math.round(chartWidth - 60 - side * columns.length)),
    },
  }
}

/** At most a dozen of the names, at equal distances. */
const everySo = (names: readonly unknown[]): unknown[] => names.filter((_, i) => i % Math.ceil(names.length / 12) === 0)

/** How each kind of figure is drawn. */
export const charts = { line: lineChart, scatter: scatterChart, bar: barChart, heatmap: heatChart } as const
