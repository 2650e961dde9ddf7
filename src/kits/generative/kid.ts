import { add, InputError, matmul, mul, type NDArray, ndarray, square, sum, swapLast, type Tensor } from '../../engine/index.ts'
import { average } from '../metrics/index.ts'
import { deviationOf } from './intervals.ts'
import { onMatrices } from './programs.ts'
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

/** Sums of k(x, y) = (x·y + 1)³ over all pairs of rows, and over the pairs of each row of x with itself. */
const kernelSums = onMatrices((x, y) => [cubes(matmul(x, swapLast(y))), cubes(sum(square(x), { axes: 1 }))], 'n width', 'm width')

function cubes(products: Tensor): Tensor {
  const base = add(products, 1)
  return sum(mul(base, square(base)))
}

/** MMD² of rows that are divided by the root of their width. */
async function discrepancy(x: NDArray, y: NDArray, biased: boolean): Promise<number> {
  const sums = async (a: NDArray, b: NDArray) => (await kernelSums(a, b)).map(({ data }) => data[0])
  const within = async (a: NDArray) => {
    const n = a.shape[0]
    const [all, diagonal] = await sums(a, a)
    return biased ? all / n ** 2 : (all - diagonal) / (n * (n - 1))
  }
  const [between] = await sums(x, y)
  return (await within(x)) + (await within(y)) - (2 * between) / (x.shape[0] * y.shape[0])
}

const byRootOfWidth = ({ shape, data }: NDArray): NDArray => {
  const root = Math.sqrt(shape[1])
  return ndarray(
    Float64Array.from(data, (value) => value / root),
    shape,
    'float64',
  )
}

/**
 * The kernel inception distance (Bińkowski et al. 2018): the mean over random subsets of the unbiased MMD² with k(x, y) = (x·y / width + 1)³.
 *
 * Unbiased, so it does not fall with n and may be below 0, as it is for two equal sets; it depends on the features' scale, which {@link FeatureNetwork} therefore normalises.
 *
 * @throws InputError for features of two networks, or subsets that are larger than a set.
 * @example
 * const real = bareFeatures({ data: Float32Array.of(0, 1, 2, 3), shape: [4, 1], dtype: 'float32' })
 * const { value } = await kid(real, real)
 * value < 0 // true
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
  const [x, y] = [byRootOfWidth(samples.rows), byRootOfWidth(real.rows)]
  const values = new Float64Array(whole ? 1 : subsets)
  for (let k = 0; k < values.length; k++) {
    const pick = (rows: NDArray, stream: number) => someRows(rows, size, seed, 2 * k + stream)
    values[k] = await discrepancy(pick(x, 0), pick(y, 1), biased)
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
