import Papa from 'papaparse'
import { inLanguage, type Label } from '../text.ts'
import type { Figure, FigureSeries } from './figure.ts'

type Cell = string | number | undefined

const english = (label: Label): string => inLanguage(label, 'en')

/** Rows of a series: what is drawn, then its single seeds, numbered, then its arrows. */
function rowsOf({ label, points, band = [], seeds = [], arrows = [] }: FigureSeries, isMap: boolean): Cell[][] {
  const name = english(label)
  const bandAt = new Map(band.map(([x, low, high]) => [x, [low, high]]))
  return [
    ...points.map(([x, y, value]) => (isMap ? [name, x, y, value] : [name, '', x, y, ...(bandAt.get(x) ?? [])])),
    ...seeds.flatMap((line, i) => line.map(([x, y]) => [name, i + 1, x, y])),
    ...arrows.map(([x, y, toX, toY]) => [name, '', x, y, '', '', toX, toY]),
  ]
}

const newline = '\r\n'

/** All data of a figure as a table of text with full digits, whatever a page leaves out. */
export function figureCsv({ kind, series, xLabel, yLabel }: Figure): string {
  const isMap = kind === 'heatmap'
  const axes = [english(xLabel), english(yLabel)]
  const head = isMap ? ['series', ...axes, 'value'] : ['series', 'seed number', ...axes, 'low', 'high']
  const hasArrows = series.some(({ arrows = [] }) => arrows.length > 0)
  const rows = [[...head, ...(hasArrows ? axes.map((name) => `to ${name}`) : [])], ...series.flatMap((one) => rowsOf(one, isMap))]
  const full = rows.map((row) => [...row, ...Array.from({ length: rows[0].length - row.length }, () => '')])
  return Papa.unparse(full, { newline }) + newline
}
