import { add, expandDims, gelu, greaterEqual, iota, random, scalar, slice, type Tensor, where } from '../engine/index.ts'
import { type AttentionParams, selfAttention } from './attention.ts'
import { type Affine, embedding, layerNorm, linear, type Norm } from './layers.ts'
import type { Model } from './model.ts'

/**
 * Causal multi-head self-attention (Vaswani et al. 2017): x [n, t, width] → [n, t, width].
 *
 * @example
 * const attention = causalAttention(16, 4)
 * attention.apply(attention.init(key(0)), zeros([2, 8, 16])).shape // [2, 8, 16]
 */
export const causalAttention = (width: number, heads: number): Model<AttentionParams> => selfAttention(width, heads, { mask: causalMask })

/** 0 where a position may look, −∞ where it would see the future [t, t]. Added, since a sum has the cheapest derivative. */
const causalMask = (t: number): Tensor =>
  where(greaterEqual(expandDims(iota(t), 1), expandDims(iota(t), 0)), scalar(0), scalar(Number.NEGATIVE_INFINITY))

export interface BlockParams {
  norm1: Norm
  attention: AttentionParams
  norm2: Norm
  up: Affine
  down: Affine
}

/**
 * A pre-norm transformer block: attention, then a GELU network four times as wide, each added to its input.
 *
 * @example
 * const block = transformerBlock(16, 4)
 * block.apply(block.init(key(0)), zeros([2, 8, 16])).shape // [2, 8, 16]
 */
export function transformerBlock(width: number, heads: number): Model<BlockParams> {
  const parts = {
    norm1: layerNorm(width),
    attention: causalAttention(width, heads),
    norm2: layerNorm(width),
    up: linear(width, 4 * width),
    down: linear(4 * width, width),
  }
  return {
    init(key) {
      const keys = random.split(key, 5)
      return {
        norm1: parts.norm1.init(keys[0]),
        attention: parts.attention.init(keys[1]),
        norm2: parts.norm2.init(keys[2]),
        up: parts.up.init(keys[3]),
        down: parts.down.init(keys[4]),
      }
    },
    apply(params, x) {
      const attended = add(x, parts.attention.apply(params.attention, parts.norm1.apply(params.norm1, x)))
      const wide = gelu(parts.up.apply(params.up, parts.norm2.apply(params.norm2, attended)))
      return add(attended, parts.down.apply(params.down, wide))
    },
  }
}

export interface TransformerParams {
  tokens: { embedding: Tensor }
  positions: { embedding: Tensor }
  blocks: BlockParams[]
  norm: Norm
  head: Affine
}

export interface TransformerOptions {
  readonly vocabulary: number
  /** The longest sequence. */
  readonly context: number
  readonly width: number
  readonly heads: number
  readonly layers: number
}

/**
 * A decoder-only language model with learnt positions: int32 ids [n, t] → logits [n, t, vocabulary].
 *
 * @example
 * const model = transformer({ vocabulary: 65, context: 8, width: 16, heads: 4, layers: 2 })
 * model.apply(model.init(key(0)), zeros([2, 8], 'int32')).shape // [2, 8, 65]
 */
export function transformer({ vocabulary, context, width, heads, layers }: TransformerOptions): Model<TransformerParams> {
  const tokens = embedding(vocabulary, width)
  const positions = embedding(context, width)
  const blocks = Array.from({ length: layers }, () => transformerBlock(width, heads))
  const norm = layerNorm(width)
  const head = linear(width, vocabulary)
  return {
    init(key) {
      const [t, p, h, ...rest] = random.split(key, 3 + layers)
      return {
        tokens: tokens.init(t),
        positions: positions.init(p),
        blocks: blocks.map((block, i) => block.init(rest[i])),
        norm: norm.init(h),
        head: head.init(h),
      }
    },
    apply(params, ids) {
      const place = slice(params.positions.embedding, { axis: 0, end: ids.shape[1] })
      const start = add(tokens.apply(params.tokens, ids), place)
      const top = blocks.reduce((x, block, i) => block.apply(params.blocks[i], x), start)
      return head.apply(params.head, norm.apply(params.norm, top))
    },
  }
}
