import {
  add,
  expandDims,
  geluTanh,
  InputError,
  mul,
  random,
  reshape,
  silu,
  split,
  standardize,
  type Tensor,
  transpose,
} from '../../../engine/index.ts'
import { type Affine, type AttentionParams, linear, normalInit, selfAttention, zeroInit } from '../../../nn/index.ts'
import type { AttentionConfig, Network } from '../network.ts'
import { checkCount, checkCounts, imageShape } from './check.ts'
import { conditionEmbedding, type EmbeddingParams } from './embedding.ts'

/** Sines and cosines of the condition, as in the published code. */
const sinusoidCount = 256

export interface AttentionBlockParams {
  /** From the embedding to shift, scale and gate of both parts [6 · width]. */
  modulation: Affine
  attention: AttentionParams
  up: Affine
  down: Affine
}

export interface AttentionNetworkParams {
  embedding: EmbeddingParams
  patches: Affine
  /** [places, width] */
  positions: Tensor
  blocks: AttentionBlockParams[]
  /** Shift and scale before the last layer. */
  modulation: Affine
  output: Affine
}

/** Refuses sizes that do not fit each other or the data. */
function checkAttention(config: AttentionConfig, shape: readonly number[], where = 'network'): void {
  const { patch, width, depth, heads, hidden, blockHeads } = config
  for (const [name, value] of Object.entries({ patch, width, depth, heads })) checkCount(name, value, where)
  const [, height, breadth] = imageShape(shape, where)
  if (height % patch !== 0 || breadth % patch !== 0)
    throw new InputError(`patches of ${patch} do not tile an image of ${height} × ${breadth}`, { where })
  if (width % heads !== 0) throw new InputError(`${heads} heads do not divide a width of ${width}`, { where })
  if (hidden) checkCounts('hidden', hidden, { length: depth, of: 'blocks', where })
  if (blockHeads) checkCounts('blockHeads', blockHeads, { length: depth, of: 'blocks', where })
}

/** (1 + scale) · norm(x) + shift for x [n, t, width] and the others [n, width]: adaptive layer norm. */
const modulated = (x: Tensor, shift: Tensor, scale: Tensor): Tensor =>
  add(mul(standardize(x, { epsilon: 1e-6 }), expandDims(add(scale, 1), 1)), expandDims(shift, 1))

/** Attention, then a network, each gated by the embedding; the gates start at zero, so that a fresh block is the identity (adaLN-Zero). */
function adaptiveBlock({ width, heads, headWidth, hidden }: { width: number; heads: number; headWidth: number; hidden: number }) {
  const modulation = linear(width, 6 * width, { weight: zeroInit, bias: zeroInit })
  const attention = selfAttention(width, heads, { headWidth })
  const [up, down] = [linear(width, hidden), linear(hidden, width)]
  return {
    init(key: Tensor): AttentionBlockParams {
      const [m, a, u, d] = random.split(key, 4)
      return { modulation: modulation.init(m), attention: attention.init(a), up: up.init(u), down: down.init(d) }
    },
    apply(params: AttentionBlockParams, x: Tensor, told: Tensor): Tensor {
      const [shift1, scale1, gate1, shift2, scale2, gate2] = split(modulation.apply(params.modulation, told), 6)
      const attended = attention.apply(params.attention, modulated(x, shift1, scale1))
      const h = add(x, mul(attended, expandDims(gate1, 1)))
      const wide = geluTanh(up.apply(params.up, modulated(h, shift2, scale2)))
      return add(h, mul(down.apply(params.down, wide), expandDims(gate2, 1)))
    },
  }
}

/** Patches of an image as vectors: [n, c, h, w] → [n, places, patch² · c]; and back. */
function patches([channels, height, width]: readonly [number, number, number], patch: number) {
  const [rows, columns] = [height / patch, width / patch]
  return {
    places: rows * columns,
    features: channels * patch ** 2,
    cut: (x: Tensor): Tensor =>
      reshape(transpose(reshape(x, [-1, channels, rows, patch, columns, patch]), [0, 2, 4, 3, 5, 1]), [
        x.shape[0],
        rows * columns,
        channels * patch ** 2,
      ]),
    joined: (y: Tensor): Tensor =>
      reshape(transpose(reshape(y, [-1, rows, columns, patch, patch, channels]), [0, 5, 1, 3, 2, 4]), [
        y.shape[0],
        channels,
        height,
        width,
      ]),
  }
}

/** A diffusion transformer (Peebles & Xie 2023), with learnt positions. It starts as the function that is zero. */
export function attentionNetwork(
  config: AttentionConfig,
  shape: readonly number[],
  classes?: number,
  outputs = 1,
): Network<AttentionNetworkParams> {
  checkAttention(config, shape)
  const { patch, width, depth, heads, scale } = config
  const [channels, height, across] = imageShape(shape, 'network')
  const grid = patches([channels, height, across], patch)
  const made = patches([outputs * channels, height, across], patch)
  const embedding = conditionEmbedding({ size: sinusoidCount, layers: [width, width], scale, classes })
  const input = linear(grid.features, width)
  const blocks = Array.from({ length: depth }, (_, i) =>
    adaptiveBlock({ width, heads: config.blockHeads?.[i] ?? heads, headWidth: width / heads, hidden: config.hidden?.[i] ?? 4 * width }),
  )
  const modulation = linear(width, 2 * width, { weight: zeroInit, bias: zeroInit })
  const output = linear(width, made.features, { weight: zeroInit, bias: zeroInit })
  return {
    init(key) {
      const [e, p, w, m, o, ...rest] = random.split(key, 5 + depth)
      return {
        embedding: embedding.init(e),
        patches: input.init(p),
        positions: normalInit(0.02)(w, [grid.places, width], width),
        blocks: blocks.map((block, i) => block.init(rest[i])),
        modulation: modulation.init(m),
        output: output.init(o),
      }
    },
    apply(params, x, condition, given) {
      if (given?.image)
        throw new InputError("a network of kind 'attention' takes no image to condition on", { fix: "take one of kind 'unet'" })
      const told = silu(embedding.apply(params.embedding, condition, given))
      const start = add(input.apply(params.patches, grid.cut(x)), params.positions)
      const last = blocks.reduce((h, block, i) => block.apply(params.blocks[i], h, told), start)
      const [shift, size] = split(modulation.apply(params.modulation, told), 2)
      return made.joined(output.apply(params.output, modulated(last, shift, size)))
    },
  }
}
