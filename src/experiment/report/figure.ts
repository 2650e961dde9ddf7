import type { Label, Text } from '../text.ts'

export interface FigureSeries {
  readonly label: Label
  /** `[x, y]`; x is a category in bars; a heat map has `[x, y, value]`. */
  readonly points: readonly (readonly [number | string, number | string, number?])[]
  /** `[x, low, high]`, drawn as a band (lines) or as a whisker (bars). */
  readonly band?: readonly (readonly [number | string, number, number])[]
  /** `[x, y, toX, toY]`, drawn as arrows (lines). */
  readonly arrows?: readonly (readonly [number, number, number, number])[]
  /** Single seeds, drawn as thin lines. */
  readonly seeds?: readonly (readonly (readonly [number, number])[])[]
}

/** A chart as data; drawn as SVG in reports, and always accompanied by its table. */
export interface Figure {
  /** File name under artifacts/, without ending. */
  readonly id: string
  readonly title: Text
  readonly kind: 'line' | 'scatter' | 'bar' | 'heatmap'
  readonly xLabel: Label
  readonly yLabel: Label
  readonly xScale?: 'linear' | 'log'
  readonly yScale?: 'linear' | 'log'
  readonly series: readonly FigureSeries[]
  /** What a person who cannot see the chart should learn from it. */
  readonly ariaDescription: Text
}
