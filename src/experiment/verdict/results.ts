import type { PlainObject } from '../config.ts'
import type { Arm, Series, UnitRecord } from '../definition.ts'
import type { FigureSeries } from '../report/figure.ts'
import { inLanguage, type Label } from '../text.ts'
import { summarize } from './statistics.ts'

/** All finished units of a run. */
export interface Results {
  readonly config: PlainObject
  readonly arms: readonly Arm[]
  readonly units: readonly UnitRecord[]
}

/**
 * An arm's units in the order of their seeds.
 *
 * @example
 * const unit = { arm: 'adam', seed: 0, measurements: { loss: 0.1 } }
 * unitsOf({ units: [unit] } as never, 'adam').length // 1
 */
export const unitsOf = ({ units }: Results, arm: string): UnitRecord[] =>
  units.filter((unit) => unit.arm === arm).sort((a, b) => a.seed - b.seed)

/**
 * An arm's unit with a seed; an arm that ran with a single seed stands for all.
 *
 * @example
 * const unit = { arm: 'adam', seed: 0, measurements: { loss: 0.1 } }
 * unitOf({ units: [unit] } as never, 'adam', 0)?.measurements.loss // 0.1
 */
export function unitOf(results: Results, arm: string, seed: number): UnitRecord | undefined {
  const own = unitsOf(results, arm)
  return own.find((unit) => unit.seed === seed) ?? (own.length === 1 ? own[0] : undefined)
}

/**
 * What tables and legends call an arm.
 *
 * @example
 * labelOf({ arms: [{ id: 'sgd', label: { en: 'SGD, projected', zh: '投影 SGD' }, kind: 'baseline' }] }, 'sgd') // { en: 'SGD, projected', zh: '投影 SGD' }
 */
export const labelOf = ({ arms }: Pick<Results, 'arms'>, id: string): Label => arms.find((arm) => arm.id === id)?.label ?? id

/**
 * What an arm's bar is called: a category is data, which one drawing has for every language.
 *
 * @example
 * categoryOf({ arms: [{ id: 'sgd', label: { en: 'SGD, projected', zh: '投影 SGD' }, kind: 'baseline' }] }, 'sgd') // 'SGD, projected'
 */
export const categoryOf = (results: Pick<Results, 'arms'>, id: string): string => inLanguage(labelOf(results, id), 'en')

/**
 * An arm's curve for a figure: the mean over seeds, its interval as a band, single seeds as thin lines. The band ends where the quantity cannot
 * go: `within: [0, 1]` for shares.
 * @example series: ['ramda', 'prox-adamw'].map((arm) => curve(results, arm, 'sparsity', { within: [0, 1] }))
 */
export function curve(results: Results, arm: string, name: string, options: AveragedOptions = {}): FigureSeries {
  const runs = unitsOf(results, arm).flatMap(({ series }) => (series[name] ? [series[name]] : []))
  return averaged(labelOf(results, arm), runs, options)
}

interface AveragedOptions {
  /** What a value can be: intervals end there. */
  readonly within?: readonly [number, number]
}

/**
 * One curve a seed, drawn as their mean with its interval and each as a thin line.
 * @example averaged('gain', [{ x: [1, 2], y: [3, 4] }, { x: [1, 2], y: [5, 8] }]).points // [[1, 4], [2, 6]]
 */
export function averaged(
  label: FigureSeries['label'],
  runs: readonly Series[],
  { within: [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] }: AveragedOptions = {},
): FigureSeries {
  const steps = [...new Set(runs.flatMap(({ x }) => x))].sort((a, b) => a - b)
  const columns = runs.map(({ x, y }) => new Map(x.map((step, i) => [step, y[i]])))
  const summaries = steps.flatMap((step) => {
    const values = columns.flatMap((column) => (Number.isFinite(column.get(step)) ? [column.get(step)!] : []))
    return values.length ? [{ step, ...summarize(values) }] : []
  })
  return {
    label,
    points: summaries.map(({ step, mean }) => [step, mean]),
    band: summaries.flatMap(({ step, ci95 }) => (ci95 ? [[step, Math.max(ci95[0], least), Math.min(ci95[1], most)] as const] : [])),
    seeds: runs.length > 1 ? runs.map(({ x, y }) => x.map((step, i) => [step, y[i]] as const)) : undefined,
  }
}

/**
 * A measurement of several arms as bars with intervals.
 * @example series: [bars(results, ['ramda', 'rmda'], 'accuracy')]
 */
export function bars(results: Results, arms: readonly string[], name: string): FigureSeries {
  const summaries = arms.flatMap((arm) => {
    const values = unitsOf(results, arm).map(({ measurements }) => measurements[name])
    return values.length && values.every(Number.isFinite) ? [{ category: categoryOf(results, arm), ...summarize(values) }] : []
  })
  return {
    label: name,
    points: summaries.map(({ category, mean }) => [category, mean]),
    band: summaries.flatMap(({ category, ci95 }) => (ci95 ? [[category, ci95[0], ci95[1]] as const] : [])),
  }
}

/**
 * Two measurements of several arms against each other: one series an arm, one point a seed.
 * @example series: frontier(results, arms, 'sparsity', 'accuracy')
 */
export const frontier = (results: Results, arms: readonly string[], x: string, y: string): FigureSeries[] =>
  arms.map((arm) => ({
    label: labelOf(results, arm),
    points: unitsOf(results, arm).flatMap(({ measurements }) =>
      Number.isFinite(measurements[x]) && Number.isFinite(measurements[y]) ? [[measurements[x], measurements[y]] as const] : [],
    ),
  }))
