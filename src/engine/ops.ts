import { type NDArray, ndarray, sizeOf } from './array.ts'
import { allocate, type DType, dtypeOf, isFloat, type TypedArray } from './dtype.ts'
import { castPrimitive, stopGradientPrimitive } from './primitives/cast.ts'
import { convPrimitive, type Sweep } from './primitives/convolution.ts'
import { apply, promote, shapeError, type TensorLike } from './primitives/define.ts'
import {
  add,
  cbrt,
  div,
  equal,
  exp,
  less,
  lessEqual,
  log,
  logicalNot,
  maximum,
  mul,
  neg,
  power,
  reciprocal,
  sqrt,
  square,
  sub,
  where,
} from './primitives/elementwise.ts'
import { gatherPrimitive, scatterAddPrimitive, takeAlongPrimitive } from './primitives/indexing.ts'
import { matmulPrimitive } from './primitives/matmul.ts'
import {
  broadcastPrimitive,
  concatPrimitive,
  flipPrimitive,
  padPrimitive,
  reshapePrimitive,
  slicePrimitive,
  splitPrimitive,
  transposePrimitive,
} from './primitives/movement.ts'
import { logSoftmaxPrimitive, softmaxPrimitive, standardizePrimitive } from './primitives/normalize.ts'
import { argmaxPrimitive, cumsumPrimitive, keptShape, maxPrimitive, sumPrimitive } from './primitives/reduce.ts'
import { data, iotaNode, literal } from './primitives/structural.ts'
import { type Nested, Tensor } from './tensor.ts'

/*
 * The functions that users and derivative rules call. Each checks its arguments and applies a primitive, or is composed of such functions.
 * Axes may be negative, counted from the end.
 */

export * from './primitives/bits.ts'
export * from './primitives/elementwise.ts'

const one = (tensors: readonly Tensor[]): Tensor => tensors[0]

function checkedAxis(operation: string, x: Tensor, axis: number): number {
  const at = axis < 0 ? axis + x.shape.length : axis
  if (!Number.isInteger(axis) || at < 0 || at >= x.shape.length) throw shapeError(operation, `there is no axis ${axis}`, [x])
  return at
}

// Making tensors

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

/** A tensor on a host array, without a copy. */
export function fromArray(array: NDArray): Tensor {
  if (array.data.length !== sizeOf(array.shape)) {
    throw shapeError('tensor', `${array.data.length} elements cannot have shape [${array.shape.join(', ')}]`, [])
  }
  return new Tensor(data(array))
}

/** A number as a tensor of shape []; part of the compiled graph. */
export const scalar = (value: number, dtype: DType = 'float32'): Tensor => new Tensor(literal(value, dtype))

/** A tensor filled with one number. */
export const full = (shape: readonly number[], value: number, dtype: DType = 'float32'): Tensor => broadcastTo(scalar(value, dtype), shape)

export const zeros = (shape: readonly number[], dtype: DType = 'float32'): Tensor => full(shape, 0, dtype)

export const ones = (shape: readonly number[], dtype: DType = 'float32'): Tensor => full(shape, 1, dtype)

export const zerosLike = (x: Tensor): Tensor => zeros(x.shape, x.dtype)

export const onesLike = (x: Tensor): Tensor => ones(x.shape, x.dtype)

/** 0, 1, …, length − 1 */
export const iota = (length: number, dtype: DType = 'int32'): Tensor => new Tensor(iotaNode(length, dtype))

/** The identity matrix [n, n]. */
export const eye = (n: number, dtype: DType = 'float32'): Tensor => cast(equal(expandDims(iota(n), -1), expandDims(iota(n), 0)), dtype)

// Dtypes and derivatives

/** x with another dtype. Floats truncate towards zero when they become integers. */
export const cast = (x: Tensor, dtype: DType): Tensor => (x.dtype === dtype ? x : one(apply(castPrimitive, [x], { dtype })))

/** x, as a constant to every derivative, forward and backward. */
export const stopGradient = (x: Tensor): Tensor => one(apply(stopGradientPrimitive, [x]))

