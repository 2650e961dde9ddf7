import { add, exp, mul, random, relu, reshape, sigmoid, silu, sizeOf, split, type Tensor } from '../../engine/index.ts'
import { type Affine, conv2d, convTranspose2d, groupNorm, lecunNormal, linear, type Norm, zeroInit } from '../../nn/index.ts'
import { checkVae, type VaeConfig } from './config.ts'

export interface VaeParams {
  /** Convolutions, each with its norm; none in an `mlp`. */
  readonly down: readonly ConvParams[]
  readonly encoder: readonly Affine[]
  readonly decoder: readonly Affine[]
  readonly up: readonly ConvParams[]
}

interface ConvParams {
  readonly conv: Affine
  /** Of all but the last one on the way up, which gives the image. */
  readonly norm?: Norm
}

/** q(z | x) of each record. */
export interface Posterior {
  /** [n, latent] */
  readonly mean: Tensor
  readonly logVariance: Tensor
}

/** A VAE as functions of its parameters. Images are on the scale from 0 to 1 here. */
export interface VaeNetwork {
  init(key: Tensor): VaeParams
  /** x [n, ...shape] */
  encode(params: VaeParams, x: Tensor): Posterior
  /** z [n, latent] → the mean of p(x | z) [n, ...shape] */
  decode(params: VaeParams, z: Tensor): Tensor
}

const weights = { weight: lecunNormal, bias: zeroInit }

/** Affine layers between extents. */
const layersOf = (extents: readonly number[]) => extents.slice(1).map((extent, k) => linear(extents[k], extent, weights))

/** z = μ + σ ε (Kingma & Welling 2014, section 2.4). */
export const reparameterized = ({ mean, logVariance }: Posterior, eps: Tensor): Tensor => add(mean, mul(exp(mul(logVariance, 0.5)), eps))

export function vaeNetwork(config: VaeConfig): VaeNetwork {
  checkVae(config)
  const { kind, hidden, latent, shape } = config
  const isConv = kind === 'conv'
  const [inputs, ...deep] = isConv ? [shape[0], ...hidden] : [sizeOf(shape), ...hidden]
  const channels = [inputs, ...deep]
  const inner = isConv ? [hidden.at(-1)!, ...shape.slice(1).map((side) => side / 2 ** hidden.length)] : [hidden.at(-1)!]
  const encoder = layersOf(isConv ? [sizeOf(inner), 2 * latent] : [...channels, 2 * latent])
  const decoder = layersOf(isConv ? [latent, sizeOf(inner)] : [latent, ...channels.slice().reverse()])
  const norm = (extent: number) => groupNorm(extent, greatestDivisor(extent))
  const half = { stride: 2, padding: 1, ...weights }
  const down = isConv ? hidden.map((extent, k) => ({ conv: conv2d(channels[k], extent, 4, half), norm: norm(extent) })) : []
  const up = isConv
    ? hidden
        .map((extent, k) => ({ conv: convTranspose2d(extent, channels[k], 4, half), norm: k === 0 ? undefined : norm(channels[k]) }))
        .reverse()
    : []
  type Conv = (typeof down)[number] | (typeof up)[number]
  const start = (layer: Conv, key: Tensor): ConvParams => ({
    conv: layer.conv.init(key),
    ...(layer.norm && { norm: layer.norm.init(key) }),
  })
  const through = (layer: Conv, params: ConvParams, x: Tensor): Tensor => {
    const y = layer.conv.apply(params.conv, x)
    return layer.norm ? relu(layer.norm.apply(params.norm!, y)) : y
  }
  const dense = (layers: typeof encoder, params: readonly Affine[], x: Tensor): Tensor =>
    layers.reduce((h, layer, k) => layer.apply(params[k], k === 0 ? h : silu(h)), x)

  return {
    init(key) {
      const keys = random.split(key, down.length + encoder.length + decoder.length + up.length)
      let used = 0
      const each = <L, P>(layers: readonly L[], of: (layer: L, key: Tensor) => P): P[] => layers.map((layer) => of(layer, keys[used++]))
      return {
        down: each(down, start),
        encoder: each(encoder, (layer, k) => layer.init(k)),
        decoder: each(decoder, (layer, k) => layer.init(k)),
        up: each(up, start),
      }
    },
    encode(params, x) {
      const seen = down.reduce((h, layer, k) => through(layer, params.down[k], h), x)
      const [mean, logVariance] = split(dense(encoder, params.encoder, reshape(seen, [x.shape[0], -1])), 2, { axis: 1 })
      return { mean, logVariance }
    },
    decode(params, z) {
      const flat = dense(decoder, params.decoder, z)
      const image = up.reduce((h, layer, k) => through(layer, params.up[k], h), isConv ? reshape(relu(flat), [z.shape[0], ...inner]) : flat)
      return reshape(sigmoid(image), [z.shape[0], ...shape])
    },
  }
}

/** Groups of a norm: 32, or the most that divide the channels. */
function greatestDivisor(channels: number): number {
  for (let groups = Math.min(32, channels); ; groups--) if (channels % groups === 0) return groups
}
