import { isPlottable } from '../../../experiment/report/charts.ts'
import type { Figure, FigureSeries } from '../../../experiment/report/figure.ts'
import { thinned } from '../../../experiment/report/thin.ts'
import { type Label, sameText } from '../../../experiment/text.ts'
import { texts } from '../../texts.ts'
import type { Curve } from './curves.ts'
import { type Band, overSeeds } from './over-seeds.ts'
import { smoothed } from './smooth.ts'

/** Curves that belong together: the seeds of an arm. */
export interface CurveGroup {
  readonly label: Label
  readonly curves: readonly Curve[]
  readonly hidden?: boolean
}

export interface CurveOptions {
  readonly logX?: boolean
  readonly logY?: boolean
  /** From 0, as measured, to less than 1. */
  readonly smoothing?: number
}

/** Points that a chart can draw several times a second without a pause. */
const pointBudget = 60_000

/** A chart of one quantity: for each group the mean over its seeds with its interval, and the single seeds. Hidden groups keep their colours. */
export function curveFigure(name: string, groups: readonly CurveGroup[], options: CurveOptions = {}): Figure {
  const { logX, logY, smoothing = 0 } = options
  const lines = groups.reduce((sum, { curves, hidden }) => sum + (hidden || !curves.length ? 0 : curves.length + 3), 0)
  // Of each column up to four points stay.
  const columns = Math.round(Math.min(640, Math.max(60, pointBudget / (4 * Math.max(1, lines)))))
  const thin: Thin = (points) => {
    const visible = points.filter((point) => isPlottable(point) && !(logX && point[0] <= 0) && !(logY && point[1] <= 0))
    return thinned(visible, logX ? 'log' : 'linear', columns)
  }
  return {
    id: name,
    title: sameText(name),
    kind: 'line',
    xLabel: texts.step,
    yLabel: name,
    xScale: logX ? 'log' : 'linear',
    yScale: logY ? 'log' : 'linear',
    series: groups.map(({ label, curves, hidden }) => (hidden ? { label, points: [] } : groupSeries(label, curves, smoothing, thin))),
    ariaDescription: texts.bandNote,
  }
}

type Thin = <P extends readonly [number, number, number?]>(points: readonly P[]) => readonly P[]

function groupSeries(label: Label, curves: readonly Curve[], smoothing: number, thin: Thin): FigureSeries {
  const { steps, mean, low, high } = bandOf(curves, smoothing)
  const points = thin(steps.map((step, i) => [step, mean[i]] as const))
  const shown = curves.length > 1 || smoothing > 0
  return {
    label,
    points,
    // The corners of the band are those of the mean: whatever lies between two of them cannot be seen.
    ...(curves.length > 1 && { band: thin(steps.map((step, i) => [step, low[i], high[i]] as const)) }),
    ...(shown && { seeds: curves.map((curve) => thin(curve.steps.map((step, i) => [step, curve.values[i]] as const))) }),
  }
}

/** While a run goes on, only the arm that trains changes; the others' means are kept. */
const kept = new WeakMap<Curve, { key: string; band: Band }>()

function bandOf(curves: readonly Curve[], smoothing: number): Band {
  if (!curves.length) return overSeeds([])
  const key = `${smoothing} ${curves.map(({ steps, values }) => `${steps.length}:${steps.at(-1)}:${values.at(-1)}`).join(' ')}`
  const before = kept.get(curves[0])
  if (before?.key === key) return before.band
  const band = overSeeds(curves.map(({ steps, values }) => ({ steps, values: smoothed(values, smoothing) })))
  kept.set(curves[0], { key, band })
  return band
}
