import { formatNumber } from '../format.ts'
import { isPlottable } from './charts.ts'
import type { Figure } from './figure.ts'

/** On a logarithmic axis 1, 2 and 5 are labelled. */
const decadeLabel = (value: number): string => ('125'.includes(value.toExponential(5).replace(/\.?0*e.*$/, '')) ? formatNumber(value) : '')

/** A range from -1e308 to 1e308 has a length that is no number: so large values are drawn at a quarter of themselves, and marked as they are. */
const quarter = { transform: (value: number) => value / 4, tickFormat: (value: number) => formatNumber(value * 4) }

const isVast = (low: number, high: number): boolean => Math.max(-low, high) > Number.MAX_VALUE / 4

/** How an axis is marked, where the automatic choice is poor: a single value needs room, few whole numbers are the ticks themselves. */
function axisOptions(values: readonly unknown[], scale: 'linear' | 'log' | undefined, fixed: boolean): object {
  const numbers = values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value))
  if (scale === 'log') {
    const positive = numbers.filter((value) => value > 0)
    const domain = fixed && positive.length ? { domain: [least(positive), most(positive)] } : {}
    return { type: 'log', tickFormat: decadeLabel, ...domain }
  }
  if (numbers.length !== values.length || !numbers.length) return {}
  const ends = [least(numbers), most(numbers)] as const
  const vast = isVast(...ends)
  const [low, high] = vast ? ends.map(quarter.transform) : ends
  const format = vast ? quarter : { tickFormat: (value: number) => formatNumber(value) }
  if (low === high) return { ...format, domain: [low - (Math.abs(low) / 10 || 1), high + (Math.abs(high) / 10 || 1)] }
  const few = !vast && numbers.every(Number.isInteger) && high - low <= 12
  return { ...format, ...(few && { ticks: [...new Set(numbers)] }), ...(fixed && { domain: [low, high] }) }
}

// Not Math.min(...values): a call takes only so many arguments.
const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b))
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b))

/** Everything that a figure draws, as points and as the ends of intervals. */
function extents({ series }: Figure) {
  const ends = series.flatMap(({ arrows = [] }) => arrows.flatMap(([x, y, toX, toY]) => [[x, y] as const, [toX, toY] as const]))
  const points = [...series.flatMap((one) => [...one.points, ...(one.seeds ?? []).flat()]), ...ends].filter(isPlottable)
  return { points, bands: series.flatMap(({ band = [] }) => band).filter(isPlottable) }
}

/** The axes of a figure; `beside` is another one that is to have the same. */
export function axesOf(figure: Figure, beside?: Figure): { x: object; y: object } {
  const all = [figure, ...(beside ? [beside] : [])].map(extents)
  const points = all.flatMap((each) => each.points)
  const ends = all.flatMap(({ bands }) => bands.flatMap(([, low, high]) => [low, high]))
  if (figure.kind === 'heatmap') return { x: {}, y: {} }
  if (figure.kind === 'bar') {
    const values = [0, ...points.map(([, value]) => Number(value)), ...ends]
    return { x: beside ? { domain: [least(values), most(values)] } : {}, y: {} }
  }
  const fixed = beside !== undefined
  const x = axisOptions(
    points.map(([value]) => value),
    figure.xScale,
    fixed,
  )
  const { ticks: _, ...y } = axisOptions([...points.map(([, value]) => value), ...ends], figure.yScale, fixed) as { ticks?: unknown }
  return { x, y }
}