// Element-wise compositions

export const greater = (a: TensorLike, b: TensorLike): Tensor => less(b, a)

export const greaterEqual = (a: TensorLike, b: TensorLike): Tensor => lessEqual(b, a)

export const notEqual = (a: TensorLike, b: TensorLike): Tensor => logicalNot(equal(a, b))

/** xʸ. Whole and half exponents that are plain numbers become products and roots. */
export function pow(x: Tensor, y: TensorLike): Tensor {
  if (y === 1) return x
  if (y === 2) return square(x)
  if (y === 3) return mul(square(x), x)
  if (y === 0.5) return sqrt(x)
  if (y === -1) return reciprocal(x)
  if (y === -0.5) return rsqrt(x)
  if (y === 1 / 3) return cbrt(x)
  return power(x, y)
}

/** 1 / √x */
export const rsqrt = (x: Tensor): Tensor => reciprocal(sqrt(x))

/** x kept within [low, high]. The derivative is 1 inside and at the bounds, 0 outside. */
export function clip(x: Tensor, low: number, high: number): Tensor {
  return where(less(x, low), scalar(low, x.dtype), where(less(high, x), scalar(high, x.dtype), x))
}

/** Whether an element is neither NaN nor infinite. */
export const isFiniteNumber = (x: Tensor): Tensor => less(sub(x, x), 1)

// Reductions

export interface ReduceOptions {
  /** The axes to reduce; all where absent. */
  readonly axes?: number | readonly number[]
  /** Whether reduced axes stay, with extent 1. */
  readonly keepDims?: boolean
}

function reduction(
  name: string,
  primitive: typeof sumPrimitive,
  x: Tensor,
  { axes = [...x.shape.keys()], keepDims = false }: ReduceOptions,
): Tensor {
  const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => checkedAxis(name, x, axis)).sort((a, b) => a - b)
  const reduced = list.length === 0 && name !== 'sum' ? x : one(apply(primitive, [x], { axes: list }))
  return keepDims ? reshape(reduced, keptShape(x.shape, list)) : reduced
}

export const sum = (x: Tensor, options: ReduceOptions = {}): Tensor => {
  const axes = options.axes
  return Array.isArray(axes) && axes.length === 0 ? x : reduction('sum', sumPrimitive, x, options)
}

/** The largest element; equal ones share the derivative. */
export const max = (x: Tensor, options: ReduceOptions = {}): Tensor => reduction('max', maxPrimitive, x, options)

/** The smallest element; equal ones share the derivative. */
export const min = (x: Tensor, options: ReduceOptions = {}): Tensor => mirror(max(mirror(x), options))

/** Reverses the order of a dtype's numbers. Integers have no negative for their least one, but each has a complement. */
const mirror = (x: Tensor): Tensor => (isFloat(x.dtype) ? neg(x) : sub(x.dtype === 'uint32' ? 2 ** 32 - 1 : -1, x))

export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const total = sum(x, options)
  return mul(total, sizeOf(total.shape) / sizeOf(x.shape))
}

/** The mean squared distance from the mean; divided by n, not n − 1. */
export const variance = (x: Tensor, options: ReduceOptions = {}): Tensor =>
  mean(square(sub(x, mean(x, { ...options, keepDims: true }))), options)

/** log Σ eˣ, without overflow. */
export function logSumExp(x: Tensor, options: ReduceOptions = {}): Tensor {
  const largest = stopGradient(max(x, { ...options, keepDims: true }))
  const shift = where(isFiniteNumber(largest), largest, zerosLike(largest))
  const total = log(sum(exp(sub(x, shift)), { ...options, keepDims: true }))
  const result = add(total, shift)
  return options.keepDims ? result : reshape(result, sum(x, options).shape)
}

/** √Σx², with derivative 0 where it is 0. */
export function norm(x: Tensor, options: ReduceOptions = {}): Tensor {
  const squares = sum(square(x), options)
  const isZero = equal(squares, 0)
  return where(isZero, zerosLike(squares), sqrt(where(isZero, onesLike(squares), squares)))
}

