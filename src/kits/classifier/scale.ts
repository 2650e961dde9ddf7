import { standardize } from '../../data/index.ts'
import { add, div, mul, type NDArray, ndarray, reshape, scalar, sizeOf, sub, type Tensor, tensor } from '../../engine/index.ts'

/** How features become the numbers that a network sees: (x − mean) / deviation, one number a feature or one for all. */
export interface Scale {
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
}

/**
 * Leaves everything as it is.
 *
 * @example
 * noScale // { mean: [0], deviation: [1] }
 */
export const noScale: Scale = { mean: [0], deviation: [1] }

/**
 * Mean 0 and deviation 1 of every feature over the rows given.
 *
 * @example
 * featureScale({ data: Float32Array.of(1, 10, 3, 10), shape: [2, 2], dtype: 'float32' }).mean // [2, 10]
 */
export function featureScale(x: NDArray): Scale {
  const { mean, std } = standardize(x)
  return { mean: [...mean], deviation: [...std] }
}

/**
 * Mean 0 and deviation 1 of all numbers together: of pixels, whose own deviations say little.
 *
 * @example
 * commonScale({ data: Float32Array.of(1, 3), shape: [1, 2], dtype: 'float32' }) // { mean: [2], deviation: [1] }
 */
export const commonScale = ({ data }: NDArray): Scale => featureScale(ndarray(data, [data.length, 1], 'float32'))

/**
 * Rows as a network sees them, float32.
 *
 * @example
 * scaled({ data: Float32Array.of(1, 3), shape: [2, 1], dtype: 'float32' }, { mean: [2], deviation: [1] }).data // Float32Array [-1, 1]
 */
export const scaled = ({ data, shape }: NDArray, { mean, deviation }: Scale): NDArray =>
  ndarray(
    Float32Array.from(data, (value, i) => (value - mean[i % mean.length]) / deviation[i % deviation.length]),
    shape,
    'float32',
  )

/**
 * The same in a graph, for x [n, ...].
 *
 * @example
 * await scaledIn(tensor([[1], [3]]), { mean: [2], deviation: [1] }).array() // [[-1], [1]]
 */
export const scaledIn = (x: Tensor, { mean, deviation }: Scale): Tensor =>
  isNone({ mean, deviation }) ? x : div(sub(x, constant(mean, x)), constant(deviation, x))

/**
 * And back: features as they are, from what a network sees.
 *
 * @example
 * await unscaledIn(tensor([[-1], [1]]), { mean: [2], deviation: [1] }).array() // [[1], [3]]
 */
export const unscaledIn = (z: Tensor, { mean, deviation }: Scale): Tensor =>
  isNone({ mean, deviation }) ? z : add(mul(z, constant(deviation, z)), constant(mean, z))

const isNone = ({ mean, deviation }: Scale): boolean => mean.every((value) => value === 0) && deviation.every((value) => value === 1)

/** One number for all, or one a feature of an example of x. */
function constant(values: readonly number[], { shape, dtype }: Tensor): Tensor {
  if (values.length === 1) return scalar(values[0], dtype)
  const data = dtype === 'float64' ? Float64Array.from(values) : Float32Array.from(values)
  return sizeOf(shape.slice(1)) === values.length ? reshape(tensor(data), [1, ...shape.slice(1)]) : tensor(data)
}
