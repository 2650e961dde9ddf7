import { concat, evaluate, eye, isTensor, mul, type Tensor, zeros } from '../../../engine/index.ts'
import { applyLinear } from '../linear.ts'
import type { AttentionParams, BlockParams, DecoderParams, LinearParams } from '../params.ts'
import { dequantize } from '../quantized.ts'

/** What the blocks and the head are compiled from. Embeddings, virtual tokens and prefixes are read by the host. */
export type InferenceParams = Pick<DecoderParams, 'embedding' | 'blocks' | 'norm' | 'head'>

/** Parameters as inference wants them, with values: adapters merged into the weights, and queries, keys and values one matrix. */
export async function inferenceParams(params: DecoderParams): Promise<InferenceParams> {
  const blocks: BlockParams[] = []
  // One by one: what is merged in a block is computed before the next one begins, so that the memory for it is needed once.
  for (const block of params.blocks) blocks.push(await evaluate(prepared(block)))
  return evaluate({ embedding: params.embedding, blocks, norm: params.norm, ...(params.head && { head: params.head }) })
}

function prepared({ attention, network, ...rest }: BlockParams): BlockParams {
  const { gate, up, down } = network
  return {
    ...rest,
    attention: { qkv: merged(joinedMaps(attention)), output: merged(attention.output) },
    network: { ...(gate && { gate: merged(gate) }), up: merged(up), down: merged(down) },
  }
}

function joinedMaps({ qkv, query, key, value }: AttentionParams): LinearParams {
  if (qkv) return qkv
  const maps = [query!, key!, value!].map(merged)
  const weights = maps.map(({ weight }) => weight as Tensor)
  const biases = maps.some(({ bias }) => bias) && maps.map(({ bias }, i) => bias ?? zeros([weights[i].shape[1]]))
  return { weight: concat(weights, { axis: 1 }), ...(biases && { bias: concat(biases, { axis: 0 }) }) }
}

/** The map as a plain matrix and bias: what it does to the unit vectors. */
function merged(map: LinearParams): LinearParams {
  const { weight, bias, lora, scaleInput, scaleOutput } = map
  if (isTensor(weight) && !lora && !scaleInput && !scaleOutput) return map
  const [inputs] = (isTensor(weight) ? weight : dequantize(weight)).shape
  const { bias: _, ...linear } = map
  return { weight: applyLinear(linear, eye(inputs)), ...(bias && { bias: scaleOutput ? mul(bias, scaleOutput) : bias }) }
}
