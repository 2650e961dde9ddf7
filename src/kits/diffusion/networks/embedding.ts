import {
  add,
  cast,
  concat,
  cos,
  exp,
  full,
  gather,
  InputError,
  iota,
  mul,
  random,
  reshape,
  silu,
  sin,
  type Tensor,
} from '../../../engine/index.ts'
import { type Affine, linear, normalInit } from '../../../nn/index.ts'
import type { Given } from '../network.ts'

/** The longest of the periods, over 2π (Vaswani et al. 2017). */
const longest = 10_000

/**
 * Sines, then cosines, of a condition [n] → [n, size]: sin(c·10000^(−i/half)) for i below half = size / 2 (Ho et al. 2020; with the noise level γ in
 * the place of a step, Saharia et al. 2021).
 *
 * @example
 * await sinusoids(tensor([0]), 4).array() // [[0, 0, 1, 1]]
 */
function sinusoids(condition: Tensor, size: number): Tensor {
  const half = size / 2
  const frequencies = exp(mul(cast(iota(half), condition.dtype), -Math.log(longest) / half))
  const angles = mul(reshape(condition, [-1, 1]), frequencies)
  return concat([sin(angles), cos(angles)], { axis: 1 })
}

export interface EmbeddingOptions {
  /** Sines and cosines. */
  readonly size: number
  /** Extents of the layers after them, with SiLU between: none, or two. */
  readonly layers: readonly number[]
  /** What a condition is multiplied with first. */
  readonly scale?: number
  readonly classes?: number
}

export interface EmbeddingParams {
  layers: Affine[]
  /** [classes + 1, extent]: the last row is that of "none". */
  labels?: Tensor
}

export interface Embedding {
  /** Extent of what it gives. */
  readonly extent: number
  init(key: Tensor): EmbeddingParams
  apply(params: EmbeddingParams, condition: Tensor, given?: Given): Tensor
}

/** What a network is told, as one vector for each example [n, extent]: the noise level's sinusoids through a small network, plus a learnt vector of the class. */
export function conditionEmbedding({ size, layers: extents, scale = 1, classes }: EmbeddingOptions): Embedding {
  const layers = extents.map((extent, i) => linear(i === 0 ? size : extents[i - 1], extent))
  const extent = extents.at(-1) ?? size
  return {
    extent,
    init(key) {
      const [forLabels, ...keys] = random.split(key, layers.length + 1)
      const labels = classes === undefined ? undefined : normalInit(1)(forLabels, [classes + 1, extent], extent)
      return { layers: layers.map((layer, i) => layer.init(keys[i])), ...(labels && { labels }) }
    },
    apply(params, condition, given) {
      const waves = sinusoids(scale === 1 ? condition : mul(condition, scale), size)
      const level = layers.reduce((e, layer, i) => layer.apply(params.layers[i], i === 0 ? e : silu(e)), waves)
      if (classes === undefined) {
        if (given?.label) throw new InputError('the network has no classes, but a label was given', { fix: 'train it with classes' })
        return level
      }
      return add(level, gather(params.labels!, given?.label ?? full(condition.shape, classes, 'int32')))
    },
  }
}
