import {
  add,
  cast,
  div,
  fromArray,
  InputError,
  jit,
  matmul,
  mul,
  type NDArray,
  square,
  sub,
  sum,
  swapLast,
  type Tensor,
} from '../../engine/index.ts'
import { average } from '../metrics/index.ts'
import { deviationOf } from './intervals.ts'
import { type Features, requireAlike, type Score } from './scores.ts'
import { someRows } from './subsets.ts'

export interface KidOptions {
  /** How many subsets. Default: 100. */
  readonly subsets?: number
  /** Rows of each subset. Default: 1,000, or all where there are fewer. */
  readonly size?: number
  readonly seed?: number
  /** Keeps the diagonals of the kernel matrices: never below 0, but too large by about 1/size. Default: false. */
  readonly biased?: boolean
}

export interface KidScore extends Score {
  /** Of the mean over subsets: how much the choice of subsets matters, not how much another sampling would. NaN for one subset. */
  readonly standardError: number
}

/** k(x, y) = (x·y / width + 1)³ for all rows of two sets. */
function kernel(x: Tensor, y: Tensor): Tensor {
  const base = add(div(matmul(x, swapLast(y)), x.shape[1]), 1)
  return mul(base, square(base))
}

/** k(x, x) of every row. */
function ownKernel(x: Tensor): Tensor {
  const base = add(div(sum(square(x), { axes: 1 }), x.shape[1]), 1)
  return mul(base, square(base))
}

function within(x: Tensor, biased: boolean): Tensor {
  const n = x.shape[0]
  const all = sum(kernel(x, x))
  return biased ? div(all, n * n) : div(sub(all, sum(ownKernel(x))), n * (n - 1))
}

/** MMD² with the polynomial kernel, in float64. */
const discrepancy = (biased: boolean) =>
  jit((a: Tensor, b: Tensor) => {
    const [x, y] = [cast(a, 'float64'), cast(b, 'float64')]
    const between = div(sum(kernel(x, y)), x.shape[0] * y.shape[0])
    return sub(add(within(x, biased), within(y, biased)), mul(between, 2))
  })
const unbiasedDiscrepancy = discrepancy(false)
const biasedDiscrepancy = discrepancy(true)

/**
 * The kernel inception distance (Bińkowski et al. 2018): the mean over random subsets of the unbiased MMD² with k(x, y) = (x·y / width + 1)³.
 *
 * Unbiased, so it does not fall with n and may be below 0; it depends on the features' scale, which {@link FeatureNetwork} therefore normalises.
 *
 * @throws InputError for features of two networks, or subsets that are larger than a set.
 * @example
 * const real = bareFeatures({ data: Float32Array.of(0, 1, 2, 3), shape: [4, 1], dtype: 'float32' })
 * const { value } = await kid(real, real)
 * value < 0 // true: of two equal sets the unbiased estimate is below 0
 */
export async function kid(samples: Features, real: Features, options: KidOptions = {}): Promise<KidScore> {
  const least = Math.min(samples.rows.shape[0], real.rows.shape[0])
  const { subsets = 100, size = Math.min(1000, least), seed = 0, biased = false } = options
  requireAlike(samples, real, 2)
  if (size < 2 || size > least)
    throw new InputError(`subsets of ${size} cannot be drawn from ${least} rows`, { fix: `give a size from 2 to ${least}` })
  if (!Number.isInteger(subsets) || subsets < 1) throw new InputError(`${subsets} subsets cannot be drawn`, { fix: 'give at least 1' })
  // All subsets of that size are the sets themselves.
  const whole = size === samples.rows.shape[0] && size === real.rows.shape[0]
  const values = new Float64Array(whole ? 1 : subsets)
  for (let k = 0; k < values.length; k++) {
    const pick = (rows: NDArray, stream: number) => fromArray(someRows(rows, size, seed, 2 * k + stream))
    values[k] = await (biased ? biasedDiscrepancy : unbiasedDiscrepancy)(pick(samples.rows, 0), pick(real.rows, 1)).item()
  }
  return {
    metric: biased ? 'kid-biased' : 'kid',
    value: average(values),
    standardError: deviationOf(values) / Math.sqrt(values.length),
    n: samples.rows.shape[0],
    real: real.rows.shape[0],
    network: real.network,
  }
}
