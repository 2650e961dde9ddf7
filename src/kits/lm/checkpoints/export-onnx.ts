import {
  add,
  concat,
  expandDims,
  gather,
  greaterEqual,
  InputError,
  less,
  lessEqual,
  logicalAnd,
  logicalOr,
  maximum,
  scalar,
  sub,
  type Tensor,
  where,
  zeros,
} from '../../../engine/index.ts'
import { saveOnnx } from '../../../engine/onnx/files.ts'
import type { View } from '../attention.ts'
import type { DecoderConfig } from '../config.ts'
import { applyBlock, logitsOf } from '../decoder.ts'
import type { DecoderParams } from '../params.ts'
import { rotationAt } from '../rotary.ts'

/*
 * A decoder as one ONNX model that reads texts and goes on with them. What a token sees follows from positions alone, so that no size is written into the
 * graph and texts of unlike length share a batch.
 */

/** The inputs beside the kept keys and values. */
const inputNames = ['input_ids', 'position_ids', 'past_position_ids'] as const

/**
 * Writes a decoder as an ONNX model with kept keys and values: the same model reads a text (past of size 0) and goes on token by token.
 *
 * Inputs, all sizes but G and the head's width open: `input_ids` and `position_ids` int32 [batch, sequence], where a position of −1 marks a place that
 * holds no token; `past_position_ids` int32 [batch, past]; `past_key_values.i.key` and `.value` float32 [batch, G, past, headWidth] of each layer i.
 * Outputs: `logits` [batch, sequence, V], `present_position_ids` and `present.i.key`, `present.i.value`: the past with the new tokens, to be fed next time.
 *
 * @throws InputError for prompts and prefixes, which are no part of a text.
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * await saveDecoderOnnx('decoder.onnx', config, initDecoder(config, key(0)))
 */
export async function saveDecoderOnnx(path: string, config: DecoderConfig, params: DecoderParams): Promise<void> {
  if (params.prompt || params.blocks[0]?.attention.prefix)
    throw new InputError('a prompt or a prefix cannot be exported', { fix: 'export the model without the adapter' })
  const { kvHeads, headWidth } = config
  const layers = params.blocks.flatMap((_, i) => [`${i}.key`, `${i}.value`])
  const ids = zeros([1, 1], 'int32')
  const examples = [ids, ids, ids, ...layers.map(() => zeros([1, kvHeads, 1, headWidth]))]
  const [past, fresh] = [
    ['batch', 'past'],
    ['batch', 'sequence'],
  ]
  await saveOnnx(path, (...inputs: Tensor[]) => step(config, params, inputs), examples, {
    inputs: [...inputNames, ...layers.map((name) => `past_key_values.${name}`)],
    outputs: ['logits', 'present_position_ids', ...layers.map((name) => `present.${name}`)],
    axes: {
      input_ids: fresh,
      position_ids: fresh,
      past_position_ids: past,
      ...Object.fromEntries(layers.map((name) => [`past_key_values.${name}`, ['batch', kvHeads, 'past', headWidth]])),
    },
    doc: `${config.modelType}: position −1 marks places without a token`,
  })
}

function step(config: DecoderConfig, params: DecoderParams, [ids, positions, pastPositions, ...past]: readonly Tensor[]): Tensor[] {
  const { positions: kind, context } = config
  const places = maximum(positions, 0)
  const tokens = gather(params.embedding.tokens, ids)
  const start = kind.kind === 'learned' ? add(tokens, gather(params.embedding.positions!, places)) : tokens
  const view: View = {
    ...(kind.kind === 'rope' && { rotation: rotationAt(kind, places, context) }),
    mask: visibility(config, positions, positions),
    pastMask: visibility(config, positions, pastPositions),
  }
  const present: Tensor[] = []
  const top = params.blocks.reduce((x, block, i) => {
    const [keys, values] = [past[2 * i], past[2 * i + 1]]
    const next = applyBlock(config, block, x, view, { keys, values })
    present.push(concat([keys, next.keys], { axis: 2 }), concat([values, next.values], { axis: 2 }))
    return next.x
  }, start)
  return [logitsOf(config, params, top), concat([pastPositions, positions], { axis: 1 }), ...present]
}

/** What tokens at `own` [n, t] see of those at `others` [n, s]: [n, 1, t, s], added to scores. A place without a token sees its like, so that no row is empty. */
function visibility({ window }: DecoderConfig, own: Tensor, others: Tensor): Tensor {
  const [row, column] = [expandDims(own, 2), expandDims(others, 1)]
  const isThere = logicalOr(greaterEqual(column, 0), less(row, 0))
  const causal = logicalAnd(lessEqual(column, row), isThere)
  const near = window === undefined ? causal : logicalAnd(causal, less(sub(row, column), window))
  return expandDims(where(near, scalar(0), scalar(Number.NEGATIVE_INFINITY)), 1)
}
