import { InputError } from '../../engine/index.ts'

/**
 * Families that differ in the names and layout of their tensors. `mistral` and `qwen2` files are of the llama family.
 *
 * @example
 * dialects.length // 4
 */
export const dialects = ['llama', 'gpt2', 'gpt_bigcode', 'codegen'] as const
export type Dialect = (typeof dialects)[number]

/** How rotary angles are changed for contexts longer than those trained on. */
export type RopeScaling =
  | { readonly kind: 'linear'; readonly factor: number }
  | { readonly kind: 'dynamic'; readonly factor: number }
  | {
      readonly kind: 'llama3'
      readonly factor: number
      readonly lowFrequency: number
      readonly highFrequency: number
      /** The context that the model was trained on first. */
      readonly originalContext: number
    }

export type Positions =
  | { readonly kind: 'learned' }
  | {
      readonly kind: 'rope'
      readonly theta: number
      /** Which entries turn together: (p, p + width/2) as in Hugging Face's llama, or (2p, 2p + 1) as in codegen. */
      readonly pairs: 'half' | 'interleaved'
      /** How many entries of each head turn. */
      readonly width: number
      readonly scaling?: RopeScaling
    }

/** silu is the gate of a SwiGLU network; the others stand between two matrices. */
export type Activation = 'silu' | 'gelu' | 'geluTanh'

/** A decoder-only language model's shape. One type for all dialects; the files' own configs are read by `readConfig`. */
export interface DecoderConfig {
  readonly dialect: Dialect
  /** `model_type` of config.json, such as `llama`, `mistral` or `gpt_bigcode`. */
  readonly modelType: string
  /** V */
  readonly vocabulary: number
  /** d */
  readonly width: number
  /** L */
  readonly layers: number
  /** H */
  readonly heads: number
  /** G, which divides the heads: 1 is multi-query, H multi-head attention. */
  readonly kvHeads: number
  readonly headWidth: number
  /** f, the inner width of the blocks' networks. */
  readonly hidden: number
  /** The most positions: a hard limit where they are learned. */
  readonly context: number
  readonly norm: 'rms' | 'layer'
  readonly epsilon: number
  readonly activation: Activation
  readonly positions: Positions
  /** Attention and network both read the block's one norm, and are added together (codegen). */
  readonly parallel: boolean
  /** Whether q, k and v are one matrix (all but llama). */
  readonly fusedQkv: boolean
  readonly biases: {
    readonly qkv: boolean
    readonly output: boolean
    readonly network: boolean
    readonly head: boolean
    /** Of layer norms; nanoGPT leaves them out. */
    readonly norm: boolean
  }
  /** Scores are divided by the root of the head's width. */
  readonly scaleScores: boolean
  /** Key j is visible to query i only if i − j is smaller. */
  readonly window?: number
  /** The head is the embedding. */
  readonly tied: boolean
  /** Ids with a meaning; generation ends at any of `end`. */
  readonly special: { readonly begin?: number; readonly end: readonly number[]; readonly pad?: number }
  /** How its makers would have it generate, as `generation_config.json` says it beside those ids: kept for whoever reads that file, and not used here. */
  readonly generation?: Readonly<Record<string, unknown>>
}

/** What the small presets leave open. */
type Size = Pick<DecoderConfig, 'width' | 'layers' | 'heads' | 'hidden'>

/**
 * Small llama-family models that train in minutes on two cores.
 *
 * @example
 * sizes.nano.width // 64
 */
export const sizes = {
  tiny: { width: 32, layers: 3, heads: 4, hidden: 88 },
  nano: { width: 64, layers: 6, heads: 4, hidden: 172 },
  micro: { width: 128, layers: 4, heads: 4, hidden: 344 },
  mini: { width: 128, layers: 8, heads: 4, hidden: 344 },
  small: { width: 256, layers: 8, heads: 8, hidden: 688 },
  base110m: { width: 768, layers: 12, heads: 12, hidden: 2048 },
} as const satisfies Record<string, Size>
export type SizeName = keyof typeof sizes

/**
 * A model of the llama family: RMS norms, rotary positions, SwiGLU, no biases.
 *
 * @example
 * llamaConfig({ ...sizes.nano }).vocabulary // 260
 */
