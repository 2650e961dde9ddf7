/**
 * Special functions: gamma, beta, Bessel, error functions and their kin.
 *
 * @module
 */

import { div, equal, exp, floor, less, log, log1p, mul, neg, round, sin, softplus, square, sub, where } from './ops.ts'
import { promote, type TensorLike } from './primitives/define.ts'
import { logBeta } from './primitives/functions.ts'
import type { Tensor } from './tensor.ts'

/*
 * Special functions. Those of primitives/ run on the host, and cut a compiled graph; the compositions below do not.
 */

export * from './primitives/functions.ts'
export * from './primitives/incomplete.ts'

/**
 * log(1/(1 + e⁻ˣ)), without overflow.
 *
 * @example
 * await logSigmoid(tensor([0, -1000])).array() // [-0.693147, -1000]
 */
export const logSigmoid = (x: Tensor): Tensor => neg(softplus(neg(x)))

/**
 * log(p/(1 − p)), the inverse of `sigmoid`.
 *
 * @example
 * await logit(tensor([0.5, 0.75])).array() // [0, 1.098612]
 */
export const logit = (p: Tensor): Tensor => sub(log(p), log1p(neg(p)))

/**
 * x·log y, and 0 where x = 0, whatever y.
 *
 * @example
 * await xlogy(tensor([0, 2]), tensor([0, Math.E])).array() // [0, 2.00000]
 */
export const xlogy = (x: TensorLike, y: TensorLike): Tensor => timesLogarithm('xlogy', x, y, log, 1)

/**
 * x·log(1 + y), and 0 where x = 0, whatever y.
 *
 * @example
 * await xlog1py(tensor([0, 2]), tensor([-1, 0])).array() // [0, 0]
 */
export const xlog1py = (x: TensorLike, y: TensorLike): Tensor => timesLogarithm('xlog1py', x, y, log1p, 0)

function timesLogarithm(name: string, x: TensorLike, y: TensorLike, logarithm: (y: Tensor) => Tensor, harmless: number): Tensor {
  const [factor, argument] = promote(name, [x, y])
  const isZero = equal(factor, 0)
  return where(isZero, mul(factor, 0), mul(factor, logarithm(where(isZero, harmless, argument))))
}

/**
 * B(a, b), for positive a and b.
 *
 * @example
 * await beta(2, tensor([3])).array() // [0.0833333]
 */
export const beta = (a: TensorLike, b: TensorLike): Tensor => exp(logBeta(a, b))

/** Below this, sin(z)/z is its series, whose derivatives of every order hold at 0 too. */
const sincSeries = 0.5

/**
 * sin(πx)/(πx), and 1 at 0.
 *
 * @example
 * await sinc(tensor([0, 0.5])).array() // [1, 0.636620]
 */
export function sinc(x: Tensor): Tensor {
  const z = mul(x, Math.PI)
  const z2 = square(z)
  const isNear = less(z2, sincSeries ** 2)
  let series: TensorLike = 1
  for (let n = 16; n >= 2; n -= 2) series = sub(1, mul(div(where(isNear, z2, 0), n * (n + 1)), series))
  // sin(πx) = ±sin(πr) with r = x − k exact, k the nearest whole number.
  const k = round(x)
  const odd = sub(k, mul(floor(mul(k, 0.5)), 2))
  const sine = mul(sin(mul(sub(x, k), Math.PI)), sub(1, mul(odd, 2)))
  return where(isNear, series, div(sine, where(isNear, 1, z)))
}
