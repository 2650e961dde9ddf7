import { mul, ones, random, type Tensor, zeros } from '../../engine/index.ts'
import type { DecoderConfig } from './config.ts'
import type { BlockParams, DecoderParams, LinearParams, NormParams } from './params.ts'

const deviation = 0.02

const normal = (key: Tensor, shape: readonly number[], scale = deviation): Tensor => mul(random.normal(key, shape), scale)

/**
 * Fresh parameters: matrices and embeddings from N(0, 0.02²), those that write into the residual stream from N(0, (0.02 / √(2 L))²) (Radford et al. 2019),
 * norms 1, biases 0.
 *
 * @example
 * const params = initDecoder(llamaConfig({ ...sizes.nano }), key(0))
 * params.blocks.length // 6
 */
export function initDecoder(config: DecoderConfig, key: Tensor): DecoderParams {
  const { vocabulary, width, context, layers, positions, tied, biases } = config
  const [tokens, places, head, ...blocks] = random.split(key, 3 + layers)
  return {
    embedding: {
      tokens: normal(tokens, [vocabulary, width]),
      ...(positions.kind === 'learned' && { positions: normal(places, [context, width]) }),
    },
    blocks: blocks.map((own) => initBlock(config, own)),
    norm: initNorm(config),
    ...((!tied || biases.head) && {
      head: { ...(!tied && { weight: normal(head, [vocabulary, width]) }), ...(biases.head && { bias: zeros([vocabulary]) }) },
    }),
  }
}

function initBlock(config: DecoderConfig, key: Tensor): BlockParams {
  const { width, heads, kvHeads, headWidth, hidden, biases, fusedQkv, activation, layers, parallel } = config
  const keys = random.split(key, 7)
  const map = (k: number, shape: readonly [number, number], bias: boolean, scale = deviation): LinearParams => ({
    weight: normal(keys[k], shape, scale),
    ...(bias && { bias: zeros([shape[1]]) }),
  })
  const [q, kv] = [heads * headWidth, kvHeads * headWidth]
  const intoStream = deviation / Math.sqrt(2 * layers)
  return {
    norm1: initNorm(config),
    attention: {
      ...(fusedQkv
        ? { qkv: map(0, [width, q + 2 * kv], biases.qkv) }
        : { query: map(0, [width, q], biases.qkv), key: map(1, [width, kv], biases.qkv), value: map(2, [width, kv], biases.qkv) }),
      output: map(3, [q, width], biases.output, intoStream),
    },
    ...(!parallel && { norm2: initNorm(config) }),
    network: {
      ...(activation === 'silu' && { gate: map(4, [width, hidden], biases.network) }),
      up: map(5, [width, hidden], biases.network),
      down: map(6, [hidden, width], biases.network, intoStream),
    },
  }
}

const initNorm = ({ norm, width, biases }: DecoderConfig): NormParams => ({
  gain: ones([width]),
  ...(norm === 'layer' && biases.norm && { bias: zeros([width]) }),
})
