import { InputError } from '../../engine/index.ts'
import { fid } from './fid.ts'
import { type Interval, intervalOf } from './intervals.ts'
import { type Features, requireAlike } from './scores.ts'
import { someFeatures } from './subsets.ts'

/* FID of finite samples is too large, by an amount that falls with n. Two remedies: say what equals would score at that n, and extrapolate to n → ∞. */

export interface FloorOptions {
  /** Rows on either side; at most half of what is smaller. */
  readonly n: number
  /** How often other rows are drawn. Default: 3. */
  readonly draws?: number
  readonly seed?: number
}

/**
 * The noise floor: FID of n real training examples against n real held-out ones. No generator can be told from perfect below it.
 *
 * @throws InputError where one side has fewer than n rows.
 * @example
 * const real = bareFeatures({ data: Float32Array.from({ length: 40 }, (_, i) => Math.sin(i)), shape: [40, 1], dtype: 'float32' })
 * const { mean } = await fidFloor(real, real, { n: 20 })
 * mean < 0.5 // true
 */
export async function fidFloor(train: Features, heldOut: Features, { n, draws = 3, seed = 0 }: FloorOptions): Promise<Interval> {
  const values: number[] = []
  for (let k = 0; k < draws; k++) {
    const [a, b] = [someFeatures(train, n, seed, 2 * k), someFeatures(heldOut, n, seed, 2 * k + 1)]
    values.push((await fid(a, b)).value)
  }
  return intervalOf(values)
}

export interface FidInfinity {
  /** The intercept: FID at 1/n → 0. */
  readonly value: number
  readonly standardError: number
  readonly slope: number
  /** What the line was fitted to. */
  readonly points: readonly { readonly n: number; readonly fid: number }[]
}

/**
 * FID∞ (Chong & Forsyth 2020): FID at several counts of samples, extrapolated linearly in 1/n. The real examples stay as they are, and their own finite
 * number leaves its share of the bias: give both sides equally many, or as many real ones as there are.
 *
 * @throws InputError for fewer than 100 samples.
 * @example
 * const real = bareFeatures({ data: Float32Array.from({ length: 400 }, (_, i) => Math.sin(i * i)), shape: [400, 1], dtype: 'float32' })
 * const { points } = await fidInfinity(real, real)
 * points.length // 15
 */
export async function fidInfinity(
  samples: Features,
  real: Features,
  { points = 15, seed = 0 }: { points?: number; seed?: number } = {},
): Promise<FidInfinity> {
  const most = samples.rows.shape[0]
  requireAlike(samples, real, 2)
  if (most < 100) throw new InputError(`${most} samples are too few to extrapolate from`, { fix: 'give at least 100' })
  if (points < 3) throw new InputError(`${points} points give no line and error`, { fix: 'give at least 3' })
  const found: { n: number; fid: number }[] = []
  for (let k = 0; k < points; k++) {
    // Evenly spaced in 1/n, from a tenth of the samples to all.
    const n = Math.round(most / (10 - (9 * k) / (points - 1)))
    found.push({ n, fid: (await fid(someFeatures(samples, n, seed, k), real)).value })
  }
  return { ...lineThrough(found.map(({ n, fid }) => [1 / n, fid])), points: found }
}

/** Least squares of y = value + slope · x. */
function lineThrough(points: readonly (readonly [x: number, y: number])[]): Omit<FidInfinity, 'points'> {
  const n = points.length
  const [meanX, meanY] = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / n)
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread
  const value = meanY - slope * meanX
  const residual = points.reduce((sum, [x, y]) => sum + (y - value - slope * x) ** 2, 0) / (n - 2)
  return { value, slope, standardError: Math.sqrt(residual * (1 / n + meanX ** 2 / spread)) }
}
