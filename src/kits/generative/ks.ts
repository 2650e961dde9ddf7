import { InputError, type NDArray } from '../../engine/index.ts'
import { normalCdf } from '../../engine/kernels/error-function.ts'
import { identity, multiply } from '../../engine/kernels/factorizations.ts'
import { flat } from './scores.ts'

export interface KsResult {
  /** sup |Fₙ − F|. */
  readonly statistic: number
  readonly n: number
  /** Chance of so large a statistic if F were the distribution; where the exact law would take long, the asymptotic one again. */
  readonly exact: number
  /** The same in the limit of many values, with √n · D. */
  readonly asymptotic: number
}

/**
 * The Kolmogorov-Smirnov statistic of a sample against a distribution function.
 *
 * @example
 * ksStatistic([0.5], (x) => x) // 0.5
 */
export function ksStatistic(sample: ArrayLike<number>, cdf: (x: number) => number): number {
  const sorted = Float64Array.from(sample).sort()
  const n = sorted.length
  let most = 0
  for (let i = 0; i < n; i++) {
    const value = cdf(sorted[i])
    most = Math.max(most, (i + 1) / n - value, value - i / n)
  }
  return most
}

/**
 * The one-sample Kolmogorov-Smirnov test, two-sided. F must be known beforehand: with a mean or deviation estimated from the sample the chances are far too
 * large ({@link ksGaussianity} has a threshold for that).
 *
 * @throws InputError for an empty sample, or values that are not finite.
 * @example
 * ksTest([0.1, 0.5, 0.9], (x) => x).statistic.toFixed(3) // '0.233'
 */
export function ksTest(sample: ArrayLike<number>, cdf: (x: number) => number): KsResult {
  const n = sample.length
  if (n === 0) throw new InputError('the Kolmogorov-Smirnov test needs a sample')
  if (!Array.from(sample).every(Number.isFinite)) throw new InputError('the sample holds values that are not finite')
  const statistic = ksStatistic(sample, cdf)
  return { statistic, n, exact: ksTail(statistic, n), asymptotic: kolmogorovTail(Math.sqrt(n) * statistic) }
}

/** Larger matrices take seconds. */
const mostExact = 300

/** P(Dₙ ≥ d): exact by Marsaglia, Tsang & Wang (2003); their own tail formula, good to seven digits, where 1 − P would lose all of them. */
export function ksTail(d: number, n: number): number {
  const s = d * d * n
  if (s > 7.24 || (s > 3.76 && n > 99)) return Math.min(1, 2 * Math.exp(-(2.000071 + 0.331 / Math.sqrt(n) + 1.409 / n) * s))
  const k = Math.floor(n * d) + 1
  const m = 2 * k - 1
  if (m > mostExact) return kolmogorovTail(Math.sqrt(s))
  return 1 - scaledCorner(power(transitions(k, n * d), m, n), m, k, n)
}

/** H of the paper: whose n-th power's middle element, times n! / nⁿ, is P(Dₙ < d). */
function transitions(k: number, nd: number): Float64Array {
  const m = 2 * k - 1
  const h = k - nd
  const matrix = new Float64Array(m * m)
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) matrix[i * m + j] = i - j + 1 < 0 ? 0 : 1
  for (let i = 0; i < m; i++) {
    matrix[i * m] -= h ** (i + 1)
    matrix[(m - 1) * m + i] -= h ** (m - i)
  }
  matrix[(m - 1) * m] += 2 * h - 1 > 0 ? (2 * h - 1) ** m : 0
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) for (let g = 1; g <= i - j + 1; g++) matrix[i * m + j] /= g
  return matrix
}

/** A matrix, times 10 to `exponent`. */
interface Scaled {
  readonly matrix: Float64Array
  readonly exponent: number
}

/** Hⁿ by squaring, kept within the range of float64. */
function power(matrix: Float64Array, m: number, n: number): Scaled {
  const rescaled = ({ matrix, exponent }: Scaled): Scaled =>
    matrix[(m >> 1) * m + (m >> 1)] > 1e140
      ? { matrix: matrix.map((value) => value * 1e-140), exponent: exponent + 140 }
      : { matrix, exponent }
  const times = (a: Scaled, b: Scaled) => rescaled({ matrix: multiply(a.matrix, b.matrix, [m, m, m]), exponent: a.exponent + b.exponent })
  let result: Scaled = { matrix: identity(m), exponent: 0 }
  let square: Scaled = { matrix, exponent: 0 }
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = times(result, square)
    if (rest > 1) square = times(square, square)
  }
  return result
}

function scaledCorner({ matrix, exponent }: Scaled, m: number, k: number, n: number): number {
  let value = matrix[(k - 1) * m + k - 1]
  let power = exponent
  for (let i = 1; i <= n; i++) {
    value *= i / n
    if (value < 1e-140) {
      value *= 1e140
      power -= 140
    }
  }
  return value * 10 ** power
}

/** P(K ≥ x) of Kolmogorov's distribution, by the series that converges faster there. */
export function kolmogorovTail(x: number): number {
  if (x <= 0) return 1
  const terms = Array.from({ length: 30 }, (_, i) => i + 1)
  if (x > 1) return Math.min(1, 2 * terms.reduce((sum, j) => sum + (j % 2 === 1 ? 1 : -1) * Math.exp(-2 * (j * x) ** 2), 0))
  const sum = terms.reduce((total, j) => total + Math.exp(-(((2 * j - 1) * Math.PI) ** 2) / (8 * x * x)), 0)
  return 1 - (Math.sqrt(2 * Math.PI) / x) * sum
}

export interface Gaussianity {
  /** Share of the coordinates whose statistic is above the threshold. */
  readonly fraction: number
  /** The statistic of each coordinate, NaN where it was left out. */
  readonly statistics: Float64Array
  /** Coordinates that hardly vary: a constant is not normal, and says nothing either. */
  readonly dropped: number
  readonly threshold: number
  readonly n: number
}

/** Of n = 256 standard normal values with estimated mean and deviation 2.6 to 2.8 % lie above it. */
const lillieforsLike = 0.96

/**
 * How much of [n, ...] is not Gaussian, coordinate by coordinate: each is standardised by its own mean and deviation (divisor n − 1), and its
 * Kolmogorov-Smirnov statistic held against 0.96 / √n, a threshold for estimated parameters (0.06 at n = 256, which 2.6 to 2.8 % of normal coordinates pass).
 * Coordinates with a deviation below 10⁻⁶ are left out.
 *
 * @throws InputError for fewer than 64 rows.
 * @example
 * const x = { data: Float32Array.from({ length: 64 }, (_, i) => i % 2), shape: [64, 1], dtype: 'float32' } as const
 * ksGaussianity(x).fraction // 1
 */
export function ksGaussianity(x: NDArray, { threshold }: { threshold?: number } = {}): Gaussianity {
  const { shape, data } = flat(x)
  const [n, width] = shape
  if (n < 64) throw new InputError(`${n} samples are too few to test for normality`, { fix: 'give at least 64' })
  const bar = threshold ?? lillieforsLike / Math.sqrt(n)
  const statistics = Float64Array.from({ length: width }, (_, j) =>
    standardisedStatistic(Float64Array.from({ length: n }, (_, i) => data[i * width + j])),
  )
  const tested = statistics.filter((value) => !Number.isNaN(value))
  const fraction = tested.filter((value) => value > bar).length / tested.length
  return { fraction, statistics, dropped: width - tested.length, threshold: bar, n }
}

function standardisedStatistic(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
  if (!(deviation >= 1e-6)) return Number.NaN
  return ksStatistic(values, (value) => normalCdf((value - mean) / deviation))
}
