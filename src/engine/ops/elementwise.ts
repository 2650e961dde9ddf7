import { isFloat } from '../dtype.ts'
import { bitXor } from '../primitives/bits.ts'
import { promote, shapeError, type TensorLike } from '../primitives/define.ts'
import {
  abs,
  add,
  cbrt,
  div,
  equal,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  mul,
  power,
  reciprocal,
  round,
  softplus,
  sqrt,
  square,
  sub,
  truncatedRemainder,
  where,
} from '../primitives/elementwise.ts'
import type { Tensor } from '../tensor.ts'
import { scalar, stopGradient } from './create.ts'

/*
 * Compositions of element-wise primitives.
 */

/**
 * Whether a > b, element by element.
 *
 * @example
 * await greater(tensor([1, 2]), 1).array() // [false, true]
 */
export const greater = (a: TensorLike, b: TensorLike): Tensor => less(b, a)

/**
 * Whether a ≥ b, element by element.
 *
 * @example
 * await greaterEqual(tensor([0, 1]), 1).array() // [false, true]
 */
export const greaterEqual = (a: TensorLike, b: TensorLike): Tensor => lessEqual(b, a)

/**
 * Whether a ≠ b, element by element.
 *
 * @example
 * await notEqual(tensor([1, 2]), 1).array() // [false, true]
 */
export const notEqual = (a: TensorLike, b: TensorLike): Tensor => logicalNot(equal(a, b))

/**
 * Whether just one of two booleans holds.
 *
 * @example
 * await logicalXor(tensor([true, true]), tensor([true, false])).array() // [false, true]
 */
export const logicalXor = (a: TensorLike, b: TensorLike): Tensor => logicalAnd(logicalOr(a, b), logicalNot(logicalAnd(a, b)))

/**
 * Every bit of an integer turned over.
 *
 * @example
 * await bitNot(tensor([0, 5], { dtype: 'int32' })).array() // [-1, -6]
 */
export const bitNot = (x: Tensor): Tensor => bitXor(x, x.dtype === 'uint32' ? 0xffffffff : -1)

/**
 * Whether an element is NaN.
 *
 * @example
 * await isNotNumber(tensor([Number.NaN, 1])).array() // [true, false]
 */
export const isNotNumber = (x: Tensor): Tensor => notEqual(x, x)

/**
 * Whether an element is ∞ or −∞.
 *
 * @example
 * await isInfinite(tensor([Number.NEGATIVE_INFINITY, 1])).array() // [true, false]
 */
export const isInfinite = (x: Tensor): Tensor => equal(abs(x), Number.POSITIVE_INFINITY)

/**
 * Whether an element is neither NaN nor infinite.
 *
 * @example
 * await isFiniteNumber(tensor([Number.NaN, 1])).array() // [false, true]
 */
export const isFiniteNumber = (x: Tensor): Tensor => less(sub(x, x), 1)

/**
 * xʸ. Whole and half exponents that are plain numbers become products and roots.
 *
 * @example
 * await pow(tensor([-2, 3]), 3).array() // [-8, 27]
 */
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

/**
 * 1 / √x
 *
 * @example
 * await rsqrt(tensor([4, 16])).array() // [0.5, 0.25]
 */
export const rsqrt = (x: Tensor): Tensor => reciprocal(sqrt(x))

/**
 * x kept within [low, high], numbers or tensors. The derivative is x's inside and at the bounds, the bound's outside. NaN stays NaN.
 *
 * @example
 * await clip(tensor([-2, 0.5, 2]), 0, 1).array() // [0, 0.5, 1]
 */
export function clip(x: Tensor, low: TensorLike, high: TensorLike): Tensor {
  const [, least, most] = promote('clip', [x, low, high])
  return where(less(x, least), least, where(less(most, x), most, x))
}

/**
 * Rounds towards zero. Integers stay as they are.
 *
 * @example
 * await trunc(tensor([-1.7, 1.7])).array() // [-1, 1]
 */
export const trunc = (x: Tensor): Tensor => sub(x, truncatedRemainder(x, 1))

/**
 * a − b·⌊a / b⌋: the remainder with b's sign, as Python's %.
 *
 * @example
 * await remainder(tensor([-7, 7]), 3).array() // [2, 1]
 */
export function remainder(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = promote('remainder', [a, b])
  const rest = truncatedRemainder(x, y)
  return x.dtype === 'uint32' ? rest : where(crossesZero(rest, y), add(rest, y), rest)
}

/**
 * ⌊a / b⌋, exact for integers; floats divided by zero are infinite. The derivative is zero.
 *
 * @example
 * await floorDiv(tensor([-7, 7]), 2).array() // [-4, 3]
 */
export function floorDiv(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = promote('floorDiv', [a, b]).map(stopGradient)
  if (x.dtype === 'uint32') return div(x, y)
  const rest = truncatedRemainder(x, y)
  const towardsZero = div(sub(x, rest), y)
  if (!isFloat(x.dtype)) return where(crossesZero(rest, y), sub(towardsZero, 1), towardsZero)
  const whole = round(towardsZero)
  return where(equal(y, 0), div(x, y), where(crossesZero(rest, y), sub(whole, 1), whole))
}

/** Whether a remainder is not zero and on the other side of it than the divisor. */
const crossesZero = (rest: Tensor, divisor: Tensor): Tensor => logicalAnd(notEqual(rest, 0), notEqual(less(rest, 0), less(divisor, 0)))

/**
 * log(eᵃ + eᵇ), without overflow; −∞ is the neutral element.
 *
 * @example
 * await logAddExp(tensor([1000]), tensor([1000])).array() // [1000.693]
 */
export function logAddExp(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = promote('logAddExp', [a, b])
  if (!isFloat(x.dtype)) throw shapeError('logAddExp', 'takes floats', [x, y])
  // Equal infinities are no further apart than equal numbers are.
  const gap = where(equal(x, y), sub(where(isInfinite(x), scalar(0, x.dtype), x), where(isInfinite(y), scalar(0, y.dtype), y)), sub(x, y))
  // Both branches have the same derivatives of every order where they meet.
  return where(less(gap, 0), add(y, softplus(gap)), add(x, softplus(sub(0, gap))))
}
