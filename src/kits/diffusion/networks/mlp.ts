import { add, InputError, random, reshape, silu, sizeOf, type Tensor } from '../../../engine/index.ts'
import { type Affine, layerNorm, linear, type Norm, zeroInit } from '../../../nn/index.ts'
import type { MlpConfig, Network } from '../network.ts'
import { checkCount, checkCounts, checkEmbedding } from './check.ts'
import { conditionEmbedding, type EmbeddingParams } from './embedding.ts'

export interface MlpBlockParams {
  norm?: Norm
  /** W₁ [hidden, width] */
  up: Affine
  /** From the embedding to the hidden units, where it is added in the blocks. */
  condition?: Affine
  /** W₂ [width, hidden] */
  down: Affine
}

export interface MlpParams {
  embedding: EmbeddingParams
  input: Affine
  /** From the embedding to the residual stream, where it is added at the input. */
  condition?: Affine
  blocks: MlpBlockParams[]
  output: Affine
}

/** Refuses sizes that are none. */
function checkMlp({ width, hidden, embedding = 32 }: MlpConfig, where = 'network'): void {
  checkCount('width', width, where)
  checkCounts('hidden', hidden, { where })
  checkEmbedding('embedding', embedding, where)
}

/** A block h + W₂ silu(W₁ silu(h) + V silu(e)); without e where the embedding is added at the input. */
function residualBlock(width: number, hidden: number, { told, norm }: { told?: number; norm: boolean }) {
  const parts = { up: linear(width, hidden), condition: told === undefined ? undefined : linear(told, hidden), down: linear(hidden, width) }
  const normed = norm ? layerNorm(width) : undefined
  return {
    init(key: Tensor): MlpBlockParams {
      const [u, c, d] = random.split(key, 3)
      return {
        ...(normed && { norm: normed.init(key) }),
        up: parts.up.init(u),
        ...(parts.condition && { condition: parts.condition.init(c) }),
        down: parts.down.init(d),
      }
    },
    apply(params: MlpBlockParams, h: Tensor, embedded: Tensor): Tensor {
      const wide = parts.up.apply(params.up, silu(normed ? normed.apply(params.norm!, h) : h))
      const hidden = parts.condition ? add(wide, parts.condition.apply(params.condition!, embedded)) : wide
      return add(h, parts.down.apply(params.down, silu(hidden)))
    },
  }
}

/** A residual network on vectors, or on images as vectors. Its last layer starts at zero. */
export function mlpNetwork(config: MlpConfig, shape: readonly number[], classes?: number, outputs = 1): Network<MlpParams> {
  checkMlp(config)
  const { width, hidden, embedding: size = 32, embed = 'blocks', norm = false, scale } = config
  const features = sizeOf(shape)
  const inBlocks = embed === 'blocks'
  const embedding = conditionEmbedding({ size, layers: inBlocks ? [4 * size, 4 * size] : [], scale, classes })
  const input = linear(features, width)
  const condition = inBlocks ? undefined : linear(embedding.extent, width)
  const blocks = hidden.map((units) => residualBlock(width, units, { told: inBlocks ? embedding.extent : undefined, norm }))
  const output = linear(width, outputs * features, { weight: zeroInit })
  return {
    init(key) {
      const [e, i, c, o, ...rest] = random.split(key, 4 + blocks.length)
      return {
        embedding: embedding.init(e),
        input: input.init(i),
        ...(condition && { condition: condition.init(c) }),
        blocks: blocks.map((block, k) => block.init(rest[k])),
        output: { ...output.init(o), bias: zeroInit(o, [outputs * features], width) },
      }
    },
    apply(params, x, level, given) {
      if (given?.image) throw new InputError("a network of kind 'mlp' takes no image to condition on", { fix: "take one of kind 'unet'" })
      const told = embedding.apply(params.embedding, level, given)
      const start = input.apply(params.input, reshape(x, [x.shape[0], features]))
      const first = condition ? add(start, condition.apply(params.condition!, told)) : start
      const activated = inBlocks ? silu(told) : told
      const last = blocks.reduce((h, block, k) => block.apply(params.blocks[k], h, activated), first)
      return reshape(output.apply(params.output, last), [x.shape[0], outputs * shape[0], ...shape.slice(1)])
    },
  }
}
