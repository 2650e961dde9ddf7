import {
  add,
  broadcastTo,
  checkpoint,
  concat,
  equal,
  expandDims,
  full,
  gather,
  gelu,
  geluTanh,
  iota,
  less,
  lessEqual,
  logicalAnd,
  logicalOr,
  matmul,
  mul,
  reshape,
  rmsStandardize,
  scalar,
  silu,
  slice,
  standardize,
  sub,
  swapLast,
  type Tensor,
  where,
} from '../../engine/index.ts'
import { attend, type KeysValues, type View } from './attention.ts'
import type { Activation, DecoderConfig } from './config.ts'
import { applyLinear } from './linear.ts'
import type { BlockParams, DecoderParams, NetworkParams, NormParams } from './params.ts'
import { rotationAt } from './rotary.ts'

/** Texts as a batch of equal lengths. */
export interface TokenBatch {
  /** int32 [n, t] */
  readonly ids: Tensor
  /**
   * int32 [n, t]: tokens see earlier ones of the same segment only. Packed documents have a number each; padding, on either side, has one of its own.
   * Without it a row is one text.
   */
  readonly segments?: Tensor
  /** int32 [n, t]; default 0, 1, 2, … in each row. */
  readonly positions?: Tensor
}

/** Keys and values of all layers, and how many of their slots count in each row. */
export interface Past {
  /** [n, G, S, headWidth] each, a layer an entry; rotated already. */
  readonly layers: readonly KeysValues[]
  /** int32 [n] */
  readonly lengths: Tensor
}

/**
 * Ids → logits [n, t, V]. `recompute`: keep nothing within blocks for the backward pass, for less memory and more time (gradient checkpointing). Virtual
 * tokens of a prompt stand before the text and give no logits.
 *
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * forward(config, initDecoder(config, key(0)), { ids: zeros([2, 8], 'int32') }).shape // [2, 8, 260]
 */
export function forward(config: DecoderConfig, params: DecoderParams, batch: TokenBatch, { recompute = false } = {}): Tensor {
  const { x, view } = start(config, params, batch)
  const run = (block: BlockParams, y: Tensor) => applyBlock(config, block, y, view).x
  const kept = recompute ? checkpoint(run) : run
  const top = params.blocks.reduce((y, block) => kept(block, y), x)
  const text = params.prompt ? slice(top, { axis: 1, start: params.prompt.shape[0] }) : top
  return logitsOf(config, params, text)
}

/**
 * Goes on with texts whose keys and values are kept: ids [n, t] after `past` → the top of the stack [n, t, width] and each layer's new keys and values
 * [n, G, t, headWidth]. Without a past it begins them. Rows may differ in length; what stands to the right of a row's text changes nothing in it.
 *
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * const { top, layers } = extend(config, initDecoder(config, key(0)), zeros([1, 5], 'int32'))
 * layers[0].keys.shape // [1, 4, 5, 8]
 */
export function extend(config: DecoderConfig, params: DecoderParams, ids: Tensor, past?: Past): { top: Tensor; layers: KeysValues[] } {
  const { x, view } = past ? startAfter(config, params, ids, past) : start(config, params, { ids })
  const layers: KeysValues[] = []
  const top = params.blocks.reduce((y, block, i) => {
    const { x: next, keys, values } = applyBlock(config, block, y, view, past?.layers[i])
    layers.push({ keys, values })
    return next
  }, x)
  return { top, layers }
}

/** What goes into the first block: embeddings [n, t, width], and what each token sees. A prompt's virtual tokens come first. */
export function start(config: DecoderConfig, params: Omit<DecoderParams, 'norm'>, batch: TokenBatch): { x: Tensor; view: View } {
  const { ids, segments, positions } = params.prompt ? withPrompt(params.prompt, batch) : batch
  const places = add(positions ?? expandDims(iota(ids.shape[1] + virtualCount(params)), 0), prefixLength(params))
  const tokens = embed(params, ids)
  const x = params.prompt ? concat([broadcastTo(params.prompt, [ids.shape[0], ...params.prompt.shape]), tokens], { axis: 1 }) : tokens
  return { x: placed(config, params, x, places), view: { ...rotationOf(config, places), mask: causalMask(config, x.shape[1], segments) } }
}

/** Token ids → their embeddings [..., width], with what an adapter adds to them. */
function embed({ embedding: { tokens, lora } }: Pick<DecoderParams, 'embedding'>, ids: Tensor): Tensor {
  const found = gather(tokens, ids)
  return lora ? add(found, mul(matmul(gather(lora.a, ids), lora.b), lora.scaling)) : found
}

const virtualCount = ({ prompt }: Pick<DecoderParams, 'prompt'>): number => prompt?.shape[0] ?? 0

/** The segment of virtual tokens, which every other sees. */
const virtualSegment = -1

/** Segments and positions with room for virtual tokens in front. */
function withPrompt({ shape: [virtual] }: Tensor, { ids, segments, positions }: TokenBatch): TokenBatch {
  const n = ids.shape[0]
  const before = (values: Tensor, rest?: Tensor) => rest && concat([broadcastTo(values, [n, virtual]), rest], { axis: 1 })
  return {
    ids,
    segments: before(full([virtual], virtualSegment, 'int32'), segments),
    positions: before(iota(virtual), positions && add(positions, virtual)),
  }
}

