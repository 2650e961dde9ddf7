import { sizeOf } from './array.ts'
import { InputError } from './errors.ts'
import {
  abs,
  add,
  argsort,
  cast,
  div,
  exp,
  floor,
  less,
  log,
  log1p,
  mul,
  neg,
  pow,
  reshape,
  sign,
  slice,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  where,
} from './ops.ts'
import { promote, type TensorLike } from './primitives/define.ts'
import { binomialQuantile, normalCdf, normalQuantile, poissonQuantile } from './primitives/functions.ts'
import { bernoulli, type FloatOptions, normal, randomBits, split, uniform } from './random.ts'
import type { Tensor } from './tensor.ts'

/*
 * Distributions beyond the uniform and the normal. Parameters are numbers or tensors that broadcast to the shape. Samples made by a smooth
 * function of noise pass derivatives to their parameters; those made by rejection or counting say that they do not.
 */

export * from './random.ts'

/** Uniform in the open interval (0, 1), so that logarithms of u and of 1 − u are finite. */
const open = (k: Tensor, shape: readonly number[], { dtype = 'float32' }: FloatOptions): Tensor =>
  // 23 bits and a half of their last unit: float32 holds them exactly.
  add(mul(floor(mul(uniform(k, shape, { dtype }), 2 ** 23)), 2 ** -23), 2 ** -24)

/**
 * Exponential with mean 1.
 *
 * @example
 * await mean(random.exponential(key(0), [10_000])).item() // 1.0
 */
export const exponential = (k: Tensor, shape: readonly number[], options: FloatOptions = {}): Tensor => neg(log(open(k, shape, options)))

/**
 * Gumbel: −log of an exponential.
 *
 * @example
 * const logits = tensor([0, 1, 2])
 * argmax(add(logits, random.gumbel(key(0), [3]))).shape // []
 */
export const gumbel = (k: Tensor, shape: readonly number[], options: FloatOptions = {}): Tensor => neg(log(exponential(k, shape, options)))

/**
 * Laplace with scale 1: density e^(−|x|)/2.
 *
 * @example
 * await median(random.laplace(key(0), [10_001])).item() // 0.0
 */
export function laplace(k: Tensor, shape: readonly number[], options: FloatOptions = {}): Tensor {
  const side = sub(open(k, shape, options), 0.5)
  return neg(mul(sign(side), log1p(mul(abs(side), -2))))
}

/**
 * Logistic with scale 1.
 *
 * @example
 * await median(random.logistic(key(0), [10_001])).item() // 0.0
 */
export function logistic(k: Tensor, shape: readonly number[], options: FloatOptions = {}): Tensor {
  const u = open(k, shape, options)
  return sub(log(u), log1p(neg(u)))
}

/**
 * Standard normal between two bounds, by its quantiles.
 *
 * @example
 * const x = random.truncatedNormal(key(0), -2, 2, [1000])
 * await all(lessEqual(abs(x), 2)).item() // 1
 */
export function truncatedNormal(
  k: Tensor,
  low: TensorLike,
  high: TensorLike,
  shape: readonly number[],
  options: FloatOptions = {},
): Tensor {
  const u = open(k, shape, options)
  const [, from, to] = promote('truncatedNormal', [u, low, high])
  const [start, end] = [normalCdf(from), normalCdf(to)]
  return normalQuantile(add(start, mul(u, sub(end, start))))
}

/** How often a proposal is made. Each is accepted with probability 0.95 or more: all are refused once in 10¹⁰ samples, and the last is kept. */
const proposals = 8

/**
 * Gamma with scale 1 (Marsaglia & Tsang 2000), its shape parameter above 0. No derivative flows to it: multiply by a scale for one.
 *
 * @example
 * await mean(random.gamma(key(0), 3, [10_000])).item() // 3.0
 */
