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
  count = resamples,
): [number, number] {
  const places = placesFor(
    columns.map(({ length }) => length),
    count,
  )
  const drawn = columns.map(({ length }) => new Float64Array(length))
  let at = 0
  const found = Float64Array.from({ length: count }, () => {
    for (const [i, column] of columns.entries()) for (let k = 0; k < column.length; k++) drawn[i][k] = column[places[at++]]
    return statistic(drawn)
  }).sort()
  return [quantile(found, 0.025), quantile(found, 0.975)]
}

let held: { readonly shape: string; readonly places: Uint16Array } | undefined

/** Which value of its column each drawn one is. The draws of the last shape are kept: most claims of a report have as many seeds. */
function placesFor(lengths: readonly number[], count: number): Uint16Array {
  const shape = [count, ...lengths].join()
  if (held?.shape === shape) return held.places
  const { integer } = draws(seedKey(0, uses.bootstrap))
  const each = lengths.flatMap((length) => new Array<number>(length).fill(length))
  const places = Uint16Array.from({ length: count * each.length }, (_, i) => integer(each[i % each.length]))
  held = { shape, places }
  return places
}
