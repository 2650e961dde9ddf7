import { InputError } from '../../../engine/index.ts'
import type { AttentionConfig, MlpConfig, NetworkConfig, UNetConfig } from '../network.ts'
import { imageShape } from './check.ts'

type UNetSize = Omit<UNetConfig, 'attention'> & {
  /** Attention follows every block on levels up to this height. */
  readonly attentionUpTo: number
}
type AttentionSize = Omit<AttentionConfig, 'patch'>

/**
 * Networks by name: from those that train in a minute on two cores up to those of the papers. What depends on the data (levels, heights with attention,
 * patches) is filled in by `networkSized`.
 *
 * @example
 * Object.keys(networkSizes.unet) // ['tiny', 'small', 'base', 'ddpm']
 */
export const networkSizes = {
  mlp: {
    tiny: { kind: 'mlp', width: 64, hidden: [64, 64], embedding: 16, embed: 'input' },
    small: { kind: 'mlp', width: 128, hidden: [256, 256, 256] },
    base: { kind: 'mlp', width: 512, hidden: [512, 512, 512, 512], embedding: 64 },
  } satisfies Record<string, MlpConfig>,
  unet: {
    tiny: { kind: 'unet', channels: 16, multiples: [1, 2, 2], blocks: 1, attentionUpTo: 8, groups: 8 },
    small: { kind: 'unet', channels: 32, multiples: [1, 2, 2], blocks: 1, attentionUpTo: 8, groups: 8 },
    base: { kind: 'unet', channels: 64, multiples: [1, 2, 2], blocks: 2, attentionUpTo: 16, dropout: 0.1 },
    // The CIFAR-10 model of Ho et al. 2020, with the embedding of SR3.
    ddpm: { kind: 'unet', channels: 128, multiples: [1, 2, 2, 2], blocks: 2, attentionUpTo: 16, dropout: 0.1 },
  } satisfies Record<string, UNetSize>,
  attention: {
    tiny: { kind: 'attention', width: 64, depth: 4, heads: 4 },
    small: { kind: 'attention', width: 128, depth: 6, heads: 4 },
    base: { kind: 'attention', width: 256, depth: 8, heads: 8 },
    // DiT-S of Peebles & Xie 2023.
    large: { kind: 'attention', width: 384, depth: 12, heads: 6 },
  } satisfies Record<string, AttentionSize>,
} as const

export type NetworkKind = keyof typeof networkSizes

/**
 * A network of a named size for data of one example's shape. A U-Net has as many of its levels as the image can be halved, a transformer patches of 2 where
 * they tile it, else of 1.
 *
 * @throws InputError for an unknown name, or a kind that the shape does not fit.
 * @example
 * networkSized('unet', 'tiny', [1, 28, 28]).attention // [7]
 */
export function networkSized<K extends NetworkKind>(kind: K, size: string, shape: readonly number[]): Extract<NetworkConfig, { kind: K }> {
  const known: Readonly<Record<string, MlpConfig | UNetSize | AttentionSize>> = networkSizes[kind]
  if (!known) throw new InputError(`there is no network of kind '${kind}'`, { fix: `known kinds: ${Object.keys(networkSizes).join(', ')}` })
  if (!Object.hasOwn(known, size))
    throw new InputError(`there is no ${kind} of size '${size}'`, { fix: `known sizes: ${Object.keys(known).join(', ')}` })
  return fitted(known[size], shape) as Extract<NetworkConfig, { kind: K }>
}

/** Fills in what depends on the data. */
function fitted(size: MlpConfig | UNetSize | AttentionSize, shape: readonly number[]): NetworkConfig {
  if (size.kind === 'mlp') return size
  const [, height, width] = imageShape(shape, 'network')
  if (size.kind === 'attention') return { ...size, patch: height % 2 === 0 && width % 2 === 0 ? 2 : 1 }
  const { attentionUpTo, ...rest } = size
  const multiples = size.multiples.filter((_, level) => height % 2 ** level === 0 && width % 2 ** level === 0)
  const heights = multiples.map((_, level) => height / 2 ** level)
  return { ...rest, multiples, attention: heights.filter((extent) => extent <= attentionUpTo) }
}
