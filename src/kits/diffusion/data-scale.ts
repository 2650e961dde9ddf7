import { type NDArray, ndarray, sizeOf } from '../../engine/index.ts'

/**
 * The mean example of x [n, ...shape].
 *
 * @example
 * meanExample({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2], dtype: 'float32' }).data // Float32Array [2, 3]
 */
export function meanExample({ data, shape }: NDArray): NDArray {
  const [n, ...rest] = shape
  const size = sizeOf(rest)
  const sums = new Float64Array(size)
  for (let i = 0; i < data.length; i++) sums[i % size] += data[i]
  return ndarray(
    Float32Array.from(sums, (sum) => sum / n),
    rest,
    'float32',
  )
}

/**
 * √ of the mean square of all elements, after a centre is subtracted: σ_data of Karras et al. 2022, whose expected loss is then 1 at every σ for a network
 * of zeros.
 *
 * @example
 * rootMeanSquare({ data: Float32Array.of(1, 7), shape: [2, 1], dtype: 'float32' }) // 5
 */
export function rootMeanSquare({ data }: NDArray, centre?: NDArray): number {
  let squares = 0
  for (let i = 0; i < data.length; i++) squares += (data[i] - (centre ? centre.data[i % centre.data.length] : 0)) ** 2
  return Math.sqrt(squares / data.length)
}
