import { inLanguage, type Language, languages } from '../text.ts'
import { axesOf } from './axes.ts'
import { charts, chartWidth, type Plot } from './charts.ts'
import { describe } from './describe.ts'
import type { Figure } from './figure.ts'
import { legendKeys, legendSvg } from './legend.ts'
import { escaped } from './markup.ts'
import { withPlainColours } from './palette.ts'

/** A figure for a page: the SVG has no words but those of the data, so that one serves every language; the page adds labels and legend. */
export interface DrawnFigure {
  readonly figure: Figure
  readonly svg: string
}

/** Plot's own class, whose rules a page repeats once for all figures. */
const className = 'plot'

interface Drawer {
  readonly plot: Plot
  readonly document: unknown
}

/** Loads the drawing libraries. */
async function drawer(): Promise<Drawer> {
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')])
  const { document } = parseHTML('<!doctype html><html><body></body></html>') as unknown as { document: unknown }
  return { plot, document }
}

/** A figure as Plot draws it, without legend. Words are left out where no language is named. */
function drawOne({ plot, document }: Drawer, figure: Figure, language?: Language, beside?: Figure): { svg: string; height: number } {
  const { marks, options = {} } = charts[figure.kind](plot, figure)
  const { x = {}, y = {}, height = 340, ...rest } = options
  const [xLabel, yLabel] = axisLabels(figure)
  const axes = axesOf(figure, beside)
  const label = (text: Figure['xLabel'] | undefined) => (language === undefined || text === undefined ? null : inLanguage(text, language))
  const element = plot.plot({
    document,
    width: chartWidth,
    height,
    marginTop: language === undefined ? 10 : 28,
    marginLeft: 60,
    marginBottom: language === undefined ? 24 : 40,
    className,
    style: { background: 'none', fontSize: '12px' },
    ...rest,
    x: { label: label(xLabel), ...axes.x, ...x },
    y: { grid: figure.kind !== 'bar', label: label(yLabel), ...axes.y, ...y },
    marks,
  } as never) as unknown as { outerHTML: string }
  return { svg: withOwnNames(compact(element.outerHTML), figure.id), height }
}

/** What stands at the horizontal axis and at the vertical one: bars lie. */
export const axisLabels = ({ kind, xLabel, yLabel }: Figure): [Figure['xLabel'], Figure['yLabel'] | undefined] =>
  kind === 'bar' ? [yLabel, undefined] : [xLabel, yLabel]

/** Tenths of a pixel are enough for paths; the pieces of a drawing are no names for a reader: the drawing as a whole has one. */
const compact = (svg: string): string =>
  svg
    .replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"')
    .replaceAll(' aria-label="', ' data-mark="')
    .replace(/ d="[^"]+"/g, (path) => path.replace(/(\.\d)\d+/g, '$1'))

/** Markers are named after their figure: Plot counts those that it has ever drawn, and the same figure would not be the same file twice. */
function withOwnNames(svg: string, id: string): string {
  const names = new Map<string, string>()
  return svg.replace(
    /plot-(marker|clip)-\d+/g,
    (name, kind) => names.get(name) ?? names.set(name, `${id}-${kind}-${names.size}`).get(name)!,
  )
}

/** For a page: its style sheet has Plot's rules once. */
const forPage = (svg: string): string => svg.replace(/<style>[\s\S]*?<\/style>/, '')

/** As a file of its own: plain colours on white, with labels and legend. */
function standalone(draw: Drawer, figure: Figure, language: Language): string {
  const { svg, height } = drawOne(draw, figure, language)
  const legend = legendSvg(legendKeys(figure), chartWidth, language)
  const whole = svg
    .replace(/viewBox="[^"]*"/, `viewBox="0 ${-legend.height} ${chartWidth} ${height + legend.height}"`)
    .replace(/ height="[^"]*"/, ` height="${height + legend.height}"`)
    .replace(
      '<svg',
      `<svg role="img" aria-label="${escaped(figure.title[language])}" aria-description="${escaped(describe(figure)[language])}"`,
    )
    .replace(/<\/svg>\s*$/, `<g transform="translate(0,${-legend.height})">${legend.svg}</g></svg>`)
  return `${withPlainColours(whole).replace('background:none', 'background:white')}\n`
}

/**
 * Draws figures as SVG: for a page, and as files in each language. The drawing libraries are loaded only here.
 * @example const { figures, files } = await drawFigures(experiment.figures(results))
 */
export async function drawFigures(figures: readonly Figure[]): Promise<{ figures: DrawnFigure[]; files: { file: string; svg: string }[] }> {
  if (!figures.length) return { figures: [], files: [] }
  const draw = await drawer()
  const files = figures.flatMap((figure) =>
    languages.map((language) => ({
      file: language === 'en' ? `${figure.id}.svg` : `${figure.id}.${language}.svg`,
      svg: standalone(draw, figure, language),
    })),
  )
  return { figures: figures.map((figure) => ({ figure, svg: forPage(drawOne(draw, figure).svg) })), files }
}

/** Two figures of the same thing with the same axes, to stand side by side. */
export async function drawPair(a: Figure, b: Figure): Promise<[DrawnFigure, DrawnFigure]> {
  const draw = await drawer()
  return [
    { figure: a, svg: forPage(drawOne(draw, a, undefined, b).svg) },
    { figure: b, svg: forPage(drawOne(draw, b, undefined, a).svg) },
  ]
}
