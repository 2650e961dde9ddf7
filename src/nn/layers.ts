import {
  add,
  type ConvOptions,
  conv,
  gather,
  matmul,
  mul,
  ones,
  random,
  reshape,
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

/**
 * x [..., in] → x·Wᵀ + b [..., out]. The weight is [out, in], as in PyTorch's files.
 *
 * @example
 * const head = linear(64, 10)
 */
export function linear(inputs: number, outputs: number, { weight: make = uniformFanIn }: { weight?: Initializer } = {}): Model<Affine> {
  return {
    init(key) {
      const [w, b] = random.split(key)
      return { weight: make(w, [outputs, inputs], inputs), bias: uniformFanIn(b, [outputs], inputs) }
    },
    apply: ({ weight, bias }, x) => add(matmul(x, swapLast(weight)), bias),
  }
}

export interface ConvLayerOptions extends ConvOptions {
  readonly weight?: Initializer
}

/** x [n, in, h, w] → [n, out, h', w'] by a window of size × size; weight [out, in / groups, size, size]. */
export function conv2d(
  inputs: number,
  outputs: number,
  size: number,
  { weight: make = uniformFanIn, ...options }: ConvLayerOptions = {},
): Model<Affine> {
  const shape = [outputs, inputs / (options.groups ?? 1), size, size]
  return {
    init(key) {
      const [w, b] = random.split(key)
      return { weight: make(w, shape, fanInOf(shape)), bias: uniformFanIn(b, [outputs], fanInOf(shape)) }
    },
    apply: ({ weight, bias }, x) => add(conv(x, weight, options), reshape(bias, [outputs, 1, 1])),
  }
}

export interface Norm {
  scale: Tensor
  bias: Tensor
}

/** Layer normalisation over the last axis (Ba et al. 2016): zero mean, unit variance, then a learnt scale and bias. */
export function layerNorm(size: number, { epsilon = 1e-5 } = {}): Model<Norm> {
  return {
    init: () => ({ scale: ones([size]), bias: zeros([size]) }),
    apply: ({ scale, bias }, x) => add(mul(standardize(x, { epsilon }), scale), bias),
  }
}

/** int32 ids [...] → [..., size]: rows of a learnt table. */
export function embedding(count: number, size: number, { deviation = 0.02 } = {}): Model<{ embedding: Tensor }> {
  return {
    init: (key) => ({ embedding: normalInit(deviation)(key, [count, size], count) }),
    apply: ({ embedding }, ids) => gather(embedding, ids),
  }
}
