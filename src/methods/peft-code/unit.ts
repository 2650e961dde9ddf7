import { key } from '../../engine/index.ts'
import type { Findings, ItemColumns, UnitContext } from '../../experiment/index.ts'
import { completionScorer } from '../../kits/lm/completion-score.ts'
import { fineTuning } from '../../kits/lm/fine-tune.ts'
import type { LanguageModel } from '../../kits/lm/model.ts'
import { type Adapter, initAdapter, trainableCount } from '../../kits/lm/peft/adapter.ts'
import { trainingMemory } from '../../kits/lm/peft/memory.ts'
import { quantizeModel } from '../../kits/lm/peft/quantize.ts'
import { withAdapter } from '../../kits/lm/peft/with-adapter.ts'
import { type EncodedExample, type InstructionExample, shuffledPairs } from '../../kits/lm/sft.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import { answersOf } from './answers.ts'
import { adapters, type Config, rateNameOf, scaled } from './config.ts'
import { bucketsOf, type Data, type DataSetName, encoded } from './data.ts'

export type Context = UnitContext<Config, Data>

/** Seed 100 chooses the rates; the judged ones follow. */
export const seedOf = ({ tune }: Config, seed: number): number => (tune ? 100 : 101 + seed)

/** The base of a unit, and what it takes. */
export interface Base {
  readonly model: LanguageModel
  /** Bytes of the quantized maps, and of the same in 16 bits, where the base is quantized. */
  readonly size?: { readonly quantizedBytes: number; readonly halfBytes: number; readonly worstScale: number }
}

export async function baseOf({ model: name, quantization }: Config, { models }: Data): Promise<Base> {
  const model = models[name]
  if (quantization === 'none') return { model }
  const { params, report } = await quantizeModel(model.params, { format: quantization })
  return {
    model: { ...model, params },
    size: { quantizedBytes: report.bytes, halfBytes: 2 * report.weights, worstScale: report.worstScale },
  }
}

/** What a unit trains on: the parts of the data that its arm names, with their answers shuffled where it says so. */
export function examplesOf(
  base: Pick<LanguageModel, 'tokenizer'>,
  config: Config,
  data: Data,
  seed: number,
): { train: readonly EncodedExample[]; validation: readonly EncodedExample[]; buckets: readonly number[] } {
  const names: readonly DataSetName[] = config.task === 'api' ? ['api'] : config.trainOn === 'both' ? ['conala', 'mbpp'] : [config.trainOn]
  const pairs = (examples: readonly InstructionExample[]) => (config.shuffled ? shuffledPairs(examples, seed) : examples)
  const parts = (part: 'train' | 'validation') => names.flatMap((name) => encoded(pairs(data[name][part]), base, config, name))
  const buckets = [...new Set(names.flatMap((name) => bucketsOf(config, name)))].sort((a, b) => a - b)
  return { train: parts('train'), validation: parts('validation'), buckets }
}

/** As many steps on both sets as on the two apart. */
const stepsOf = (config: Config): number =>
  config.task === 'api' ? scaled(config.steps.api, config) : (config.trainOn === 'both' ? 2 : 1) * scaled(config.steps.tuning, config)

/** What fine-tuning came to. */
export interface Tuned {
  /** None where nothing is tuned. */
  readonly adapter?: Adapter
  readonly measurements: Readonly<Record<string, number>>
}

/** Fine-tunes a unit's adapter from its last checkpoint on. */
export async function tune({ config, data, seed, checkpoint, log, progress }: Context, base: LanguageModel): Promise<Tuned> {
  if (config.adapter === 'none') return { measurements: { trainable: 0 } }
  const own = seedOf(config, seed)
  const { train, validation, buckets } = examplesOf(base, config, data, own)
  const adapter = initAdapter(adapters[config.adapter], base, key(own))
  const learningRate = config.learningRates[rateNameOf(config)] * config.rateScale
  const steps = stepsOf(config)
  const options = { learningRate, steps, warmup: Math.ceil(steps / 20), batch: config.batch, buckets, seed: own }
  const tuning = fineTuning({ base, adapter, train, validation }, options)
  const saved = await checkpoint.latest()
  let state = saved ? fromArrays(saved.tensors, tuning.start()) : tuning.start()
  for (let k = saved?.step ?? 0; k < tuning.steps; k++) {
    const next = await tuning.step(state, k)
    state = next.state
    log(k + 1, { loss: next.loss, ...(next.validation !== undefined && { validation: next.validation }) })
    if (checkpoint.due()) await checkpoint.save(k + 1, await toArrays(state))
    await progress(k + 1, tuning.steps)
  }
  return {
    adapter: await tuning.result(state),
    measurements: {
      trainable: trainableCount(adapter),
      learningRate,
      validation: await state.bestLoss.item(),
    },
  }
}

/** Bits of a data set's test completions, and their bytes. */
export interface TestScore {
  readonly bpb: number
  readonly items: ItemColumns
}

export async function scoreTest(model: LanguageModel, config: Config, data: Data, name: DataSetName): Promise<TestScore> {
  const examples = encoded(data[name].test, model, config, name)
  const bits = await completionScorer(model.config)(model.params, examples, { buckets: bucketsOf(config, name) })
  const bytes = examples.map(({ bytes }) => bytes)
  return { bpb: bitsPerByte(bits, bytes), items: { id: examples.map(({ id }) => String(id)), bits, bytes } }
}

const total = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0)

/** All bits over all bytes. */
export const bitsPerByte = (bits: ArrayLike<number>, bytes: ArrayLike<number>): number => total(bits) / total(bytes)

/** Tunes one adapter, and scores the completions of the test part. While rates are chosen nothing is tested. */
export async function tuningUnit(context: Context): Promise<Findings> {
  const { config, data, seed, progress } = context
  const { model, size } = await baseOf(config, data)
  const { adapter, measurements } = await tune(context, model)
  if (config.tune) return { measurements }
  const before = size && (await scoreTest(model, config, data, 'conala')).bpb
  const adapted = adapter ? { ...model, params: withAdapter(model.params, adapter) } : model
  const conala = await scoreTest(adapted, config, data, 'conala')
  // Adapters of single sets are the measure of those of both.
  const isJoint = config.adapter === 'lora' && config.quantization === 'none' && config.model === 'llm'
  const mbpp = isJoint ? await scoreTest(adapted, config, data, 'mbpp') : undefined
  const questions = config.decode && seed === 0 ? data.conala.test.slice(0, config.test.decoded) : []
  const answers = questions.length > 0 ? await answersOf(adapted, questions, config, progress) : undefined
  return {
    measurements: {
      ...measurements,
      ...memoryOf(model, adapter, config),
      bpb: conala.bpb,
      ...(mbpp && { bpbMbpp: mbpp.bpb }),
      ...(size && { bpbBefore: before!, ...size }),
      ...answers?.measurements,
    },
    items: { test: conala.items, ...(mbpp && { mbpp: mbpp.items }), ...(answers && { answers: answers.items }) },
  }
}

/** What training takes, by its parts. */
function memoryOf(model: LanguageModel, adapter: Adapter | undefined, config: Config): Record<string, number> {
  const { weights, trained, optimizer, activations } = trainingMemory(model, adapter, {
    batch: config.batch,
    length: bucketsOf(config, 'conala').at(-1)!,
  })
  return { weightBytes: weights, adapterBytes: trained, optimizerBytes: optimizer, activationBytes: activations }
}
