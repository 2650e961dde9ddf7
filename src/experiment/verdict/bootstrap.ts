import { draws, seedKey, uses } from '../../data/draws.ts'
import { quantile } from './statistics.ts'

/** Resamples; the ends of a 95 % interval are then known to 0.2 percentiles or so. */
export const resamples = 10_000

/**
 * The 95 % percentile interval of a statistic under the stratified bootstrap (Efron; Agarwal et al. 2021): each column of values is resampled with
 * replacement by itself, so that every stratum keeps its number of values. Always the same draws: a report that is made again has the same interval.
 *
 * It assumes that the values of a column are independent draws from one distribution, and is too narrow for few of them: by √((n − 1)/n) in a mean.
 */
export function bootstrapInterval(
  columns: readonly (readonly number[])[],
  statistic: (columns: readonly Float64Array[]) => number,
): [number, number] {
  const { integer } = draws(seedKey(0, uses.bootstrap))
  const drawn = columns.map(({ length }) => new Float64Array(length))
  const found = Float64Array.from({ length: resamples }, () => {
    for (const [i, column] of columns.entries()) for (let k = 0; k < column.length; k++) drawn[i][k] = column[integer(column.length)]
    return statistic(drawn)
  }).sort()
  return [quantile(found, 0.025), quantile(found, 0.975)]
}