function startAfter(config: DecoderConfig, params: DecoderParams, ids: Tensor, { lengths, layers }: Past): { x: Tensor; view: View } {
  const t = ids.shape[1]
  const offset = prefixLength(params)
  // [n, t]: in each row the places after its text.
  const own = add(expandDims(lengths, 1), expandDims(iota(t), 0))
  const positions = add(own, offset)
  const slots = layers[0].keys.shape[2]
  const x = placed(config, params, embed(params, ids), positions)
  return { x, view: { ...rotationOf(config, positions), mask: causalMask(config, t), pastMask: pastMask(config, own, lengths, slots) } }
}

const rotationOf = ({ positions: kind, context }: DecoderConfig, positions: Tensor): Pick<View, 'rotation'> =>
  kind.kind === 'rope' ? { rotation: rotationAt(kind, positions, context) } : {}

/** Tokens with their learned places, where the model has such. */
function placed(
  { positions: { kind } }: DecoderConfig,
  { embedding }: Pick<DecoderParams, 'embedding'>,
  tokens: Tensor,
  positions: Tensor,
): Tensor {
  return kind === 'learned' ? add(tokens, gather(embedding.positions!, positions)) : tokens
}

/** How many keys and values stand before the first token. */
const prefixLength = ({ blocks }: Pick<DecoderParams, 'blocks'>): number => blocks[0]?.attention.prefix?.keys.shape[0] ?? 0

const visibility = (visible: Tensor): Tensor => where(visible, scalar(0), scalar(Number.NEGATIVE_INFINITY))

/** [1 or n, 1, t, t] */
function causalMask({ window }: DecoderConfig, t: number, segments?: Tensor): Tensor {
  const [row, column] = [expandDims(iota(t), 1), expandDims(iota(t), 0)]
  const causal = lessEqual(column, row)
  const near = window !== undefined && window < t ? logicalAnd(causal, less(sub(row, column), window)) : causal
  const all = expandDims(expandDims(near, 0), 0)
  if (!segments) return visibility(all)
  const [own, other] = [expandDims(segments, 2), expandDims(segments, 1)]
  const together = logicalOr(equal(own, other), equal(other, virtualSegment))
  return visibility(logicalAnd(all, expandDims(together, 1)))
}

/** [n, 1, 1 or t, slots]: slots that count, and that are near enough. `own`: places of the new tokens in their rows [n, t]. */
function pastMask({ window }: DecoderConfig, own: Tensor, lengths: Tensor, slots: number): Tensor {
  const slot = reshape(iota(slots), [1, 1, 1, slots])
  const counts = less(slot, reshape(lengths, [lengths.shape[0], 1, 1, 1]))
  if (window === undefined || window >= slots) return visibility(counts)
  return visibility(logicalAnd(counts, less(sub(expandDims(expandDims(own, 1), 3), slot), window)))
}

/** One block: x [n, t, width] → the same shape, with its keys and values. */
export function applyBlock(
  config: DecoderConfig,
  params: BlockParams,
  x: Tensor,
  view: View,
  past?: KeysValues,
): { x: Tensor } & KeysValues {
  const normed = applyNorm(config, params.norm1, x)
  const { output, keys, values } = attend(config, params.attention, normed, view, past)
  const attended = add(x, output)
  const read = params.norm2 ? applyNorm(config, params.norm2, attended) : normed
  return { x: add(attended, applyNetwork(config.activation, params.network, read)), keys, values }
}

function applyNetwork(activation: Activation, { gate, up, down }: NetworkParams, x: Tensor): Tensor {
  const inner = gate ? mul(silu(applyLinear(gate, x)), applyLinear(up, x)) : activate(activation, applyLinear(up, x))
  return applyLinear(down, inner)
}

const activate = (activation: Activation, x: Tensor): Tensor =>
  activation === 'gelu' ? gelu(x) : activation === 'geluTanh' ? geluTanh(x) : silu(x)

export function applyNorm({ norm, epsilon }: DecoderConfig, { gain, bias }: NormParams, x: Tensor): Tensor {
  const scaled = mul(norm === 'rms' ? rmsStandardize(x, { epsilon }) : standardize(x, { epsilon }), gain)
  return bias ? add(scaled, bias) : scaled
}

/**
 * The last norm and the head: [n, t, width] → logits [n, t, V].
 *
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * const params = initDecoder(config, key(0))
 * logitsOf(config, params, extend(config, params, zeros([1, 5], 'int32')).top).shape // [1, 5, 260]
 */
export function logitsOf(config: DecoderConfig, params: Pick<DecoderParams, 'norm' | 'head' | 'embedding'>, x: Tensor): Tensor {
  const weight = params.head?.weight ?? params.embedding.tokens
  const logits = matmul(applyNorm(config, params.norm, x), swapLast(weight))
  return params.head?.bias ? add(logits, params.head.bias) : logits
}
