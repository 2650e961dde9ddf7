import { sizeOf } from './array.ts'
import type { DType } from './dtype.ts'
import { add, argmax, cast, cos, iota, less, log, mul, neg, reshape, shiftRight, slice, sqrt, sub, tensor } from './ops.ts'
import { apply, shapeError } from './primitives/define.ts'
import { threefryPrimitive } from './primitives/threefry.ts'
import type { Tensor } from './tensor.ts'

/*
 * Randomness without state: a key (uint32 [2]) gives the same numbers on every runtime, after a resume, and on the host. Use a key once;
 * make new ones with `split` or `fold`.
 */

/** Counter words of derived keys carry this tag, those of random bits carry 0, so that the two never meet. */
const derivedKey = 1

/**
 * A key from a seed, a whole number below 2⁵³.
 *
 * @example
 * const k = key(0) // the same key, the same numbers, on every machine
 * const [forWeights, forNoise] = random.split(k)
 */
export function key(seed: number): Tensor {
  if (!Number.isSafeInteger(seed) || seed < 0) throw shapeError('key', `a seed is a whole number from 0, not ${seed}`, [])
  return tensor(Uint32Array.of(Math.floor(seed / 2 ** 32), seed >>> 0))
}

const words = (k: Tensor, counters: Tensor, tag: number): Tensor => apply(threefryPrimitive, [k, counters], { tag })[0]

/**
 * The n-th key derived from `k`; n is a number or a uint32 scalar (a step counter, say).
 *
 * @example
 * const atStep = (step: number) => random.normal(random.fold(key(0), step), [2])
 */
export const fold = (k: Tensor, n: number | Tensor): Tensor =>
  reshape(words(k, typeof n === 'number' ? tensor(Uint32Array.of(n)) : reshape(n, [1]), derivedKey), k.shape)

/**
 * `count` independent keys.
 *
 * @example
 * const [k1, k2, k3] = random.split(key(0), 3)
 */
export function split(k: Tensor, count = 2): Tensor[] {
  const keys = words(k, iota(count, 'uint32'), derivedKey)
  return Array.from({ length: count }, (_, i) => reshape(slice(keys, { axis: -2, start: i, end: i + 1 }), k.shape))
}

/**
 * Uniform bits, uint32.
 *
 * @example
 * random.randomBits(key(0), [4]).dtype // 'uint32'
 */
export function randomBits(k: Tensor, shape: readonly number[]): Tensor {
  const size = sizeOf(shape)
  const pairs = words(k, iota(Math.ceil(size / 2), 'uint32'), 0)
  return reshape(slice(reshape(pairs, [2 * Math.ceil(size / 2)]), { axis: 0, end: size }), shape)
}

export interface FloatOptions {
  readonly dtype?: DType
}

/**
 * Uniform on [low, high).
 *
 * @example
 * random.uniform(key(0), [2, 3], { low: -1 }).shape // [2, 3]
 */
export function uniform(
  k: Tensor,
  shape: readonly number[],
  { low = 0, high = 1, dtype = 'float32' }: FloatOptions & { low?: number; high?: number } = {},
): Tensor {
  const unit = mul(cast(shiftRight(randomBits(k, shape), 8), dtype), 2 ** -24)
  return low === 0 && high === 1 ? unit : add(mul(unit, high - low), low)
}

/**
 * Standard normal, by Box and Muller.
 *
 * @example
 * await mean(random.normal(key(0), [10_000])).item() // 0.0
 */
export function normal(k: Tensor, shape: readonly number[], { dtype = 'float32' }: FloatOptions = {}): Tensor {
  const [radius, angle] = split(k)
  // 1 − u lies in (0, 1]: its logarithm is finite.
  const length = sqrt(mul(log(sub(1, uniform(radius, shape, { dtype }))), -2))
  return mul(length, cos(mul(uniform(angle, shape, { dtype }), 2 * Math.PI)))
}

/**
 * True with the given probability.
 *
 * @example
 * await mean(cast(random.bernoulli(key(0), 0.3, [10_000]), 'float32')).item() // 0.3
 */
export const bernoulli = (k: Tensor, probability: number | Tensor, shape: readonly number[]): Tensor => less(uniform(k, shape), probability)

/**
 * Samples of softmax(logits) over the last axis, int32, by the Gumbel trick.
 *
 * @example
 * await random.categorical(key(0), log(tensor([0, 1, 0]))).item() // 1
 */
export function categorical(k: Tensor, logits: Tensor): Tensor {
  const u = add(uniform(k, logits.shape, { dtype: logits.dtype }), 2 ** -25)
  return argmax(add(logits, neg(log(neg(log(u))))))
}
