/** A straight line fitted by least squares, and how far the points are from it (root of the mean square). */
export interface Line {
  readonly slope: number
  readonly intercept: number
  readonly residual: number
}

/** @throws RangeError for fewer than two different x. */
export function fitLine(x: readonly number[], y: readonly number[]): Line {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [mx, my] = [mean(x), mean(y)]
  const spread = x.reduce((sum, value) => sum + (value - mx) ** 2, 0)
  if (!(spread > 0)) throw new RangeError('a line needs two points')
  const slope = x.reduce((sum, value, i) => sum + (value - mx) * (y[i] - my), 0) / spread
  const intercept = my - slope * mx
  return { slope, intercept, residual: Math.sqrt(mean(y.map((value, i) => (value - intercept - slope * x[i]) ** 2))) }
}

/** How a positive quantity falls with t: log₁₀ of it as a line in t (exponential), and as a line in log₁₀ t (a power of t). */
export interface Rates {
  readonly exponential: Line
  readonly polynomial: Line
}

/**
 * Both laws fitted to gap[t] over from ≤ t ≤ to, as far as it stays above `floor` (below it is rounding). Equally many points a unit of t and a unit
 * of log t would favour one law, so the points are every t.
 */
export function fitRates(gap: ArrayLike<number>, { from, to, floor = 1e-12 }: { from: number; to: number; floor?: number }): Rates {
  const times: number[] = []
  for (let t = from; t <= to && gap[t] > floor; t++) times.push(t)
  const logs = times.map((t) => Math.log10(gap[t]))
  return { exponential: fitLine(times, logs), polynomial: fitLine(times.map(Math.log10), logs) }
}

/** Below this many decades a residual is as good as none. */
const exact = 1e-3

/** log₁₀ of how many times better the exponential law fits than the polynomial one; negative where the polynomial one is better. */
export const exponentialAdvantage = ({ exponential, polynomial }: Rates): number =>
  Math.log10(Math.max(polynomial.residual, exact) / Math.max(exponential.residual, exact))