export function llamaConfig(
  options: Size &
    Partial<Pick<DecoderConfig, 'vocabulary' | 'kvHeads' | 'headWidth' | 'context' | 'epsilon' | 'tied' | 'special'>> & {
      readonly theta?: number
    },
): DecoderConfig {
  const { width, layers, heads, hidden, theta = 10_000 } = options
  const headWidth = options.headWidth ?? width / heads
  const config: DecoderConfig = {
    dialect: 'llama',
    modelType: 'llama',
    vocabulary: options.vocabulary ?? 260,
    width,
    layers,
    heads,
    kvHeads: options.kvHeads ?? heads,
    headWidth,
    hidden,
    context: options.context ?? 512,
    norm: 'rms',
    epsilon: options.epsilon ?? 1e-5,
    activation: 'silu',
    positions: { kind: 'rope', theta, pairs: 'half', width: headWidth },
    parallel: false,
    fusedQkv: false,
    biases: { qkv: false, output: false, network: false, head: false, norm: false },
    scaleScores: true,
    tied: options.tied ?? true,
    special: options.special ?? { begin: 257, end: [258], pad: 256 },
  }
  checkConfig(config)
  return config
}

/**
 * Refuses sizes that do not fit each other.
 *
 * @throws InputError that names them.
 * @example
 * checkConfig(llamaConfig({ ...sizes.nano }))
 */
export function checkConfig(config: DecoderConfig, where = 'config'): void {
  for (const name of ['vocabulary', 'width', 'layers', 'heads', 'kvHeads', 'headWidth', 'hidden', 'context'] as const) {
    const value = config[name]
    if (!Number.isInteger(value) || value < 1) throw new InputError(`${name} is ${value}, not a whole number of at least 1`, { where })
  }
  if (config.heads % config.kvHeads !== 0)
    throw new InputError(`${config.kvHeads} key and value heads do not divide ${config.heads} heads`, { where })
  const { positions, headWidth } = config
  if (positions.kind === 'rope' && (positions.width % 2 !== 0 || positions.width > headWidth || positions.width < 2))
    throw new InputError(`rotary positions turn ${positions.width} of the ${headWidth} entries of a head; they need an even part of them`, {
      where,
    })
  if (!(config.epsilon > 0)) throw new InputError(`the norms' epsilon is ${config.epsilon}, not positive`, { where })
}

/**
 * How many numbers a model has; those that head and embedding share are counted once.
 *
 * @example
 * parameterCount(llamaConfig({ ...sizes.nano })) // 313920
 */
export function parameterCount(config: DecoderConfig): number {
  return alwaysOnCount(config) + config.layers * blockCount(config)
}

/**
 * Numbers of the embeddings, the last norm and the head.
 *
 * @example
 * alwaysOnCount(llamaConfig({ ...sizes.nano })) // 16704
 */
export function alwaysOnCount({ vocabulary, width, context, positions, tied, biases, norm }: DecoderConfig): number {
  const places = positions.kind === 'learned' ? context * width : 0
  const head = (tied ? 0 : vocabulary * width) + (biases.head ? vocabulary : 0)
  return vocabulary * width + places + normCount({ width, norm, biases }) + head
}

/**
 * Numbers of one block.
 *
 * @example
 * blockCount(llamaConfig({ ...sizes.nano })) // 49536
 */
export function blockCount(config: DecoderConfig): number {
  const { width, heads, kvHeads, headWidth, hidden, activation, biases, parallel } = config
  const qkv = (heads + 2 * kvHeads) * headWidth
  const attention = width * qkv + (biases.qkv ? qkv : 0) + heads * headWidth * width + (biases.output ? width : 0)
  const network = (activation === 'silu' ? 3 : 2) * width * hidden + (biases.network ? hidden + width : 0)
  return attention + network + (parallel ? 1 : 2) * normCount(config)
}

/**
 * Numbers of one norm.
 *
 * @example
 * normCount(llamaConfig({ ...sizes.nano })) // 64
 */
export const normCount = ({ width, norm, biases }: Pick<DecoderConfig, 'width' | 'norm' | 'biases'>): number =>
  norm === 'layer' && biases.norm ? 2 * width : width
