import { key } from '../../engine/index.ts'
import type { Estimate } from '../../experiment/index.ts'
import {
  baseConfig,
  blockCount,
  type DecoderConfig,
  initAdapter,
  initDecoder,
  llamaConfig,
  normCount,
  parameterCount,
  type TrainingMemory,
  trainingMemory,
} from '../../kits/lm/index.ts'
import { byteTokenizer } from '../../kits/lm/tokenizers/bytes.ts'
import { adapters, type Config, isStudyModel, type ModelName, scaled } from './config.ts'

const codegen350m: DecoderConfig = {
  ...llamaConfig({ width: 1024, layers: 20, heads: 16, hidden: 4096, vocabulary: 51_200, context: 2048, tied: false }),
  dialect: 'codegen',
  modelType: 'codegen',
  norm: 'layer',
  activation: 'geluTanh',
  positions: { kind: 'rope', theta: 10_000, pairs: 'interleaved', width: 32 },
  parallel: true,
  fusedQkv: true,
  biases: { qkv: false, output: false, network: true, head: true, norm: true },
}

const studyConfigs = {
  codeLlama7b: llamaConfig({
    width: 4096,
    layers: 32,
    heads: 32,
    hidden: 11_008,
    vocabulary: 32_016,
    context: 16_384,
    tied: false,
    theta: 1e6,
  }),
  codegen350m,
}

const configOf = (name: ModelName): DecoderConfig => (isStudyModel(name) ? studyConfigs[name] : baseConfig({ size: name }))

/** Bits of a weight of the blocks' linear maps, with all scales. */
const bitsOf = { none: 32, nf4: 4.127, int2: 2.127, int8: 8.01 } as const

const memories = new Map<string, TrainingMemory>()

/** Of a model with an adapter; most units of a plan ask for the same. */
function memoryOf(model: ModelName, name: Config['adapter'], batch: number, length: number): TrainingMemory {
  const asked = [model, name, batch, length].join()
  const known = memories.get(asked)
  if (known) return known
  const shape = configOf(model)
  const params = initDecoder(shape, key(0))
  const adapter = name === 'none' ? undefined : initAdapter(adapters[name], { config: shape, params, tokenizer: byteTokenizer }, key(0))
  const memory = trainingMemory({ config: shape, params }, adapter, { batch, length })
  memories.set(asked, memory)
  return memory
}

/** What a unit takes, from shapes alone: nothing is loaded, so that models can be planned that would not fit. */
export function estimateOf({ config }: { readonly config: Config }): Estimate {
  const { adapter: name, quantization, batch, maxPrompt, maxCompletion, shots, task, steps, trainOn, test } = config
  const shape = configOf(config.model === 'slm' ? config.slm : config.llm)
  const parameters = parameterCount(shape)
  const longest = maxPrompt + maxCompletion + 33
  const memory = memoryOf(config.model === 'slm' ? config.slm : config.llm, name, batch, longest)
  const saved = (4 - bitsOf[quantization] / 8) * shape.layers * (blockCount(shape) - 2 * normCount(shape))
  const updates =
    name === 'none' ? 0 : task === 'api' ? scaled(steps.api, config) : (trainOn === 'both' ? 2 : 1) * scaled(steps.tuning, config)
  // Answers are shorter than they may be: of CoNaLa rows are half as long as the longest, and the forward pass is a third of a step's work.
  const tokens = Math.ceil(longest / 2) * (batch * updates + (test.conala * (1 + 3 * shots)) / 3)
  const flops = 6 * parameters * tokens
  // Measured: some 35 GFLOP/s with one thread, and 30 ms a step besides.
  const seconds = isStudyModel(config.llm) ? undefined : 2 + updates * 0.03 + flops / 3.5e10
  return { parameters, flops, bytes: memory.total - saved, ...(seconds !== undefined && { seconds }) }
}
