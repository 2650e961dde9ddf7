import { sizeOf } from '../array.ts'
import { apply, shapeError } from '../primitives/define.ts'
import { abs, add, div, equal, exp, less, log, logicalNot, mul, sqrt, square, sub, where } from '../primitives/elementwise.ts'
import { argmaxPrimitive, keptShape, maxPrimitive, sumPrimitive } from '../primitives/reduce.ts'
import type { Tensor } from '../tensor.ts'
import { checkedAxis } from './axes.ts'
import { cast, full, onesLike, stopGradient, zerosLike } from './create.ts'
import { isFiniteNumber, pow } from './elementwise.ts'
import { mirror } from './mirror.ts'
import { concat, reshape, slice, squeeze } from './movement.ts'

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
  const reduced = list.length === 0 && name !== 'sum' ? x : apply(primitive, [x], { axes: list })[0]
  return keepDims ? reshape(reduced, keptShape(x.shape, list)) : reduced
}

/**
 * The sum over some axes; over all by default.
 *
 * @example
 * await sum(ones([2, 3]), { axes: 0 }).array() // [2, 2, 2]
 */
export const sum = (x: Tensor, options: ReduceOptions = {}): Tensor => {
  const axes = options.axes
  return Array.isArray(axes) && axes.length === 0 ? x : reduction('sum', sumPrimitive, x, options)
}

/**
 * The largest element; equal ones share the derivative.
 *
 * @example
 * await max(tensor([[1, 5], [7, 2]]), { axes: -1 }).array() // [5, 7]
 */
export const max = (x: Tensor, options: ReduceOptions = {}): Tensor => reduction('max', maxPrimitive, x, options)

/**
 * The smallest element; equal ones share the derivative.
 *
 * @example
 * await min(tensor([[1, 5], [7, 2]]), { axes: -1 }).array() // [1, 2]
 */
export const min = (x: Tensor, options: ReduceOptions = {}): Tensor => mirror(max(mirror(x), options))

/**
 * The mean over some axes; over all by default.
 *
 * @example
 * await mean(tensor([1, 2, 6])).item() // 3
 */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const total = sum(x, options)
  return div(total, sizeOf(x.shape) / sizeOf(total.shape))
}

export interface VarianceOptions extends ReduceOptions {
  /** What is taken from the count before dividing by it: 0 (the default) for a population, 1 for a sample. */
  readonly correction?: number
}

/**
 * The mean squared distance from the mean.
 *
 * @example
 * await variance(tensor([1, 3])).item() // 1
 * await variance(tensor([1, 3]), { correction: 1 }).item() // 2
 */
export function variance(x: Tensor, { correction = 0, ...options }: VarianceOptions = {}): Tensor {
  const squares = square(sub(x, mean(x, { ...options, keepDims: true })))
  const total = sum(squares, options)
  return div(total, Math.max(0, sizeOf(x.shape) / sizeOf(total.shape) - correction))
}

/**
 * The root of the variance, with derivative 0 where it is 0.
 *
 * @example
 * await standardDeviation(tensor([1, 3])).item() // 1
 */
export const standardDeviation = (x: Tensor, options: VarianceOptions = {}): Tensor => rootOrZero(variance(x, options))

/**
 * log Σ eˣ, without overflow; −∞ where nothing is summed.
 *
 * @example
 * await logSumExp(tensor([1000, 1000])).item() // 1000.693
 */
export function logSumExp(x: Tensor, options: ReduceOptions = {}): Tensor {
  if (sizeOf(x.shape) === 0) return log(sum(x, options))
  const largest = stopGradient(max(x, { ...options, keepDims: true }))
  const shift = where(isFiniteNumber(largest), largest, zerosLike(largest))
  const total = log(sum(exp(sub(x, shift)), { ...options, keepDims: true }))
  const result = add(total, shift)
  return options.keepDims ? result : reshape(result, sum(x, options).shape)
}

export interface NormOptions extends ReduceOptions {
  /** p of (Σ|x|ᵖ)^(1/p), or Infinity for the largest |x|. */
  readonly order?: number
}

/**
 * The length of a vector, √Σx² where no other order is asked for, with derivative 0 where it is 0.
 *
 * @example
 * await norm(tensor([3, 4])).item() // 5
 * await norm(tensor([3, -4]), { order: 1 }).item() // 7
 */
export function norm(x: Tensor, { order = 2, ...options }: NormOptions = {}): Tensor {
  if (!(order > 0)) throw shapeError('norm', `the order must be positive, not ${order}`, [x])
  if (order === 2) return rootOrZero(sum(square(x), options))
  if (order === 1) return sum(abs(x), options)
  if (order === Number.POSITIVE_INFINITY) return max(abs(x), options)
  const isZero = equal(x, 0)
  const powers = where(isZero, zerosLike(x), pow(abs(where(isZero, onesLike(x), x)), order))
  const total = sum(powers, options)
  const nothing = equal(total, 0)
  return where(nothing, zerosLike(total), pow(where(nothing, onesLike(total), total), 1 / order))
}

/** √x, with derivative 0 where x is 0. */
function rootOrZero(x: Tensor): Tensor {
  const isZero = equal(x, 0)
  return where(isZero, zerosLike(x), sqrt(where(isZero, onesLike(x), x)))
}

/**
 * The product; 1 where there is nothing to multiply. Zeros are no trouble to its derivatives: nothing is divided.
 *
 * @example
 * await prod(tensor([2, 3, 4])).item() // 24
 */
export function prod(x: Tensor, { axes = [...x.shape.keys()], keepDims = false }: ReduceOptions = {}): Tensor {
  const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => checkedAxis('prod', x, axis))
  const product = list.reduce((part, axis) => halved(part, axis), x)
  return keepDims ? product : squeeze(product, list)
}

/** Multiplies one half of an axis with the other until one element is left. */
function halved(x: Tensor, axis: number): Tensor {
  const extent = x.shape[axis]
  if (extent === 0) return full(x.shape.with(axis, 1), 1, x.dtype)
  if (extent === 1) return x
  const half = Math.floor(extent / 2)
  const product = mul(slice(x, { axis, end: half }), slice(x, { axis, start: half, end: 2 * half }))
  return halved(extent % 2 === 0 ? product : concat([product, slice(x, { axis, start: 2 * half })], { axis }), axis)
}

/**
 * Whether any element is true; false of nothing.
 *
 * @example
 * await any(tensor([false, true])).array() // true
 */
export const any = (x: Tensor, options: ReduceOptions = {}): Tensor => less(0, sum(cast(cast(x, 'bool'), 'int32'), options))

/**
 * Whether all elements are true; true of nothing.
 *
 * @example
 * await all(tensor([false, true])).array() // false
 */
export const all = (x: Tensor, options: ReduceOptions = {}): Tensor => logicalNot(any(logicalNot(cast(x, 'bool')), options))

/**
 * The index of the first largest element along an axis, int32; the first NaN, where there is one.
 *
 * @example
 * await argmax(tensor([[1, 5], [7, 2]])).array() // [1, 0]
 */
export const argmax = (x: Tensor, { axis = -1 } = {}): Tensor => apply(argmaxPrimitive, [x], { axis: checkedAxis('argmax', x, axis) })[0]

/**
 * The index of the first smallest element along an axis, int32; the first NaN, where there is one.
 *
 * @example
 * await argmin(tensor([[1, 5], [7, 2]])).array() // [0, 1]
 */
export const argmin = (x: Tensor, options: { axis?: number } = {}): Tensor => argmax(mirror(x), options)
