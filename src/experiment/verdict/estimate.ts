import { bootstrapInterval, resamples } from './bootstrap.ts'
import { interquartileMean, shareAbove } from './robust.ts'
import { isStratified, perSeed, type Score, type Strata, strataOf } from './scores.ts'
import { mean, summarize } from './statistics.ts'

/**
 * What of the scores is held against a bar.
 * - `mean`: their mean over seeds (of each seed's mean over strata), with Student's t interval. Assumes that the mean of so few is about normal.
 * - `iqm`: the interquartile mean of all scores of all strata, with the stratified percentile bootstrap. Outliers hardly move it.
 * - `improvement`: the probability that a seed of the arm scores higher than a seed of the baseline, the mean over strata, with the same bootstrap.
 */
export type Statistic = 'mean' | 'iqm' | 'improvement'

/** How the interval was reached; `none` for what is deterministic. */
export type IntervalKind = 'student-t' | 'stratified-bootstrap' | 'none'

export interface Estimate {
  readonly statistic: Statistic
  readonly interval: IntervalKind
  /** What is held against the bar. */
  readonly estimate: number
  /** The 95 % interval of the estimate, where there is one. */
  readonly ci95?: readonly [number, number]
  /** The mean of `values`. */
  readonly mean: number
  /** Seeds. */
  readonly n: number
  /** One number a seed: its score, the mean of its scores over strata, or for `improvement` the share of the baseline's seeds that it beats. */
  readonly values: readonly number[]
  /** What was measured, by stratum, where that is not `values`. */
  readonly strata?: Strata
}

/** @param rival the baseline's scores, for `improvement`. */
export function estimate(
  scores: readonly Score[],
  statistic: Statistic = 'mean',
  rival: readonly Score[] = [],
  count = resamples,
): Estimate {
  const strata = strataOf(scores)
  const shown = isStratified(scores) || statistic === 'improvement' ? { strata } : {}
  if (statistic === 'improvement') return { ...improvement(strata, strataOf(rival), count), ...shown }
  const values = perSeed(strata)
  const { mean, n, ci95 } = summarize(values)
  if (statistic === 'mean') return { statistic, interval: 'student-t', estimate: mean, ci95, mean, n, values, ...shown }
  return { statistic, interval: 'stratified-bootstrap', ...interquartile(Object.values(strata), count), mean, n, values, ...shown }
}

const allFinite = (columns: readonly (readonly number[])[]): boolean => columns.every((column) => column.every(Number.isFinite))

function interquartile(columns: readonly (readonly number[])[], count: number): Pick<Estimate, 'estimate' | 'ci95'> {
  const pooled = columns.flat()
  const estimate = interquartileMean(pooled)
  if (columns[0].length < 2 || !allFinite(columns)) return { estimate }
  return { estimate, ci95: bootstrapInterval(columns, (drawn) => interquartileMean(joined(drawn, pooled.length)), count) }
}

function joined(columns: readonly Float64Array[], length: number): Float64Array {
  const all = new Float64Array(length)
  let at = 0
  for (const column of columns) {
    all.set(column, at)
    at += column.length
  }
  return all
}

function improvement(own: Strata, rival: Strata, count: number): Omit<Estimate, 'strata'> {
  const columns = Object.values(own)
  const rivals = Object.keys(own).map((name) => rival[name] ?? [])
  const complete = allFinite(columns) && allFinite(rivals) && rivals.every(({ length }) => length > 0)
  const share = (columns: readonly ArrayLike<number>[], rivals: readonly ArrayLike<number>[]) =>
    complete ? mean(columns.map((column, i) => shareAbove(column, rivals[i]))) : Number.NaN
  const values = columns[0].map((_, seed) =>
    share(
      columns.map((column) => [column[seed]]),
      rivals,
    ),
  )
  const estimate = share(columns, rivals)
  const found = { statistic: 'improvement', interval: 'stratified-bootstrap', estimate, mean: estimate, n: values.length, values } as const
  if (!complete || values.length < 2) return found
  const ofDrawn = (drawn: readonly Float64Array[]) => share(drawn.slice(0, columns.length), drawn.slice(columns.length))
  const pairs = columns.reduce((sum, column, i) => sum + Math.min(column.length, rivals[i].length), 0)
  return { ...found, ci95: withSeparation(estimate, bootstrapInterval([...columns, ...rivals], ofDrawn, count), pairs) }
}

/**
 * Where every seed beats every rival, so does every resample, and the bootstrap knows no doubt. What can be said then: of `pairs` independent pairs all
 * were won, which happens with probability Pᵖᵃⁱʳˢ at most, so that P is at least 0.025^(1/pairs) (Clopper and Pearson); likewise where every one is lost.
 */
function withSeparation(estimate: number, [low, high]: readonly [number, number], pairs: number): [number, number] {
  const least = 0.025 ** (1 / pairs)
  return [estimate === 1 ? least : low, estimate === 0 ? 1 - least : high]
}