/** The index of the first largest element along an axis, int32; the first NaN, where there is one. */
export const argmax = (x: Tensor, { axis = -1 } = {}): Tensor => one(apply(argmaxPrimitive, [x], { axis: checkedAxis('argmax', x, axis) }))

/** Running sums along an axis; from the back where `reverse`. */
export const cumsum = (x: Tensor, { axis = -1, reverse = false } = {}): Tensor =>
  one(apply(cumsumPrimitive, [x], { axis: checkedAxis('cumsum', x, axis), reverse }))

// Movement

/** The same elements with another shape; one extent may be −1, computed from the others. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const known = shape.reduce((product, extent) => (extent === -1 ? product : product * extent), 1)
  const target = shape.map((extent) => (extent === -1 ? sizeOf(x.shape) / known : extent))
  if (shape.filter((extent) => extent === -1).length > 1 || target.some((extent) => !Number.isInteger(extent) || extent < 0)) {
    throw shapeError('reshape', `cannot become [${shape.join(', ')}]`, [x])
  }
  if (target.length === x.shape.length && target.every((extent, axis) => extent === x.shape[axis])) return x
  return one(apply(reshapePrimitive, [x], { shape: target }))
}

/** The axes in another order; reversed where none is given. */
export function transpose(x: Tensor, permutation: readonly number[] = [...x.shape.keys()].reverse()): Tensor {
  const axes = permutation.map((axis) => checkedAxis('transpose', x, axis))
  if (axes.length === x.shape.length && axes.every((axis, k) => axis === k)) return x
  return one(apply(transposePrimitive, [x], { permutation: axes }))
}

/** Exchanges the last two axes. */
export const swapLast = (x: Tensor): Tensor => transpose(x, [...x.shape.keys()].slice(0, -2).concat(x.shape.length - 1, x.shape.length - 2))

/** Repeats x along new leading axes and along axes of extent 1. */
export const broadcastTo = (x: Tensor, shape: readonly number[]): Tensor =>
  shape.length === x.shape.length && shape.every((extent, axis) => extent === x.shape[axis])
    ? x
    : one(apply(broadcastPrimitive, [x], { shape: [...shape] }))

/** A new axis of extent 1 at this place of the result. */
export function expandDims(x: Tensor, axis: number): Tensor {
  const at = axis < 0 ? axis + x.shape.length + 1 : axis
  return reshape(x, x.shape.toSpliced(at, 0, 1))
}

/** Without the axes of extent 1, or without those named. */
export function squeeze(x: Tensor, axes: readonly number[] = x.shape.flatMap((extent, axis) => (extent === 1 ? [axis] : []))): Tensor {
  const drop = axes.map((axis) => checkedAxis('squeeze', x, axis))
  return reshape(
    x,
    x.shape.filter((_, axis) => !drop.includes(axis)),
  )
}

/** One tensor after another along an existing axis. */
export const concat = (tensors: readonly Tensor[], { axis = 0 } = {}): Tensor =>
  tensors.length === 1 ? tensors[0] : one(apply(concatPrimitive, tensors, { axis: checkedAxis('concat', tensors[0], axis) }))

/** Tensors of one shape along a new axis. */
export const stack = (tensors: readonly Tensor[], { axis = 0 } = {}): Tensor =>
  concat(
    tensors.map((x) => expandDims(x, axis)),
    { axis },
  )

/** Elements start, start + step, … below end of one axis. Negative bounds count from the end. */
export function slice(
  x: Tensor,
  { axis, start = 0, end, step = 1 }: { axis: number; start?: number; end?: number; step?: number },
): Tensor {
  const at = checkedAxis('slice', x, axis)
  const extent = x.shape[at]
  const resolve = (bound: number) => (bound < 0 ? bound + extent : bound)
  const window = {
    starts: x.shape.map((_, k) => (k === at ? resolve(start) : 0)),
    ends: x.shape.map((other, k) => (k === at ? resolve(end ?? extent) : other)),
    steps: x.shape.map((_, k) => (k === at ? step : 1)),
  }
  if (window.starts[at] === 0 && window.ends[at] === extent && step === 1) return x
  return one(apply(slicePrimitive, [x], window))
}

