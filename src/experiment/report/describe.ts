import { formatNumber } from '../format.ts'
import { inEach, inLanguage, type Label, type Language, type Text } from '../text.ts'
import { isPlottable } from './charts.ts'
import type { Figure, FigureSeries } from './figure.ts'
import { figureMessages as say } from './figure-messages.ts'

/*
 * What a chart shows, in words made from its data: for whoever cannot see it. What the author expects to be seen is another text, `ariaDescription`.
 */

type Point = FigureSeries['points'][number]

const shown = (value: number | string | undefined): string => (typeof value === 'number' ? formatNumber(value) : (value ?? ''))

const extreme = (points: readonly Point[], isBetter: (a: number, b: number) => boolean, at = 1): Point =>
  points.reduce((best, point) => (isBetter(point[at] as number, best[at] as number) ? point : best))

const lowest = (points: readonly Point[], at?: number): Point => extreme(points, (a, b) => a < b, at)
const highest = (points: readonly Point[], at?: number): Point => extreme(points, (a, b) => a > b, at)

/** `from 1 at 0 to 0.2 at 100, lowest 0.1 at 80` */
function lineWords(points: readonly Point[], language: Language): string {
  const [first, last] = [points[0], points[points.length - 1]]
  const [low, high] = [lowest(points), highest(points)]
  const isEnd = (point: Point) => point[1] === first[1] || point[1] === last[1]
  return [
    say.fromTo(shown(first[1]), shown(first[0]), shown(last[1]), shown(last[0]))[language],
    ...(isEnd(low) ? [] : [say.lowest(shown(low[1]), shown(low[0]))[language]]),
    ...(isEnd(high) ? [] : [say.highest(shown(high[1]), shown(high[0]))[language]]),
  ].join(say.comma[language])
}

const scatterWords = (points: readonly Point[], language: Language): string =>
  say.cloud(
    points.length,
    [shown(lowest(points, 0)[0]), shown(highest(points, 0)[0])],
    [shown(lowest(points)[1]), shown(highest(points)[1])],
  )[language]

function barWords(points: readonly Point[], { band = [] }: FigureSeries, language: Language): string {
  const intervals = new Map(band.map(([name, low, high]) => [name, `${shown(low)} – ${shown(high)}`]))
  return points
    .map(([name, value]) => `${name} ${shown(value)}${intervals.has(name) ? ` (${intervals.get(name)})` : ''}`)
    .join(say.semicolon[language])
}

function heatWords(points: readonly Point[], language: Language): string {
  const [low, high] = [lowest(points, 2), highest(points, 2)]
  return say.cells(
    points.length,
    [low, high].map(([x, y, value]) => ({ value: shown(value), x: shown(x), y: shown(y) })),
  )[language]
}

function wordsOf({ kind }: Figure, series: FigureSeries, language: Language): string {
  const points = series.points.filter(isPlottable)
  if (!points.length) return series.arrows?.length ? say.arrows(series.arrows.length)[language] : say.noPoints[language]
  if (kind === 'line') return lineWords(points, language)
  if (kind === 'scatter') return scatterWords(points, language)
  return kind === 'bar' ? barWords(points, series, language) : heatWords(points, language)
}

/** Whether there is anything to draw. */
export const isEmpty = ({ series }: Figure): boolean =>
  series.every(({ points, arrows = [] }) => !points.some(isPlottable) && arrows.length === 0)

/** A figure in words. */
export const describe = (figure: Figure): Text =>
  inEach((language) => {
    const name = (label: Label) => inLanguage(label, language)
    const series = figure.series.map((one) => `${name(one.label)}${say.colon[language]}${wordsOf(figure, one, language)}`)
    return `${say.axes(name(figure.yLabel), name(figure.xLabel))[language]} ${series.join(say.stop[language])}`
  })
