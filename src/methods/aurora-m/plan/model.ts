import { buffer, key, mapTree, type Tensor } from '../../../engine/index.ts'
import { requireLayers } from '../../../kits/lm/blocks/index.ts'
import { loadModel } from '../../../kits/lm/checkpoints/read.ts'
import { alwaysOnCount, blockCount, llamaConfig, parameterCount, sizes } from '../../../kits/lm/config.ts'
import { initDecoder } from '../../../kits/lm/init.ts'
import type { LanguageModel } from '../../../kits/lm/model.ts'
import type { DecoderParams } from '../../../kits/lm/params.ts'
import { type Adapter, type AdapterParams, initAdapter, trainableCount } from '../../../kits/lm/peft/adapter.ts'
import type { LoraConfig } from '../../../kits/lm/peft/config.ts'
import { mergeAdapter } from '../../../kits/lm/peft/merge.ts'
import { withAdapter } from '../../../kits/lm/peft/with-adapter.ts'
import { byteTokenizer } from '../../../kits/lm/tokenizers/bytes.ts'
import { loadTokenizer } from '../../../kits/lm/tokenizers/index.ts'
import { everything, type Trainable } from '../continual.ts'
import type { Plan } from './schema.ts'

/** The model that a plan goes on with, or a fresh one. */
export async function planModel({
  base,
  size,
  tokenizer,
  sequenceLength,
  seed,
}: Plan): Promise<LanguageModel & { readonly warnings: readonly string[] }> {
  if (base !== undefined) return loadModel(base, tokenizer === undefined ? {} : { tokenizer: await loadTokenizer(tokenizer) })
  const own = tokenizer === undefined ? byteTokenizer : await loadTokenizer(tokenizer)
  const special = { begin: own.begin, end: own.end === undefined ? [] : [own.end], pad: own.pad }
  const config = llamaConfig({ ...sizes[size!], vocabulary: own.size, context: Math.max(1024, sequenceLength), special })
  return { config, params: initDecoder(config, key(seed)), tokenizer: own, warnings: [] }
}

/** Low-rank adapters, and the weights that they stand beside: these keep their values. */
export interface Adapted {
  readonly adapter: AdapterParams
  readonly base: DecoderParams
}

/** A way to train a model: what changes, and how a whole model is made of it again. */
export interface Training<P> extends Trainable<P> {
  /** A model without adapters, as it is written down. */
  finished(trained: P): Promise<LanguageModel>
}

export const fullTraining = (model: LanguageModel): Training<DecoderParams> => ({
  ...everything(model.params),
  finished: async (params) => ({ ...model, params }),
})

const adapterFor = (model: LanguageModel, options: Omit<LoraConfig, 'kind'>, seed: number): Adapter =>
  initAdapter({ kind: 'lora', dropout: 0, ...options }, model, key(seed))

/** How many numbers train at a time. @throws InputError for layers or maps that the model has not. */
export function trainableIn({ method, seed }: Plan, model: LanguageModel): number {
  const { config } = model
  if (method === 'full') return parameterCount(config)
  if ('lora' in method) return trainableCount(adapterFor(model, method.lora, seed))
  const { activeLayers } = method.lisa
  requireLayers('method.lisa', activeLayers, config.layers)
  return alwaysOnCount(config) + activeLayers * blockCount(config)
}

/** Training of low-rank adapters alone. */
export function loraTraining(model: LanguageModel, options: Omit<LoraConfig, 'kind'>, seed: number): Training<Adapted> {
  const { config, params } = adapterFor(model, options, seed)
  const adapterOf = ({ adapter }: Adapted) => ({ config, params: adapter })
  return {
    start: { adapter: params, base: mapTree<DecoderParams>(model.params, (w: Tensor) => buffer(w)) },
    whole: (trained) => withAdapter(trained.base, adapterOf(trained)),
    finished: async (trained) =>
      mergeAdapter({ ...model, params: mapTree<DecoderParams>(trained.base, (w: Tensor) => w.as('value')) }, adapterOf(trained)),
  }
}
