import type { TensorLike } from '../primitives/define.ts'
import { cbrt, equal, less, lessEqual, logicalNot, mul, power, reciprocal, sqrt, square, sub, where } from '../primitives/elementwise.ts'
import type { Tensor } from '../tensor.ts'
import { scalar } from './create.ts'

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
