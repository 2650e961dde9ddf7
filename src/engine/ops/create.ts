import { type NDArray, ndarray, sizeOf } from '../array.ts'
import { allocate, type DType, dtypeOf, isFloat, type TypedArray } from '../dtype.ts'
import { castPrimitive, stopGradientPrimitive } from '../primitives/cast.ts'
import { apply, promote, shapeError, type TensorLike } from '../primitives/define.ts'
import { equal } from '../primitives/elementwise.ts'
import { data, iotaNode, literal } from '../primitives/structural.ts'
import { type Nested, Tensor } from '../tensor.ts'
import { broadcastTo, expandDims } from './movement.ts'

function flattenNested(values: Nested): { flat: number[]; shape: number[]; boolean: boolean } {
  const shape: number[] = []
  for (let level = values; Array.isArray(level); level = level[0]) shape.push(level.length)
  const flat: number[] = []
  let boolean = false
  const walk = (level: Nested, depth: number): void => {
    if (Array.isArray(level) !== depth < shape.length || (Array.isArray(level) && level.length !== shape[depth])) {
      throw shapeError('tensor', 'nested arrays are ragged', [])
    }
    if (Array.isArray(level)) for (const entry of level) walk(entry, depth + 1)
    else {
      boolean ||= typeof level === 'boolean'
      flat.push(Number(level))
    }
  }
  walk(values, 0)
  return { flat, shape, boolean }
}

/**
 * A tensor from nested numbers, or from a typed array, whose memory is used without a copy. Numbers become float32, booleans bool.
 *
 * @example
 * tensor([[1, 2], [3, 4]])
 * tensor(new Float64Array(6), { shape: [2, 3] })
 * tensor([1, 0], { dtype: 'int32' })
 */
export function tensor(values: Nested | TypedArray, { shape, dtype }: { shape?: readonly number[]; dtype?: DType } = {}): Tensor {
  if (ArrayBuffer.isView(values)) {
    const own = dtypeOf(values)
    if (dtype && dtype !== own) throw shapeError('tensor', `the array given is ${own}, not ${dtype}`, [])
    return fromArray(ndarray(values, shape ?? [values.length], own))
  }
  const nested = flattenNested(values)
  const buffer = allocate(dtype ?? (nested.boolean ? 'bool' : 'float32'), nested.flat.length)
  buffer.set(nested.flat)
  return fromArray(ndarray(buffer, shape ?? nested.shape, dtypeOf(buffer)))
}

/**
 * A tensor on a host array, without a copy.
 *
 * @example
 * await fromArray({ data: Float32Array.of(1, 2), shape: [2], dtype: 'float32' }).array() // [1, 2]
 */
export function fromArray(array: NDArray): Tensor {
  if (array.data.length !== sizeOf(array.shape)) {
    throw shapeError('tensor', `${array.data.length} elements cannot have shape [${array.shape.join(', ')}]`, [])
  }
  return new Tensor(data(array))
}

/**
 * A number as a tensor of shape []; part of the compiled graph.
 *
 * @example
 * await scalar(3).item() // 3
 */
export const scalar = (value: number, dtype: DType = 'float32'): Tensor => new Tensor(literal(value, dtype))

/**
 * A tensor filled with one number.
 *
 * @example
 * await full([2], 7).array() // [7, 7]
 */
export const full = (shape: readonly number[], value: number, dtype: DType = 'float32'): Tensor => broadcastTo(scalar(value, dtype), shape)

/**
 * Zeros of this shape.
 *
 * @example
 * await zeros([2]).array() // [0, 0]
 */
export const zeros = (shape: readonly number[], dtype: DType = 'float32'): Tensor => full(shape, 0, dtype)

/**
 * Ones of this shape.
 *
 * @example
 * await ones([2]).array() // [1, 1]
 */
export const ones = (shape: readonly number[], dtype: DType = 'float32'): Tensor => full(shape, 1, dtype)

/**
 * Zeros of the shape and dtype of `x`.
 *
 * @example
 * await zerosLike(tensor([5, 6])).array() // [0, 0]
 */
export const zerosLike = (x: Tensor): Tensor => zeros(x.shape, x.dtype)

/**
 * Ones of the shape and dtype of `x`.
 *
 * @example
 * await onesLike(tensor([5, 6])).array() // [1, 1]
 */
export const onesLike = (x: Tensor): Tensor => ones(x.shape, x.dtype)

/**
 * 0, 1, …, length − 1
 *
 * @example
 * await iota(4).array() // [0, 1, 2, 3]
 */
export const iota = (length: number, dtype: DType = 'int32'): Tensor => new Tensor(iotaNode(length, dtype))

/**
 * The identity matrix [n, n].
 *
 * @example
 * await eye(2).array() // [[1, 0], [0, 1]]
 */
export const eye = (n: number, dtype: DType = 'float32'): Tensor => cast(equal(expandDims(iota(n), -1), expandDims(iota(n), 0)), dtype)

// Dtypes and derivatives

/**
 * x with another dtype. Floats truncate towards zero when they become integers.
 *
 * @example
 * await cast(tensor([1.7, -1.7]), 'int32').array() // [1, -1]
 */
export const cast = (x: Tensor, dtype: DType): Tensor => (x.dtype === dtype ? x : apply(castPrimitive, [x], { dtype })[0])

/**
 * x, as a constant to every derivative, forward and backward.
 *
 * @example
 * await grad((x: Tensor) => mul(x, stopGradient(x)))(scalar(3)).item() // 3
 */
export const stopGradient = (x: Tensor): Tensor => apply(stopGradientPrimitive, [x])[0]

/**
 * A float tensor as it is, a number as float32: for functions that take either.
 *
 * @example
 * asTensor(3).dtype // 'float32'
 */
export const asTensor = (x: TensorLike): Tensor => promote('asTensor', [x])[0]

/**
 * Whether a value can have a derivative.
 *
 * @example
 * isDifferentiable(iota(3)) // false
 */
export const isDifferentiable = (x: unknown): x is Tensor => x instanceof Tensor && isFloat(x.dtype)
