import { add, div, evaluate, expandDims, InputError, isTensor, matmul, mul, sub, type Tensor } from '../../../engine/index.ts'
import type { DecoderConfig } from '../config.ts'
import { lengthsOf } from '../linear.ts'
import { type DecoderParams, type LinearParams, type LowRank, linearAt, linearPlaces } from '../params.ts'
import { dequantize } from '../quantized.ts'
import type { Adapter } from './adapter.ts'
import { withAdapter } from './with-adapter.ts'

interface Model {
  readonly config: DecoderConfig
  readonly params: DecoderParams
}

/**
 * The model with an adapter worked into its weights: as large and as fast as before, in need of nothing more. Maps that were quantized and are changed come
 * out unpacked: to quantize them again would change the model. An embedding that was changed by LoRA is no longer the head's, which stays as it was.
 *
 * @throws InputError for prompts and prefixes, which are no change of weights.
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * const base = { config, params: initDecoder(config, key(0)) }
 * const merged = await mergeAdapter(base, initAdapter({ kind: 'lora' }, base, key(1)))
 * forward(merged.config, merged.params, { ids: tensor([[1, 2, 3]], { dtype: 'int32' }) }).shape // [1, 3, 260]
 */
export async function mergeAdapter<M extends Model>(model: M, adapter: Adapter): Promise<M> {
  const { prompt, prefix, embedding } = adapter.params
  if (prompt || prefix)
    throw new InputError(`a ${prompt ? 'prompt' : 'prefix'} cannot be merged: it is no change of weights`, {
      fix: 'keep the adapter beside the model',
    })
  const params = withAdapter(model.params, adapter)
  for (const block of params.blocks)
    for (const place of linearPlaces) {
      const linear = linearAt(block, place)
      if (linear?.lora || linear?.scaleInput || linear?.scaleOutput) mergeMap(linear)
    }
  if (!embedding) return { ...model, params: await evaluate(params) }
  const { tokens } = params.embedding
  params.embedding = { ...params.embedding, tokens: add(tokens, deltaOf(embedding)), lora: undefined }
  const head = { ...params.head, weight: params.head?.weight ?? tokens }
  return { ...model, config: { ...model.config, tied: false }, params: await evaluate({ ...params, head }) }
}

/** What LoRA adds to a weight: scaling · A B. */
export const deltaOf = ({ a, b, scaling }: LowRank): Tensor => mul(matmul(a, b), scaling)

/** Rows of a weight [in, out] are its inputs. */
const asRows = (factors: Tensor): Tensor => expandDims(factors, 1)

function mergeMap(linear: LinearParams): void {
  const { lora, scaleInput, scaleOutput, bias } = linear
  let weight = isTensor(linear.weight) ? linear.weight : dequantize(linear.weight)
  if (lora) weight = add(weight, deltaOf(lora))
  if (lora?.magnitude) weight = mul(weight, div(lora.magnitude, lengthsOf(weight)))
  if (scaleInput) weight = mul(weight, asRows(scaleInput))
  if (scaleOutput) weight = mul(weight, scaleOutput)
  linear.weight = weight
  if (bias && scaleOutput) linear.bias = mul(bias, scaleOutput)
  for (const part of ['lora', 'scaleInput', 'scaleOutput'] as const) delete linear[part]
}

/**
 * Takes a merged LoRA or (IA)³ out again, up to rounding.
 *
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * const base = { config, params: initDecoder(config, key(0)) }
 * const adapter = initAdapter({ kind: 'lora' }, base, key(1))
 * await unmergeAdapter(await mergeAdapter(base, adapter), adapter)
 *
 * @throws InputError for adapters whose merging cannot be undone from the merged weights alone: DoRA, and tensors that were replaced.
 */
export async function unmergeAdapter<M extends Model>(model: M, adapter: Adapter): Promise<M> {
  const { maps = [], embedding, tensors } = adapter.params
  if (tensors || embedding || maps.some((places) => Object.values(places).some(({ lora }) => lora?.magnitude)))
    throw new InputError('merged tensors that were replaced, embeddings and DoRA cannot be taken out again', { fix: 'keep the base' })
  const params = withAdapter(model.params, adapter)
  for (const block of params.blocks)
    for (const place of linearPlaces) {
      const linear = linearAt(block, place)
      if (linear && isTensor(linear.weight)) unmergeMap(linear, linear.weight)
    }
  return { ...model, params: await evaluate(params) }
}

function unmergeMap(linear: LinearParams, weight: Tensor): void {
  const { lora, scaleInput, scaleOutput, bias } = linear
  if (lora) linear.weight = sub(weight, deltaOf(lora))
  if (scaleInput) linear.weight = div(weight, asRows(scaleInput))
  if (scaleOutput) linear.weight = div(weight, scaleOutput)
  if (bias && scaleOutput) linear.bias = div(bias, scaleOutput)
  for (const part of ['lora', 'scaleInput', 'scaleOutput'] as const) delete linear[part]
}
