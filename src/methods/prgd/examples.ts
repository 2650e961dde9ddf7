import { InputError, type NDArray, ndarray } from '../../engine/index.ts'

/** Examples as the methods want them, and how to bring others to the same scale. */
export interface SignedExamples {
  /** y_i·(x_i, 1)/scale, float64 [n, d]; no row is longer than 1, unless they were left as they are. */
  readonly z: NDArray
  readonly scale: number
  readonly bias: boolean
}

export interface SignOptions {
  /** Whether a constant 1 is appended, so that the plane need not go through the origin. Default true. */
  readonly bias?: boolean
  /** Whether all are divided by the length of the largest, which the usual learning rates are for. Default true. */
  readonly scale?: boolean
}

/**
 * Turns features [n, d] and labels ±1 into signed examples: with a bias as a last feature 1, divided by the largest norm, multiplied by the label.
 *
 * @example
 * const { z } = signExamples({ data: Float64Array.of(2, -2), shape: [2, 1], dtype: 'float64' }, [1, -1], { bias: false })
 * z.data // Float64Array [1, 1]
 */
export function signExamples(x: NDArray, y: ArrayLike<number>, { bias = true, scale = true }: SignOptions = {}): SignedExamples {
  const [n, d] = x.shape
  if (y.length !== n) throw new InputError(`${n} examples do not go with ${y.length} labels`)
  const width = d + Number(bias)
  const rows = new Float64Array(n * width)
  let largest = 0
  for (let i = 0; i < n; i++) {
    const row = rows.subarray(i * width, (i + 1) * width)
    row.set(x.data.subarray(i * d, (i + 1) * d) as Float64Array)
    if (bias) row[d] = 1
    largest = Math.max(largest, Math.hypot(...row))
  }
  if (!(largest > 0)) throw new InputError('all features are zero', { fix: 'give examples that differ' })
  const divisor = scale ? largest : 1
  const z = rows.map((value, k) => (y[Math.floor(k / width)] * value) / divisor)
  return { z: ndarray(z, [n, width], 'float64'), scale: divisor, bias }
}

/** w·x + b over the length of w, of features [n, d] and weights [d] or, with b last, [d + 1]: positive on the side of label +1. */
export function signedDistances(weights: Float64Array, x: NDArray): Float64Array {
  const [n, d] = x.shape
  const length = Math.hypot(...weights.subarray(0, d))
  return Float64Array.from({ length: n }, (_, i) => {
    let score = weights.length > d ? weights[d] : 0
    for (let j = 0; j < d; j++) score += weights[j] * x.data[i * d + j]
    return length > 0 ? score / length : score
  })
}

/**
 * The share of features [n, d] with labels ±1 that weights [d] or, with bias, [d + 1] put on the right side.
 *
 * @example
 * const x = { data: Float64Array.of(1, -1, 2), shape: [3, 1], dtype: 'float64' } as const
 * accuracyOf(Float64Array.of(1), x, [1, -1, 1]) // 1
 */
export function accuracyOf(weights: Float64Array, x: NDArray, y: ArrayLike<number>): number {
  let right = 0
  for (const [i, distance] of signedDistances(weights, x).entries()) if (distance * y[i] > 0) right++
  return right / y.length
}
