import type { Figure, FigureSeries } from '../../../experiment/report/figure.ts'
import { seenIndices } from '../../../experiment/report/thin.ts'
import { type Label, sameText } from '../../../experiment/text.ts'
import { texts } from '../../texts.ts'
import { allSteps } from '../steps.ts'
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
const pointBudget = 10_000

/** A chart of one quantity: for each group the mean over its seeds with its interval, and the single seeds. Hidden groups keep their colours. */
export const curveFigure = (...given: Parameters<typeof curveFigureInSteps>): Figure => allSteps(curveFigureInSteps(...given))

/** The same, a group a step. */
export function* curveFigureInSteps(name: string, groups: readonly CurveGroup[], options: CurveOptions = {}): Generator<void, Figure> {
  const { logX, logY, smoothing = 0 } = options
  const lines = groups.reduce((sum, { curves, hidden }) => sum + (hidden || !curves.length ? 0 : curves.length / 2 + 3), 0)
  // Of each column up to four points stay; single seeds, which are thin and pale, have half as many columns.
  const columns = Math.round(Math.min(640, Math.max(60, pointBudget / (4 * Math.max(1, lines)))))
  const thin: Thin = (steps, values, share = 1) => seenRows(steps, values, { logX, logY, columns: Math.round(columns * share) })
  const series: FigureSeries[] = []
  for (const { label, curves, hidden } of groups) {
    series.push(hidden ? { label, points: [] } : groupSeries(label, curves, smoothing, thin))
    yield
  }
  return {
    id: name,
    title: sameText(name),
    kind: 'line',
    xLabel: texts.step,
    yLabel: name,
    xScale: logX ? 'log' : 'linear',
    yScale: logY ? 'log' : 'linear',
    series,
    ariaDescription: texts.bandNote,
  }
}

type Thin = (steps: readonly number[], values: readonly number[], share?: number) => number[]

/** Rows of columns that have a place on the axes and can be seen there. Tens of thousands go in, several times a second: nothing is made for each. */
function seenRows(
  steps: readonly number[],
  values: readonly number[],
  { logX, logY, columns }: CurveOptions & { readonly columns: number },
): number[] {
  const rows = new Uint32Array(steps.length)
  const x = new Float64Array(steps.length)
  const y = new Float64Array(steps.length)
  let length = 0
  for (let i = 0; i < steps.length; i++) {
    if (!Number.isFinite(values[i]) || (logX && steps[i] <= 0) || (logY && values[i] <= 0)) continue
    rows[length] = i
    x[length] = logX ? Math.log(steps[i]) : steps[i]
    y[length++] = values[i]
  }
  return seenIndices(x.subarray(0, length), y.subarray(0, length), columns).map((k) => rows[k])
}

function groupSeries(label: Label, curves: readonly Curve[], smoothing: number, thin: Thin): FigureSeries {
  const { steps, mean, low, high } = bandOf(curves, smoothing)
  const points = thin(steps, mean).map((i) => [steps[i], mean[i]] as const)
  const shown = curves.length > 1 || smoothing > 0
  return {
    label,
    points,
    // The corners of the band are those of the mean: whatever lies between two of them cannot be seen.
    ...(curves.length > 1 && { band: thin(steps, low).map((i) => [steps[i], low[i], high[i]] as const) }),
    ...(shown && {
      seeds: curves.map((curve) => thin(curve.steps, curve.values, 0.5).map((i) => [curve.steps[i], curve.values[i]] as const)),
    }),
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
