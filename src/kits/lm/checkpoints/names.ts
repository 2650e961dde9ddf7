import type { DecoderConfig, Dialect } from '../config.ts'
import type { LinearPlace } from '../params.ts'

/*
 * What the tensors of each family's files are called, how they lie, and where they belong in the tree of parameters. PEFT's names are made from the same
 * tables: they are module paths.
 */

interface Naming {
  /** Of all but the head. Files of the bare model leave it out. */
  readonly prefix: string
  readonly tokens: string
  readonly positions?: string
  /** The blocks' name, before their number. */
  readonly blocks: string
  readonly norm1: string
  readonly norm2?: string
  readonly lastNorm: string
  readonly linear: Partial<Readonly<Record<LinearPlace, string>>>
  /** Whether matrices are stored [in, out], as Conv1D does; Linear stores [out, in]. */
  readonly inputsFirst: boolean
  /** Buffers that old files hold beside the parameters. */
  readonly ignored: RegExp
}

const gpt = {
  prefix: 'transformer.',
  tokens: 'wte',
  blocks: 'h',
  norm1: 'ln_1',
  lastNorm: 'ln_f',
  ignored: /\.attn\.(bias|masked_bias|causal_mask)$/,
} as const

const gpt2: Naming = {
  ...gpt,
  positions: 'wpe',
  norm2: 'ln_2',
  linear: {
    'attention.qkv': 'attn.c_attn',
    'attention.output': 'attn.c_proj',
    'network.up': 'mlp.c_fc',
    'network.down': 'mlp.c_proj',
  },
  inputsFirst: true,
}

const namings: Readonly<Record<Dialect, Naming>> = {
  llama: {
    prefix: 'model.',
    tokens: 'embed_tokens',
    blocks: 'layers',
    norm1: 'input_layernorm',
    norm2: 'post_attention_layernorm',
    lastNorm: 'norm',
    linear: {
      'attention.query': 'self_attn.q_proj',
      'attention.key': 'self_attn.k_proj',
      'attention.value': 'self_attn.v_proj',
      'attention.output': 'self_attn.o_proj',
      'network.gate': 'mlp.gate_proj',
      'network.up': 'mlp.up_proj',
      'network.down': 'mlp.down_proj',
    },
    inputsFirst: false,
    ignored: /\.rotary_emb\.inv_freq$/,
  },
  gpt2,
  gpt_bigcode: { ...gpt2, inputsFirst: false },
  codegen: {
    ...gpt,
    linear: {
      'attention.qkv': 'attn.qkv_proj',
      'attention.output': 'attn.out_proj',
      'network.up': 'mlp.fc_in',
      'network.down': 'mlp.fc_out',
    },
    inputsFirst: false,
  },
}

/** One tensor of a file, and its place among the parameters. */
export interface StoredTensor {
  /** With the family's prefix. */
  readonly name: string
  /** As in the file. */
  readonly shape: readonly number[]
  /** Keys from the root of `DecoderParams`. */
  readonly path: readonly (string | number)[]
  /** A matrix that the file holds [out, in], the transpose of ours. */
  readonly transposed: boolean
  /** Outputs in another order than ours: entry r is the place among ours of the file's output r. */
  readonly order?: Int32Array
  /** A bias that our model may lack where the file's family has one: zeros. */
  readonly isBias: boolean
}

export const prefixOf = (dialect: Dialect): string => namings[dialect].prefix

export const isIgnored = (dialect: Dialect, name: string): boolean => namings[dialect].ignored.test(name)

/** Where matrices of this family are stored [in, out]: PEFT's `fan_in_fan_out`. */
export const storesInputsFirst = (dialect: Dialect): boolean => namings[dialect].inputsFirst

/** The module of the embedding, such as `model.embed_tokens`. */
export const embeddingModule = (dialect: Dialect): string => `${namings[dialect].prefix}${namings[dialect].tokens}`

/** The module of the last norm, such as `model.norm`. */
export const lastNormModule = (dialect: Dialect): string => `${namings[dialect].prefix}${namings[dialect].lastNorm}`

/** What a family calls a linear map within its blocks, such as `self_attn.q_proj`. */
export const nameWithinBlock = (dialect: Dialect, place: LinearPlace): string => namings[dialect].linear[place]!

/** The linear maps that the blocks of a family have. */
export const placesOf = (dialect: Dialect): LinearPlace[] => Object.keys(namings[dialect].linear) as LinearPlace[]

/**
 * The module of a linear map, such as `model.layers.0.self_attn.q_proj`: what PEFT names its tensors by.
 *
 * @example
 * modulePath('gpt2', 3, 'attention.qkv') // 'transformer.h.3.attn.c_attn'
 */
export function modulePath(dialect: Dialect, layer: number, place: LinearPlace): string {
  const { prefix, blocks, linear } = namings[dialect]
  return `${prefix}${blocks}.${layer}.${linear[place]}`
}

/** The linear map that a module path names, if it names one. */
export function placeOf(config: DecoderConfig, path: string): { layer: number; place: LinearPlace } | undefined {
  const { prefix, blocks, linear } = namings[config.dialect]
  const front = `${prefix}${blocks}.`
  const match = path.startsWith(front) ? /^(\d+)\.(.+)$/.exec(path.slice(front.length)) : null
  if (!match || Number(match[1]) >= config.layers || String(Number(match[1])) !== match[1]) return undefined
  const place = (Object.keys(linear) as LinearPlace[]).find((key) => linear[key] === match[2])
  return place && { layer: Number(match[1]), place }
}

