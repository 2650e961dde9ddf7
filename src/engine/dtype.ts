/** The element types of tensors. Floats default to float32, integers and indices to int32; booleans are stored as bytes. */
export type DType = 'float32' | 'float64' | 'int32' | 'uint32' | 'bool'

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array

const storage = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint32: Uint32Array, bool: Uint8Array } as const

export const dtypes = Object.keys(storage) as DType[]

export const floats: readonly DType[] = ['float32', 'float64']
export const numbers: readonly DType[] = ['float32', 'float64', 'int32', 'uint32']

export const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64'

/** The distance from 1 to the next larger number of a float dtype. */
export const epsilon = (dtype: DType): number => (dtype === 'float64' ? Number.EPSILON : 2 ** -23)

/** A zeroed host buffer for `length` elements of `dtype`. */
export const allocate = (dtype: DType, length: number): TypedArray => new storage[dtype](length)

export const bytesPerElement = (dtype: DType): number => storage[dtype].BYTES_PER_ELEMENT

/** The dtype whose storage a typed array is; bytes are booleans. */
export function dtypeOf(data: TypedArray): DType {
  for (const dtype of dtypes) if (data instanceof storage[dtype]) return dtype
  throw new TypeError(`no dtype is stored as ${Object.prototype.toString.call(data)}`)
}

/** What every number of a dtype is at least. An integer array would hold −∞ as 0. */
export function leastOf(dtype: DType): number {
  if (isFloat(dtype)) return Number.NEGATIVE_INFINITY
  return dtype === 'int32' ? -(2 ** 31) : 0
}
