import { InputError } from '../errors.ts'
import * as bessel from '../kernels/bessel.ts'
import * as errorFunction from '../kernels/error-function.ts'
import * as gamma from '../kernels/gamma.ts'
import * as quantiles from '../kernels/quantiles.ts'
import type { Tensor } from '../tensor.ts'
import { type Binary, elementwise, type Operation, type TensorLike, type Unary } from './define.ts'
import { add, div, equal, exp, mul, neg, sign, square, sub, where } from './elementwise.ts'

/*
 * Special functions that run on the host: series and fractions of as many terms as each number needs take a graph hundreds of nodes. Both
 * dtypes are computed in float64.
 */

const withoutSlope = (name: string, input: string) => (): never => {
  throw new InputError(`${name} has no derivative with respect to ${input}`, {
    fix: `stopGradient(${input}) says that it counts as a constant`,
  })
}

const twoOverSqrtPi = 2 / Math.sqrt(Math.PI)

/** The density of the standard normal. */
const gaussian = (x: Tensor): Tensor => mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))

/**
 * 1 − erf(x), accurate where that is tiny.
 *
 * @example
 * await erfc(tensor([0, 1])).array() // [1, 0.157299]
 */
export const erfc: Unary = elementwise<[x: Tensor]>({
  name: 'erfc',
  evaluate: errorFunction.erfc,
  derivative: [(t, x) => mul(t, mul(exp(neg(square(x))), -twoOverSqrtPi))],
})

/**
 * e^(x²)·erfc(x)
 *
 * @example
 * await erfcx(tensor([0, 1])).array() // [1, 0.427584]
 */
export const erfcx: Unary = elementwise<[x: Tensor]>({
  name: 'erfcx',
  evaluate: errorFunction.erfcx,
  derivative: [(t, x, y) => mul(t, sub(mul(mul(x, y), 2), twoOverSqrtPi))],
})

/**
 * The x with erf(x) = y: ±∞ at ±1, NaN outside.
 *
 * @example
 * await erfinv(tensor([0, 0.842701])).array() // [0, 1.0000]
 */
export const erfinv: Unary = elementwise<[y: Tensor]>({
  name: 'erfinv',
  evaluate: errorFunction.erfinv,
  derivative: [(t, _, x) => mul(t, mul(exp(square(x)), 1 / twoOverSqrtPi))],
})

/**
 * The distribution function of the standard normal, accurate in both tails.
 *
 * @example
 * await normalCdf(tensor([0, 1.959964])).array() // [0.5, 0.97500]
 */
export const normalCdf: Unary = elementwise<[x: Tensor]>({
  name: 'normalCdf',
  evaluate: errorFunction.normalCdf,
  derivative: [(t, x) => mul(t, gaussian(x))],
})

/**
 * The logarithm of `normalCdf`, which does not underflow.
 *
 * @example
 * await logNormalCdf(tensor([0])).array() // [-0.693147]
 */
export const logNormalCdf: Unary = elementwise<[x: Tensor]>({
  name: 'logNormalCdf',
  evaluate: errorFunction.logNormalCdf,
  // The density over the distribution function, by their logarithms: neither underflows.
  derivative: [(t, x, y) => mul(t, exp(sub(mul(square(x), -0.5), add(y, Math.log(2 * Math.PI) / 2))))],
})

/**
 * The x with normalCdf(x) = p: ∓∞ at 0 and 1, NaN outside.
 *
 * @example
 * await normalQuantile(tensor([0.5, 0.975])).array() // [0, 1.95996]
 */
export const normalQuantile: Unary = elementwise<[p: Tensor]>({
  name: 'normalQuantile',
  evaluate: errorFunction.normalQuantile,
  derivative: [(t, _, x) => div(t, gaussian(x))],
})

/**
 * log |Γ(x)|; ∞ at 0, −1, −2, …
 *
 * @example
 * await lgamma(tensor([5])).array() // [3.178054]
 */
export const lgamma: Unary = elementwise<[x: Tensor]>({
  name: 'lgamma',
  evaluate: gamma.lgamma,
  derivative: [(t, x) => mul(t, digamma(x))],
})

/**
 * The derivative of `lgamma`; NaN at 0, −1, −2, …
 *
 * @example
 * await digamma(tensor([1])).array() // [-0.577216]
 */
export const digamma: Unary = elementwise<[x: Tensor]>({
  name: 'digamma',
  evaluate: gamma.digamma,
  derivative: [(t, x) => mul(t, polygamma(1, x))],
})