/** Inputs and outputs of a linear map. */
export function linearShape(config: DecoderConfig, place: LinearPlace): { inputs: number; outputs: number } {
  const { width, heads, kvHeads, headWidth, hidden } = config
  const [q, kv] = [heads * headWidth, kvHeads * headWidth]
  switch (place) {
    case 'attention.qkv':
      return { inputs: width, outputs: q + 2 * kv }
    case 'attention.query':
      return { inputs: width, outputs: q }
    case 'attention.key':
    case 'attention.value':
      return { inputs: width, outputs: kv }
    case 'attention.output':
      return { inputs: q, outputs: width }
    case 'network.down':
      return { inputs: hidden, outputs: width }
    default:
      return { inputs: width, outputs: hidden }
  }
}

/**
 * The order of a fused map's outputs in the family's files, where it is not ours (all of q, then k, then v): entry r is the place among ours of the
 * file's output r.
 */
export function outputOrder({ dialect, heads, kvHeads, headWidth }: DecoderConfig, place: LinearPlace): Int32Array | undefined {
  if (place !== 'attention.qkv') return undefined
  // Multi-head files of gpt_bigcode: head by head, each with its q, k and v.
  if (dialect === 'gpt_bigcode' && kvHeads === heads) return interleaved(heads, headWidth, [0, 1, 2])
  // Codegen was trained in 4 pieces, each of which holds q, v, k of its heads, in this order.
  if (dialect === 'codegen') return interleaved(4, (heads / 4) * headWidth, [0, 2, 1])
  return undefined
}

/** `groups` groups, each of a `size` of part after part; ours are the parts 0, 1, 2 one after another. */
function interleaved(groups: number, size: number, parts: readonly number[]): Int32Array {
  const order = new Int32Array(3 * groups * size)
  let row = 0
  for (let group = 0; group < groups; group++)
    for (const part of parts) for (let i = 0; i < size; i++) order[row++] = (part * groups + group) * size + i
  return order
}

/** All tensors of a model's file, in its order; with the biases that the family's files have, whether the model has them or not. */
export function storedTensors(config: DecoderConfig): StoredTensor[] {
  const { dialect, vocabulary, width, context, layers, biases, tied } = config
  const naming = namings[dialect]
  const { prefix } = naming
  const flat = (name: string, path: StoredTensor['path'], shape: readonly number[], isBias = false): StoredTensor => ({
    name,
    shape,
    path,
    transposed: false,
    isBias,
  })
  const norm = (module: string, path: StoredTensor['path']) => [
    flat(`${module}.weight`, [...path, 'gain'], [width]),
    ...(config.norm === 'layer' ? [flat(`${module}.bias`, [...path, 'bias'], [width], true)] : []),
  ]
  const block = (i: number): StoredTensor[] => {
    const module = `${prefix}${naming.blocks}.${i}.`
    return [
      ...norm(module + naming.norm1, ['blocks', i, 'norm1']),
      ...(naming.norm2 ? norm(module + naming.norm2, ['blocks', i, 'norm2']) : []),
      ...placesOf(dialect).flatMap((place) => linearTensors(config, i, place)),
    ]
  }
  return [
    flat(`${prefix}${naming.tokens}.weight`, ['embedding', 'tokens'], [vocabulary, width]),
    ...(naming.positions ? [flat(`${prefix}${naming.positions}.weight`, ['embedding', 'positions'], [context, width])] : []),
    ...Array.from({ length: layers }, (_, i) => block(i)).flat(),
    ...norm(prefix + naming.lastNorm, ['norm']),
    ...(tied ? [] : [flat(headName, ['head', 'weight'], [vocabulary, width])]),
    ...(biases.head ? [flat(`${headModule}.bias`, ['head', 'bias'], [vocabulary], true)] : []),
  ]
}

/** The head's module, in all families. */
export const headModule = 'lm_head'

export const headName = `${headModule}.weight`

function linearTensors(config: DecoderConfig, layer: number, place: LinearPlace): StoredTensor[] {
  const { inputsFirst } = namings[config.dialect]
  const { inputs, outputs } = linearShape(config, place)
  const module = modulePath(config.dialect, layer, place)
  const path = ['blocks', layer, ...place.split('.')]
  const order = outputOrder(config, place)
  const shape = inputsFirst ? [inputs, outputs] : [outputs, inputs]
  return [
    { name: `${module}.weight`, shape, path: [...path, 'weight'], transposed: !inputsFirst, order, isBias: false },
    ...(hasBias(config, place)
      ? [{ name: `${module}.bias`, shape: [outputs], path: [...path, 'bias'], transposed: false, order, isBias: true }]
      : []),
  ]
}

/** Whether the family's files have a bias there. */
function hasBias({ dialect, modelType, biases }: DecoderConfig, place: LinearPlace): boolean {
  if (dialect === 'gpt2' || dialect === 'gpt_bigcode') return true
  if (dialect === 'codegen') return place.startsWith('network')
  if (place.startsWith('network')) return biases.network
  // In llama's files one flag speaks of all four.
  return place === 'attention.output' ? biases.output || (modelType === 'llama' && biases.qkv) : biases.qkv || biases.output
}
