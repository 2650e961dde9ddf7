import type { Tensor } from '../../engine/index.ts'

/**
 * A matrix kept in fewer bits, made by `peft/quantize`: a byte holds one weight or several, as `dequantize` says. It is unpacked where it is used, and has
 * no derivative.
 */
export interface QuantizedWeight {
  /** What codes stand for: 4-bit NormalFloat, 8-bit integers (LLM.int8), or four even levels, for comparison. */
  readonly format: 'nf4' | 'int8' | 'int2'
  /** [in, out] of the matrix. Bytes run through its transpose, output unit after output unit, as in the files of other libraries. */
  readonly shape: readonly [number, number]
  /** uint32 [words], four bytes a word, the first lowest; of a byte's weights the first is highest. */
  readonly codes: Tensor
  /** How many weights share a scale. */
  readonly block: number
  /** float32 [blocks], the largest magnitude of each; or quantized themselves. */
  readonly scales: Tensor | QuantizedScales
}

/** Double quantization: scales as bytes of their own, less their mean. */
export interface QuantizedScales {
  /** uint32 [words], four bytes a word: −127 to 127, plus 128. */
  readonly codes: Tensor
  /** float32 [groups]: the largest magnitude of each group of 256. */
  readonly scales: Tensor
  /** float32 scalar */
  readonly mean: Tensor
}

/** What low-rank adaptation adds to a linear map: scaling · (x a) b. */
export interface LowRank {
  /** [in, rank] */
  a: Tensor
  /** [rank, out] */
  b: Tensor
  /** A scalar: alpha / rank, or alpha / √rank. */
  scaling: Tensor
  /** DoRA: the length of each output unit's weights [out]. */
  magnitude?: Tensor
  /** In training a share of x is left out at random, the rest scaled up. */
  dropout?: { key: Tensor; rate: number }
}

/** A linear map; the optional parts are those of adapters, put there by `withAdapter`. */
export interface LinearParams {
  /** [in, out], the transpose of what PyTorch's `Linear` stores. */
  weight: Tensor | QuantizedWeight
  /** [out] */
  bias?: Tensor
  lora?: LowRank
  /** (IA)³: factors of the inputs [in] or of the outputs [out]. */
  scaleInput?: Tensor
  scaleOutput?: Tensor
}

export interface NormParams {
  /** [width] */
  gain: Tensor
  /** [width], of layer norms. */
  bias?: Tensor
}

/** Either `qkv` [width, (H + 2 G) · headWidth], columns q, k, v in this order, each head after head; or three maps. */
export interface AttentionParams {
  qkv?: LinearParams
  query?: LinearParams
  key?: LinearParams
  value?: LinearParams
  output: LinearParams
  /** Prefix tuning: keys and values before the first token, [n, G, headWidth] each, as they are after rotation. */
  prefix?: { keys: Tensor; values: Tensor }
}

export interface NetworkParams {
  /** Of SwiGLU. */
  gate?: LinearParams
  up: LinearParams
  down: LinearParams
}

export interface BlockParams {
  norm1: NormParams
  attention: AttentionParams
  /** Not in parallel blocks. */
  norm2?: NormParams
  network: NetworkParams
}

/** All parameters of a decoder, as a tree; the files' names and layouts are those of `checkpoints/`. */
export interface DecoderParams {
  embedding: {
    /** [V, width] */
    tokens: Tensor
    /** [context, width], where positions are learned. */
    positions?: Tensor
    /** What an adapter adds to the tokens' embeddings, not to a head that is tied to them: a [V, rank], b [rank, width]. */
    lora?: LowRank
  }
  blocks: BlockParams[]
  norm: NormParams
  /** [V, width] as in the files; none where it is tied to the embedding. */
  head?: { weight?: Tensor; bias?: Tensor }
  /** Prompt tuning: embeddings of virtual tokens before the text [n, width]. */
  prompt?: Tensor
}

/** The linear maps of a block by their place in the tree. */
export const linearPlaces = [
  'attention.qkv',
  'attention.query',
  'attention.key',
  'attention.value',
  'attention.output',
  'network.gate',
  'network.up',
  'network.down',
] as const
export type LinearPlace = (typeof linearPlaces)[number]

/** The linear map at a place, if the block has one there. */
export function linearAt(block: BlockParams, place: LinearPlace): LinearParams | undefined {
  const [part, name] = place.split('.') as ['attention' | 'network', string]
  return (block[part] as unknown as Record<string, LinearParams | undefined>)[name]
}
