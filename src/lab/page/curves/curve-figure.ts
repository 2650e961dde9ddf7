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
  const lines = groups.reduce((sum, { curves, hidden }) => sum + (hidden || !curves.length ? 0 : curves.length / 2 + 4), 0)
  // Of each column up to four points stay, eight of a mean with its interval, twice; single seeds, which are thin and pale, have half as many columns.
  const columns = Math.round(Math.min(640, Math.max(60, pointBudget / (4 * Math.max(1, lines)))))
  const thin: Thin = (steps, lines, share = 1) => seenRows(steps, lines, { logX, logY, columns: Math.round(columns * share) })
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

type Thin = (steps: readonly number[], lines: readonly (readonly number[])[], share?: number) => number[]

/**
 * Rows of lines over the same steps that can be seen in one of them, and have a place on the axes in the first. Tens of thousands go in, several times a
 * second: nothing is made for each.
 */
function seenRows(
  steps: readonly number[],
  lines: readonly (readonly number[])[],
  { logX, logY, columns }: CurveOptions & { readonly columns: number },
): number[] {
  const [first] = lines
  const rows = new Uint32Array(steps.length)
  const x = new Float64Array(steps.length)
  const y = new Float64Array(steps.length)
  let length = 0
  for (let i = 0; i < steps.length; i++) {
    if (!Number.isFinite(first[i]) || (logX && steps[i] <= 0) || (logY && first[i] <= 0)) continue
    rows[length] = i
    x[length++] = logX ? Math.log(steps[i]) : steps[i]
  }
  const seen = lines.flatMap((values) => {
    for (let k = 0; k < length; k++) y[k] = values[rows[k]]
    return seenIndices(x.subarray(0, length), y.subarray(0, length), columns)
  })
  return [...new Set(seen)].sort((a, b) => a - b).map((k) => rows[k])
}

function groupSeries(label: Label, curves: readonly Curve[], smoothing: number, thin: Thin): FigureSeries {
  const { steps, mean, low, high } = bandOf(curves, smoothing)
  const hasBand = curves.length > 1
  // The same rows of all three: each point has its interval, and no peak of either end is lost.
  const rows = thin(steps, hasBand ? [mean, low, high] : [mean])
  const shown = hasBand || smoothing > 0
  return {
    label,
    points: rows.map((i) => [steps[i], mean[i]] as const),
    ...(hasBand && { band: rows.map((i) => [steps[i], low[i], high[i]] as const) }),
    ...(shown && {
      seeds: curves.map((curve) => thin(curve.steps, [curve.values], 0.5).map((i) => [curve.steps[i], curve.values[i]] as const)),
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