/** The k-th slices along an axis, that axis removed. */
export const select = (x: Tensor, index: number, { axis = 0 } = {}): Tensor => {
  const at = checkedAxis('select', x, axis)
  const from = index < 0 ? index + x.shape[at] : index
  return squeeze(slice(x, { axis: at, start: from, end: from + 1 }), [at])
}

/** Equal pieces along an axis. */
export function split(x: Tensor, pieces: number, { axis = -1 } = {}): Tensor[] {
  const at = checkedAxis('split', x, axis)
  return apply(splitPrimitive, [x], { axis: at, pieces })
}

/** Zeros before and after the elements of each axis; negative counts cut. */
export function pad(x: Tensor, widths: readonly (readonly [before: number, after: number])[]): Tensor {
  if (widths.length !== x.shape.length)
    throw shapeError('pad', `takes a pair for each of ${x.shape.length} axes, got ${widths.length}`, [x])
  if (widths.every(([before, after]) => before === 0 && after === 0)) return x
  return one(
    apply(padPrimitive, [x], {
      low: widths.map(([before]) => before),
      high: widths.map(([, after]) => after),
      interior: widths.map(() => 0),
    }),
  )
}

/** The elements of these axes in reverse order. */
export const flip = (x: Tensor, { axes }: { axes: readonly number[] }): Tensor =>
  one(apply(flipPrimitive, [x], { axes: axes.map((axis) => checkedAxis('flip', x, axis)) }))

// Selection

/** Whole slices of an axis, picked by an int32 tensor: x [..., n, ...], indices [i...] → [..., i..., ...]. */
export const gather = (x: Tensor, indices: Tensor, { axis = 0 } = {}): Tensor =>
  one(apply(gatherPrimitive, [x, indices], { axis: checkedAxis('gather', x, axis) }))

/** Adds slices into zeros: the transpose of `gather`. The result's `axis` has `extent`. */
export const scatterAdd = (updates: Tensor, indices: Tensor, { axis = 0, extent }: { axis?: number; extent: number }): Tensor =>
  one(
    apply(scatterAddPrimitive, [updates, indices], {
      axis: axis < 0 ? axis + updates.shape.length - indices.shape.length + 1 : axis,
      extent,
    }),
  )

/** One element for each index along an axis; indices have x's shape but for that axis. */
export const takeAlong = (x: Tensor, indices: Tensor, { axis = -1 } = {}): Tensor =>
  one(apply(takeAlongPrimitive, [x, indices], { axis: checkedAxis('takeAlong', x, axis) }))

/** int32 classes [...] → [..., classes] with a one at each class. */
export const oneHot = (labels: Tensor, classes: number, dtype: DType = 'float32'): Tensor =>
  cast(equal(expandDims(labels, -1), iota(classes)), dtype)

// Products

/** Matrix products over broadcast leading axes; vectors are rows on the left, columns on the right. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length === 0 || b.shape.length === 0) throw shapeError('matmul', 'takes vectors and matrices', [a, b])
  const left = a.shape.length === 1 ? expandDims(a, 0) : a
  const right = b.shape.length === 1 ? expandDims(b, 1) : b
  const product = one(apply(matmulPrimitive, [left, right]))
  const shape = product.shape.filter(
    (_, axis) =>
      !(a.shape.length === 1 && axis === product.shape.length - 2) && !(b.shape.length === 1 && axis === product.shape.length - 1),
  )
  return reshape(product, shape)
}

/** The sum of products of corresponding elements. */
export const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b))

/** The general convolution; `conv` below is what models call. */
export const convolve = (x: Tensor, kernel: Tensor, sweep: Sweep): Tensor => one(apply(convPrimitive, [x, kernel], { ...sweep }))