export function gamma(k: Tensor, concentration: TensorLike, shape: readonly number[], options: FloatOptions = {}): Tensor {
  const [boost, ...keys] = split(k, 1 + 2 * proposals)
  const u = open(boost, shape, options)
  const a = stopGradient(promote('gamma', [u, concentration])[1])
  // Shapes below 1: a sample of shape a + 1 times u^(1/a).
  const isSmall = less(a, 1)
  const d = sub(where(isSmall, add(a, 1), a), 1 / 3)
  const c = div(1 / 3, sqrt(d))
  let sample: Tensor | undefined
  for (let i = proposals - 1; i >= 0; i--) {
    const z = normal(keys[2 * i], shape, options)
    const root = add(mul(c, z), 1)
    const v = pow(where(less(0, root), root, 1), 3)
    const bound = add(mul(square(z), 0.5), mul(d, add(sub(1, v), log(v))))
    const isAccepted = less(log(open(keys[2 * i + 1], shape, options)), where(less(0, root), bound, Number.NEGATIVE_INFINITY))
    sample = sample ? where(isAccepted, v, sample) : v
  }
  return mul(mul(d, sample!), where(isSmall, exp(div(log(u), where(isSmall, a, 1))), 1))
}

/**
 * Beta. No derivative flows to its parameters.
 *
 * @example
 * await mean(random.beta(key(0), 2, 2, [10_000])).item() // 0.5
 */
export function beta(k: Tensor, a: TensorLike, b: TensorLike, shape: readonly number[], options: FloatOptions = {}): Tensor {
  const [left, right] = split(k)
  const [x, y] = [gamma(left, a, shape, options), gamma(right, b, shape, options)]
  return div(x, add(x, y))
}

/**
 * Dirichlet: [...shape, n] for concentrations [n] or [...shape, n]; sums over the last axis are 1. No derivative flows to them.
 *
 * @example
 * await sum(random.dirichlet(key(0), tensor([1, 2, 3]))).item() // 1
 */
export function dirichlet(k: Tensor, concentrations: Tensor, shape: readonly number[] = []): Tensor {
  const x = gamma(k, concentrations, [...shape, concentrations.shape.at(-1)!], { dtype: concentrations.dtype })
  return div(x, sum(x, { axes: -1, keepDims: true }))
}

/**
 * Counts of a Poisson process, as floats.
 *
 * @example
 * await mean(random.poisson(key(0), 4, [10_000])).item() // 4.0
 */
export function poisson(k: Tensor, rate: TensorLike, shape: readonly number[], options: FloatOptions = {}): Tensor {
  return poissonQuantile(rate, open(k, shape, options))
}

/**
 * Successes among n trials of probability p, as floats.
 *
 * @example
 * await max(random.binomial(key(0), 10, 0.5, [1000])).item() // 10
 */
export function binomial(k: Tensor, n: TensorLike, p: TensorLike, shape: readonly number[], options: FloatOptions = {}): Tensor {
  return binomialQuantile(n, p, open(k, shape, options))
}

/**
 * 0 … n − 1 in random order, int32.
 *
 * @example
 * await sort(random.permutation(key(0), 4)).array() // [0, 1, 2, 3]
 */
export const permutation = (k: Tensor, n: number): Tensor => argsort(randomBits(k, [n]))

/**
 * Indices below n, int32: with replacement, or without.
 *
 * @example
 * random.choice(key(0), 52, [5], { replace: false }).shape // [5]
 */
export function choice(k: Tensor, n: number, shape: readonly number[], { replace = true } = {}): Tensor {
  const size = sizeOf(shape)
  if (!replace && size > n) throw new InputError(`choice: ${size} of ${n} cannot be drawn without replacement`)
  if (!replace) return reshape(slice(permutation(k, n), { axis: 0, end: size }), shape)
  return cast(floor(mul(uniform(k, shape, { dtype: 'float64' }), n)), 'int32')
}

/**
 * x with each element replaced by 0 with probability `rate`, the others divided by 1 − rate.
 *
 * @example
 * await mean(random.dropout(key(0), ones([10_000]), 0.2)).item() // 1.0
 */
export function dropout(k: Tensor, x: Tensor, rate: number): Tensor {
  if (!(rate >= 0 && rate < 1)) throw new InputError(`dropout: the rate lies in [0, 1), not ${rate}`)
  return rate === 0 ? x : where(bernoulli(k, 1 - rate, x.shape), div(x, 1 - rate), 0)
}
