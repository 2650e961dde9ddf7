import {
  add,
  type ConvOptions,
  type ConvTransposeOptions,
  cast,
  conv,
  convTranspose,
  gather,
  InputError,
  matmul,
  mul,
  ones,
  type ResizeOptions,
  random,
  reshape,
  resize,
  standardize,
  swapLast,
  type Tensor,
  zeros,
} from '../engine/index.ts'
import { fanInOf, type Initializer, normalInit, uniformFanIn } from './initializers.ts'
import type { Model } from './model.ts'

export interface Affine {
  weight: Tensor
  bias: Tensor
}

export interface AffineOptions {
  /** Default: `uniformFanIn`, of the bias too. */
  readonly weight?: Initializer
  readonly bias?: Initializer
}

/**
 * x [..., in] → x·Wᵀ + b [..., out]. The weight is [out, in], as in PyTorch's files.
 *
 * @example
 * const head = linear(64, 10)
 */
export function linear(inputs: number, outputs: number, { weight = uniformFanIn, bias = uniformFanIn }: AffineOptions = {}): Model<Affine> {
  return {
    init(key) {
      const [w, b] = random.split(key)
      return { weight: weight(w, [outputs, inputs], inputs), bias: bias(b, [outputs], inputs) }
    },
    apply: (params, x) => add(matmul(x, swapLast(params.weight)), params.bias),
  }
}

export interface ConvLayerOptions extends ConvOptions, AffineOptions {}

/** A layer that convolves over `rank` axes with a window of size × size × …; weight [out, in / groups, ...window]. */
const convolution =
  (rank: number) =>
  (inputs: number, outputs: number, size: number, { weight, bias, ...options }: ConvLayerOptions = {}): Model<Affine> =>
    windowed([outputs, inputs / (options.groups ?? 1), ...window(rank, size)], outputs, { weight, bias }, (x, kernel) =>
      conv(x, kernel, options),
    )

const window = (rank: number, size: number): number[] => new Array<number>(rank).fill(size)

/** An affine layer whose linear part is a convolution of some kind: the bias is one number a channel. */
function windowed(
  shape: readonly number[],
  outputs: number,
  { weight = uniformFanIn, bias = uniformFanIn }: AffineOptions,
  apply: (x: Tensor, kernel: Tensor) => Tensor,
): Model<Affine> {
  return {
    init(key) {
      const [w, b] = random.split(key)
      return { weight: weight(w, shape, fanInOf(shape)), bias: bias(b, [outputs], fanInOf(shape)) }
    },
    apply: (params, x) => add(apply(x, params.weight), reshape(params.bias, [outputs, ...shape.slice(2).map(() => 1)])),
  }
}

/**
 * x [n, in, length] → [n, out, length']; weight [out, in / groups, size].
 *
 * @example
 * const layer = conv1d(3, 16, 5, { padding: 2 })
 * layer.apply(layer.init(key(0)), zeros([8, 3, 100])).shape // [8, 16, 100]
 */
export const conv1d = convolution(1)

/**
 * x [n, in, h, w] → [n, out, h', w'] by a window of size × size; weight [out, in / groups, size, size].
 *
 * @example
 * const layer = conv2d(3, 16, 3, { padding: 1 })
 * layer.apply(layer.init(key(0)), zeros([8, 3, 32, 32])).shape // [8, 16, 32, 32]
 */
export const conv2d = convolution(2)

/**
 * x [n, in, d, h, w] → [n, out, d', h', w'] by a window of size³; weight [out, in / groups, size, size, size].
 *
 * @example
 * const layer = conv3d(1, 4, 3)
 * layer.apply(layer.init(key(0)), zeros([1, 1, 8, 8, 8])).shape // [1, 4, 6, 6, 6]
 */
export const conv3d = convolution(3)

export interface ConvTransposeLayerOptions extends ConvTransposeOptions, AffineOptions {}

/** As `convolution`, transposed: with a stride it makes more of less. The weight is [in, out / groups, ...window], as in PyTorch's files. */
const transposedConvolution =
  (rank: number) =>
  (inputs: number, outputs: number, size: number, { weight, bias, ...options }: ConvTransposeLayerOptions = {}): Model<Affine> =>
    windowed([inputs, outputs / (options.groups ?? 1), ...window(rank, size)], outputs, { weight, bias }, (x, kernel) =>
      convTranspose(x, kernel, options),
    )

