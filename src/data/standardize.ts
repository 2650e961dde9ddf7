import { type NDArray, ndarray, sizeOf } from '../engine/array.ts'
import { allocate } from '../engine/dtype.ts'
import { InputError } from '../engine/errors.ts'

export interface Standardizer {
  /** One value a feature: the mean and the standard deviation (over n) of the rows it was fitted on; where these are constant, std is 1. */
  readonly mean: Float64Array
  readonly std: Float64Array
  /** (x - mean) / std as float32, for any array [rows, features]. @throws InputError for another number of features. */
  apply(x: NDArray): NDArray
}

/**
 * Fits standardisation on training rows; apply it to training and test rows alike, so that nothing of the test set leaks into the fit.
 *
 * @throws InputError if `train` has no rows.
 * @example
 * const scale = standardize({ data: Float32Array.of(1, 3), shape: [2, 1], dtype: 'float32' })
 * scale.apply({ data: Float32Array.of(5), shape: [1, 1], dtype: 'float32' }).data // Float32Array [3]
 */
export function standardize({ shape, data }: NDArray): Standardizer {
  const [count, ...rest] = shape
  const width = sizeOf(rest)
  if (!(count > 0)) throw new InputError('standardisation needs at least one training row')
  const mean = new Float64Array(width)
  const std = new Float64Array(width)
  for (let i = 0; i < data.length; i++) mean[i % width] += data[i] / count
  for (let i = 0; i < data.length; i++) std[i % width] += (data[i] - mean[i % width]) ** 2 / count
  // A constant column's deviation is rounding, not spread: dividing by it would blow rounding up to ones.
  for (let j = 0; j < width; j++) std[j] = std[j] > (1e-7 * mean[j]) ** 2 ? Math.sqrt(std[j]) : 1
  return { mean, std, apply: (x) => scaled(x, mean, std) }
}

function scaled({ shape, data }: NDArray, mean: Float64Array, std: Float64Array): NDArray {
  const width = sizeOf(shape.slice(1))
  if (width !== mean.length) throw new InputError(`${width} features cannot be standardised as ${mean.length}`)
  const out = allocate('float32', data.length)
  for (let i = 0; i < data.length; i++) out[i] = (data[i] - mean[i % width]) / std[i % width]
  return ndarray(out, shape, 'float32')
}
