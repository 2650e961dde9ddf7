import { sizeOf } from '../array.ts'
import { isFloat } from '../dtype.ts'
import { apply } from '../primitives/define.ts'
import { add, equal, exp, log, mul, neg, sqrt, square, sub, where } from '../primitives/elementwise.ts'
import { argmaxPrimitive, keptShape, maxPrimitive, sumPrimitive } from '../primitives/reduce.ts'
import type { Tensor } from '../tensor.ts'
import { checkedAxis } from './axes.ts'
import { onesLike, stopGradient, zerosLike } from './create.ts'
import { isFiniteNumber } from './elementwise.ts'
import { reshape } from './movement.ts'

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
export const argmax = (x: Tensor, { axis = -1 } = {}): Tensor => apply(argmaxPrimitive, [x], { axis: checkedAxis('argmax', x, axis) })[0]
