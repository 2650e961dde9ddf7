import { allocate, type DType, type TypedArray } from './dtype.ts'

/** An array on the host: row-major data with a shape and a dtype. What readers return, what checkpoints hold, what tensors are made of. */
export interface NDArray {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly data: TypedArray
}

/**
 * How many elements an array of this shape has.
 *
 * @example
 * sizeOf([2, 3]) // 6
 */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1)

/**
 * A host array of this data: as many elements as the shape has.
 *
 * @example
 * ndarray(new Float32Array(6), [2, 3], 'float32').shape // [2, 3]
 */
export const ndarray = (data: TypedArray, shape: readonly number[], dtype: DType): NDArray => ({ shape, dtype, data })

/**
 * A host array of zeros.
 *
 * @example
 * zerosArray([3]).data // Float32Array [0, 0, 0]
 */
export const zerosArray = (shape: readonly number[], dtype: DType = 'float32'): NDArray =>
  ndarray(allocate(dtype, sizeOf(shape)), shape, dtype)

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis]
  }
  return strides
}

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((extent, i) => extent === b[i])