/**
 * x [n, in, length] → [n, out, length']
 *
 * @example
 * const layer = convTranspose1d(16, 3, 2, { stride: 2 })
 * layer.apply(layer.init(key(0)), zeros([8, 16, 50])).shape // [8, 3, 100]
 */
export const convTranspose1d = transposedConvolution(1)

/**
 * x [n, in, h, w] → [n, out, h', w']
 *
 * @example
 * const layer = convTranspose2d(16, 3, 2, { stride: 2 })
 * layer.apply(layer.init(key(0)), zeros([8, 16, 16, 16])).shape // [8, 3, 32, 32]
 */
export const convTranspose2d = transposedConvolution(2)

/**
 * x [n, in, d, h, w] → [n, out, d', h', w']
 *
 * @example
 * const layer = convTranspose3d(4, 1, 2, { stride: 2 })
 * layer.apply(layer.init(key(0)), zeros([1, 4, 4, 4, 4])).shape // [1, 1, 8, 8, 8]
 */
export const convTranspose3d = transposedConvolution(3)

/**
 * x [n, c, ...space] with every spatial extent times a whole factor.
 *
 * @example
 * upsample(zeros([1, 3, 16, 16]), 2).shape // [1, 3, 32, 32]
 */
export const upsample = (x: Tensor, factor: number, options: Omit<ResizeOptions, 'size'> = {}): Tensor =>
  resize(x, { ...options, size: x.shape.slice(2).map((extent) => extent * factor) })

export interface Norm {
  scale: Tensor
  bias: Tensor
}

/**
 * Layer normalisation over the last axis (Ba et al. 2016): zero mean, unit variance, then a learnt scale and bias.
 *
 * @example
 * const norm = layerNorm(2)
 * await norm.apply(norm.init(key(0)), tensor([1, 3])).array() // [-1.000, 1.000]
 */
export function layerNorm(size: number, { epsilon = 1e-5 } = {}): Model<Norm> {
  return {
    init: () => ({ scale: ones([size]), bias: zeros([size]) }),
    apply: ({ scale, bias }, x) => add(mul(standardize(x, { epsilon }), scale), bias),
  }
}

/**
 * Group normalisation of x [n, channels, ...space] (Wu & He 2018): each group of neighbouring channels of an example gets zero mean and unit variance, then
 * each channel a learnt scale and bias.
 *
 * @throws InputError where the groups do not divide the channels.
 * @example
 * const norm = groupNorm(4, 2)
 * norm.apply(norm.init(key(0)), ones([8, 4, 5, 5])).shape // [8, 4, 5, 5]
 */
export function groupNorm(channels: number, groups: number, { epsilon = 1e-5 } = {}): Model<Norm> {
  if (channels % groups !== 0) throw new InputError(`groupNorm: ${groups} groups do not divide ${channels} channels`)
  return {
    init: () => ({ scale: ones([channels]), bias: zeros([channels]) }),
    apply({ scale, bias }, x) {
      const each = [channels, ...x.shape.slice(2).map(() => 1)]
      const y = reshape(standardize(reshape(x, [x.shape[0], groups, -1]), { epsilon }), x.shape)
      return add(mul(y, reshape(scale, each)), reshape(bias, each))
    },
  }
}

/**
 * Each element is zero with probability `rate`, else times 1 / (1 − rate) (Srivastava et al. 2014): for training, with a key for each step.
 *
 * @example
 * await mean(dropout(ones([10_000]), { rate: 0.1, key: key(0) })).item() // 1.0
 */
export function dropout(x: Tensor, { rate, key }: { rate: number; key: Tensor }): Tensor {
  if (!(rate >= 0 && rate < 1)) throw new InputError(`dropout: the rate is ${rate}, not in [0, 1)`)
  if (rate === 0) return x
  return mul(x, mul(cast(random.bernoulli(key, 1 - rate, x.shape), x.dtype), 1 / (1 - rate)))
}

/**
 * int32 ids [...] → [..., size]: rows of a learnt table.
 *
 * @example
 * const table = embedding(100, 16)
 * table.apply(table.init(key(0)), tensor([[7, 42]], { dtype: 'int32' })).shape // [1, 2, 16]
 */
export function embedding(count: number, size: number, { deviation = 0.02 } = {}): Model<{ embedding: Tensor }> {
  return {
    init: (key) => ({ embedding: normalInit(deviation)(key, [count, size], count) }),
    apply: ({ embedding }, ids) => gather(embedding, ids),
  }
}