export interface ConvOptions {
  readonly stride?: number | readonly number[]
  /** Zeros on both sides of each spatial axis, or 'same' (stride 1: the output has the input's extents). */
  readonly padding?: number | readonly number[] | 'same'
  readonly dilation?: number | readonly number[]
  readonly groups?: number
}

/**
 * Cross-correlation over 1 to 3 spatial axes: x [n, c, ...space], kernel [o, c / groups, ...window] → [n, o, ...].
 *
 * @example
 * conv(images, kernels, { stride: 2, padding: 1 })
 */
export function conv(x: Tensor, kernel: Tensor, { stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions = {}): Tensor {
  const rank = Math.max(x.shape.length - 2, 1)
  const perAxis = (value: number | readonly number[]) => (typeof value === 'number' ? new Array<number>(rank).fill(value) : [...value])
  const spacing = perAxis(dilation)
  const around = padding === 'same' ? spacing.map((d, k) => (d * (kernel.shape[k + 2] - 1)) / 2) : perAxis(padding)
  const low = around.map(Math.floor)
  return convolve(x, kernel, { stride: perAxis(stride), low, high: around.map(Math.ceil), dilation: spacing, spread: perAxis(1), groups })
}

export interface PoolOptions {
  readonly size: number
  /** Default: the size, so that windows do not overlap. */
  readonly stride?: number
}

/** The elements at each place of the pooling window, as tensors of the result's shape. */
function windows(name: string, x: Tensor, { size, stride = size }: PoolOptions): Tensor[] {
  const axes = x.shape.slice(2).map((_, k) => k + 2)
  if (axes.some((axis) => x.shape[axis] < size)) throw shapeError(name, `a window of ${size} does not fit`, [x])
  return axes.reduce(
    (parts, axis) =>
      parts.flatMap((part) => {
        const count = Math.floor((part.shape[axis] - size) / stride) + 1
        return Array.from({ length: size }, (_, k) => slice(part, { axis, start: k, end: k + (count - 1) * stride + 1, step: stride }))
      }),
    [x],
  )
}

/** Combines neighbours pairwise, so that equal elements share a derivative evenly. */
const pairwise = (parts: readonly Tensor[], combine: (a: Tensor, b: Tensor) => Tensor): Tensor =>
  parts.length === 1
    ? parts[0]
    : pairwise(
        Array.from({ length: Math.ceil(parts.length / 2) }, (_, k) =>
          2 * k + 1 < parts.length ? combine(parts[2 * k], parts[2 * k + 1]) : parts[2 * k],
        ),
        combine,
      )

/** The largest element of each window: x [n, c, ...space]. */
export const maxPool = (x: Tensor, options: PoolOptions): Tensor => pairwise(windows('maxPool', x, options), maximum)

/** The mean of each window: x [n, c, ...space]. */
export const avgPool = (x: Tensor, options: PoolOptions): Tensor => {
  const parts = windows('avgPool', x, options)
  return div(pairwise(parts, add), parts.length)
}

// Normalisation

export const softmax = (x: Tensor, { axis = -1 } = {}): Tensor =>
  one(apply(softmaxPrimitive, [x], { axis: checkedAxis('softmax', x, axis) }))

export const logSoftmax = (x: Tensor, { axis = -1 } = {}): Tensor =>
  one(apply(logSoftmaxPrimitive, [x], { axis: checkedAxis('logSoftmax', x, axis) }))

/** (x − mean) / √(variance + ε) over the last axis. */
export const standardize = (x: Tensor, { epsilon = 1e-5 } = {}): Tensor => apply(standardizePrimitive, [x], { epsilon })[0]

/** A float tensor as it is, a number as float32: for functions that take either. */
export const asTensor = (x: TensorLike): Tensor => promote('asTensor', [x])[0]

/** Whether a value can have a derivative. */
export const isDifferentiable = (x: unknown): x is Tensor => x instanceof Tensor && isFloat(x.dtype)
