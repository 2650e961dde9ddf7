import type { Tensor } from '../../engine/index.ts'

/** What a network may be told beside the level of noise. */
export interface Given {
  /** int32 [n]: classes from 0; the number of classes itself stands for "none" (classifier-free guidance). */
  readonly label?: Tensor
  /** float32 [n, channels, height, width]: an image to condition on, laid beside x as further channels. */
  readonly image?: Tensor
  /** A key: networks with dropout drop units where it is given, in training. */
  readonly dropout?: Tensor
}

/** A denoising network: x [n, ...shape], condition float32 [n] → what it predicts, of x's shape. Its parameters are a tree of tensors. */
export interface Network<P = unknown> {
  init(key: Tensor): P
  apply(params: P, x: Tensor, condition: Tensor, given?: Given): Tensor
}

/** Residual blocks h + W₂ silu(W₁ silu(h)) on vectors, or on images as vectors. */
export interface MlpConfig {
  readonly kind: 'mlp'
  /** Extent of the residual stream. */
  readonly width: number
  /** Hidden units of each block; pruning makes them unequal. */
  readonly hidden: readonly number[]
  /** Sines and cosines of the condition. Default: 32. */
  readonly embedding?: number
  /** Where the embedding is added. Default: `'blocks'`, in every block. */
  readonly embed?: 'blocks' | 'input'
  /** Layer norm before each block. Default: false. */
  readonly norm?: boolean
  /** What the condition is multiplied with before its sines and cosines. Default: 1, for steps and ln σ alike. */
  readonly scale?: number
}

/** The U-Net of SR3 (Saharia et al. 2021): residual blocks on several resolutions, joined by skips. */
export interface UNetConfig {
  readonly kind: 'unet'
  /** Channels of the first level. */
  readonly channels: number
  /** Multiples of `channels`, a level each. */
  readonly multiples: readonly number[]
  /** Residual blocks a level (one more on the way up). */
  readonly blocks: number
  /** Heights at which attention follows each residual block; there is always one in the middle. */
  readonly attention: readonly number[]
  readonly heads?: number
  readonly dropout?: number
  /** Groups of the group norms, at most; a smaller common divisor is taken where channels do not divide. Default: 32, or `channels` where that is less. */
  readonly groups?: number
  /** Inner channels of every residual block in the order of use; pruning makes them fewer. Default: those of the block's output. */
  readonly inner?: readonly number[]
  /** Groups of the norm over each block's inner channels, where pruning has left others than `groups` gives. */
  readonly innerGroups?: readonly number[]
  /** Channels of an image to condition on. */
  readonly imageChannels?: number
  /** What the condition is: a step (DDPM), or the level's `signal` γ itself (SR3), which whoever calls the network then gives. Default: `'step'`. */
  readonly embedding?: 'step' | 'gamma'
  /** Default: `'zero'`, Kaiming with the last convolution of each block zero. */
  readonly init?: 'zero' | 'orthogonal'
  /** As an MLP's. */
  readonly scale?: number
}

/** A transformer on patches with adaptive layer norms (Peebles & Xie 2023). */
export interface AttentionConfig {
  readonly kind: 'attention'
  readonly patch: number
  readonly width: number
  readonly depth: number
  readonly heads: number
  /** Inner units of each block's network; pruning makes them fewer. Default: 4 · width. */
  readonly hidden?: readonly number[]
  /** Heads of each block, all of extent width / heads; pruning makes them fewer. Default: `heads`. */
  readonly blockHeads?: readonly number[]
  /** As an MLP's. */
  readonly scale?: number
}

export type NetworkConfig = MlpConfig | UNetConfig | AttentionConfig
