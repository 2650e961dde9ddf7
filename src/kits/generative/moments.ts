import { matmul, type NDArray, ndarray, swapLast } from '../../engine/index.ts'
import { onMatrices } from './programs.ts'
import { flat } from './scores.ts'

/** Mean and covariance (divisor n − 1) of rows, in float64. */
export interface Moments {
  readonly mean: Float64Array
  /** [width, width], row-major. */
  readonly covariance: Float64Array
}

const gram = onMatrices((x) => [matmul(swapLast(x), x)], 'n width')

/**
 * Mean and covariance of the rows of [n, ...].
 *
 * @example
 * const { covariance } = await momentsOf({ data: Float32Array.of(0, 2, 4), shape: [3, 1], dtype: 'float32' })
 * covariance // Float64Array [4]
 */
export async function momentsOf(rows: NDArray): Promise<Moments> {
  const { shape, data } = flat(rows)
  const [n, width] = shape
  const mean = meanOf(data, width)
  const centred = Float64Array.from(data, (value, i) => value - mean[i % width])
  const [products] = await gram(ndarray(centred, shape, 'float64'))
  return { mean, covariance: Float64Array.from(products.data, (sum) => sum / (n - 1)) }
}

/** The mean of rows laid one after another. */
export function meanOf(data: ArrayLike<number>, width: number): Float64Array {
  const mean = new Float64Array(width)
  for (let i = 0; i < data.length; i++) mean[i % width] += data[i]
  return mean.map((sum) => sum / (data.length / width))
}
