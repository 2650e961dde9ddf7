import { InputError } from '../../engine/index.ts'
import { average } from '../metrics/index.ts'
import { requireComparable, type Score } from './scores.ts'

/** With divisor n − 1; NaN for one value. */
export function deviationOf(values: ArrayLike<number>): number {
  const mean = average(values)
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2
  return Math.sqrt(squares / (values.length - 1))
}

/** A mean over repetitions, ± 2 standard errors. */
export interface Interval {
  readonly mean: number
  readonly standardError: number
  readonly low: number
  readonly high: number
  readonly values: readonly number[]
}

/**
 * The mean of a score over several sampling seeds, ± 2 standard errors: what another sampling of the same models would change.
 *
 * @throws InputError for fewer than three values.
 * @example
 * intervalOf([1, 2, 3]).mean // 2
 */
export function intervalOf(values: readonly number[]): Interval {
  if (values.length < 3) throw new InputError(`${values.length} values give no interval`, { fix: 'sample with at least 3 seeds' })
  const mean = average(values)
  const standardError = deviationOf(values) / Math.sqrt(values.length)
  return { mean, standardError, low: mean - 2 * standardError, high: mean + 2 * standardError, values: [...values] }
}

/**
 * As `intervalOf`, of scores; all must be of one metric, network and count.
 *
 * @example
 * const score = { metric: 'fid', n: 1000, real: 1000, network: 'a' }
 * scoreInterval([1, 2, 3].map((value) => ({ ...score, value }))).mean // 2
 */
export function scoreInterval(scores: readonly Score[]): Interval {
  for (const score of scores) requireComparable(score, scores[0])
  return intervalOf(scores.map(({ value }) => value))
}
