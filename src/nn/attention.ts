import { add, InputError, matmul, mul, random, reshape, softmax, split, swapLast, type Tensor, transpose } from '../engine/index.ts'
import type { Initializer } from './initializers.ts'
import { uniformFanIn } from './initializers.ts'
import { type Affine, groupNorm, linear, type Norm } from './layers.ts'
import type { Model } from './model.ts'

export interface AttentionParams {
  qkv: Affine
  projection: Affine
}

/**
 * softmax(q·kᵀ / √d)·v over the last two axes [..., t, d] (Vaswani et al. 2017). `mask` is added to the scores: −∞ where a query may not look.
 *
 * @example
 * const [q, k, v] = [0, 1, 2].map((i) => random.normal(key(i), [2, 4, 8, 16]))
 * scaledDotProduct(q, k, v).shape // [2, 4, 8, 16]
 */
export function scaledDotProduct(q: Tensor, k: Tensor, v: Tensor, mask?: Tensor): Tensor {
  // The queries are scaled, not the scores: they are fewer.
  const scores = matmul(mul(q, 1 / Math.sqrt(q.shape.at(-1)!)), swapLast(k))
  return matmul(softmax(mask ? add(scores, mask) : scores), v)
}

export interface SelfAttentionOptions {
  /** Of each head. Default: width / heads. */
  readonly headWidth?: number
  /** Added to the scores of t positions [t, t]. */
  readonly mask?: (t: number) => Tensor
}

/**
 * Multi-head self-attention (Vaswani et al. 2017): x [n, t, width] → [n, t, width].
 *
 * @throws InputError where the heads do not divide the width.
 * @example
 * const attention = selfAttention(16, 4)
 * attention.apply(attention.init(key(0)), zeros([2, 8, 16])).shape // [2, 8, 16]
 */
export function selfAttention(
  width: number,
  heads: number,
  { headWidth = width / heads, mask }: SelfAttentionOptions = {},
): Model<AttentionParams> {
  if (!Number.isInteger(headWidth)) throw new InputError(`selfAttention: ${heads} heads do not divide a width of ${width}`)
  const inner = heads * headWidth
  const qkv = linear(width, 3 * inner)
  const projection = linear(inner, width)
  return {
    init(key) {
      const [a, b] = random.split(key)
      return { qkv: qkv.init(a), projection: projection.init(b) }
    },
    apply(params, x) {
      const [n, t] = x.shape
      const toHeads = (y: Tensor) => transpose(reshape(y, [n, t, heads, headWidth]), [0, 2, 1, 3])
      const [q, k, v] = split(qkv.apply(params.qkv, x), 3).map(toHeads)
      const attended = scaledDotProduct(q, k, v, mask?.(t))
      return projection.apply(params.projection, reshape(transpose(attended, [0, 2, 1, 3]), [n, t, inner]))
    },
  }
}

export interface SpatialAttentionParams {
  norm: Norm
  /** [3 · channels, channels]: a convolution by 1×1 without bias. */
  qkv: { weight: Tensor }
  /** [channels, channels] */
  projection: Affine
}

export interface SpatialAttentionOptions {
  /** Default: 1. */
  readonly heads?: number
  /** Of the group norm before it. */
  readonly groups: number
  readonly weight?: Initializer
  /** Of the last layer's weight. */
  readonly last?: Initializer
  readonly bias?: Initializer
}

/**
 * Self-attention between the places of x [n, channels, ...space], after a group norm and added to x, as U-Nets have it (Ho et al. 2020).
 *
 * @throws InputError where heads or groups do not divide the channels.
 * @example
 * const attention = spatialAttention(8, { groups: 4 })
 * attention.apply(attention.init(key(0)), zeros([2, 8, 5, 5])).shape // [2, 8, 5, 5]
 */
export function spatialAttention(
  channels: number,
  { heads = 1, groups, weight = uniformFanIn, last = weight, bias = uniformFanIn }: SpatialAttentionOptions,
): Model<SpatialAttentionParams> {
  if (channels % heads !== 0) throw new InputError(`spatialAttention: ${heads} heads do not divide ${channels} channels`)
  const norm = groupNorm(channels, groups)
  return {
    init(key) {
      const [q, p, b] = random.split(key, 3)
      return {
        norm: norm.init(key),
        qkv: { weight: weight(q, [3 * channels, channels], channels) },
        projection: { weight: last(p, [channels, channels], channels), bias: bias(b, [channels], channels) },
      }
    },
    apply({ norm: normParams, qkv, projection }, x) {
      const [n] = x.shape
      const places = reshape(norm.apply(normParams, x), [n, channels, -1])
      const toHeads = (y: Tensor) => swapLast(reshape(y, [n, heads, channels / heads, -1]))
      const [q, k, v] = split(matmul(qkv.weight, places), 3, { axis: 1 }).map(toHeads)
      const attended = reshape(swapLast(scaledDotProduct(q, k, v)), [n, channels, -1])
      const projected = add(matmul(projection.weight, attended), reshape(projection.bias, [channels, 1]))
      return add(x, reshape(projected, x.shape))
    },
  }
}