/**
 * The n-th derivative of `digamma`, for whole n ≥ 0.
 *
 * @example
 * await polygamma(1, tensor([1])).array() // [1.644934]
 */
export const polygamma: Binary = elementwise<[n: Tensor, x: Tensor]>({
  name: 'polygamma',
  evaluate: gamma.polygamma,
  derivative: [withoutSlope('polygamma', 'n'), (t, n, x) => mul(t, polygamma(add(n, 1), x))],
})

/**
 * Hurwitz's zeta function Σ (a + k)^(−s) over k ≥ 0, for s > 1 and a > 0; with a = 1 Riemann's.
 *
 * @example
 * await zeta(2, tensor([1])).array() // [1.644934]
 */
export const zeta: Binary = elementwise<[s: Tensor, a: Tensor]>({
  name: 'zeta',
  evaluate: gamma.zeta,
  derivative: [withoutSlope('zeta', 's'), (t, s, a) => neg(mul(t, mul(s, zeta(add(s, 1), a))))],
})

/**
 * log B(a, b) = log Γ(a) + log Γ(b) − log Γ(a + b), for positive a and b.
 *
 * @example
 * await logBeta(tensor([2]), tensor([3])).array() // [-2.484907]
 */
export const logBeta: Binary = elementwise<[a: Tensor, b: Tensor]>({
  name: 'logBeta',
  evaluate: gamma.logBeta,
  derivative: [(t, a, b) => mul(t, sub(digamma(a), digamma(add(a, b)))), (t, a, b) => mul(t, sub(digamma(b), digamma(add(a, b))))],
})

/** y/x, and its limit at 0. */
const overArgument = (y: Tensor, x: Tensor, limit: number): Tensor => {
  const isZero = equal(x, 0)
  return where(isZero, limit, div(y, where(isZero, 1, x)))
}

/**
 * The modified Bessel function I₀.
 *
 * @example
 * await besselI0(tensor([0, 1])).array() // [1, 1.266066]
 */
export const besselI0: Unary = elementwise<[x: Tensor]>({
  name: 'besselI0',
  evaluate: bessel.besselI0,
  derivative: [(t, x) => mul(t, besselI1(x))],
})

/**
 * The modified Bessel function I₁.
 *
 * @example
 * await besselI1(tensor([0, 1])).array() // [0, 0.565159]
 */
export const besselI1: Unary = elementwise<[x: Tensor]>({
  name: 'besselI1',
  evaluate: bessel.besselI1,
  derivative: [(t, x, y) => mul(t, sub(besselI0(x), overArgument(y, x, 0.5)))],
})

/**
 * e^(−|x|)·I₀(x), which does not overflow.
 *
 * @example
 * await besselI0e(tensor([0, 1])).array() // [1, 0.465760]
 */
export const besselI0e: Unary = elementwise<[x: Tensor]>({
  name: 'besselI0e',
  evaluate: bessel.besselI0e,
  derivative: [(t, x, y) => mul(t, sub(besselI1e(x), mul(sign(x), y)))],
})

/**
 * e^(−|x|)·I₁(x), which does not overflow.
 *
 * @example
 * await besselI1e(tensor([0, 1])).array() // [0, 0.207910]
 */
export const besselI1e: Unary = elementwise<[x: Tensor]>({
  name: 'besselI1e',
  evaluate: bessel.besselI1e,
  derivative: [(t, x, y) => mul(t, sub(sub(besselI0e(x), mul(sign(x), y)), overArgument(y, x, 0.5)))],
})

/**
 * The least count whose distribution function under a Poisson distribution of this rate exceeds u.
 *
 * @example
 * await poissonQuantile(4, tensor([0.5])).array() // [4]
 */
export const poissonQuantile: Binary = elementwise<[rate: Tensor, u: Tensor]>({
  name: 'poissonQuantile',
  evaluate: quantiles.poissonQuantile,
  derivative: [null, null],
})

/**
 * The least count whose distribution function under a binomial distribution of n trials of probability p exceeds u.
 *
 * @example
 * await binomialQuantile(10, 0.5, tensor([0.5])).array() // [5]
 */
export const binomialQuantile: Operation<[n: TensorLike, p: TensorLike, u: TensorLike]> = elementwise<[n: Tensor, p: Tensor, u: Tensor]>({
  name: 'binomialQuantile',
  evaluate: quantiles.binomialQuantile,
  derivative: [null, null, null],
})
