import { expect, test } from 'vitest'
import { fromArray, key } from '../../engine/index.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import { completionScorer } from './completion-score.ts'
import { type FineTuneState, fineTuning } from './fine-tune.ts'
import { initAdapter } from './peft/adapter.ts'
import type { PeftConfig } from './peft/config.ts'
import { quantizeModel } from './peft/quantize.ts'
import { llama, modelOf } from './peft/testing/models.ts'
import { withAdapter } from './peft/with-adapter.ts'
import { encodeExamples, promptFormats } from './sft.ts'
import { byteTokenizer } from './tokenizers/bytes.ts'

const base = { ...modelOf(llama), tokenizer: byteTokenizer }
const words = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']
const { examples } = encodeExamples(
  words.map((word, id) => ({ id, prompt: word, completion: `say("${word}")` })),
  byteTokenizer,
  { format: promptFormats.plain },
)
const [train, validation] = [examples.slice(0, 6), examples.slice(6)]
const options = { learningRate: 1e-2, batch: 4, buckets: [24, 32], steps: 30, seed: 1, validateEvery: 4 }

const run = async (
  peft: PeftConfig,
  more: Partial<typeof options> & { optimizer?: 'adafactor'; keepLast?: boolean } = {},
  params = base.params,
) => {
  const adapter = initAdapter(peft, base, key(2))
  const tuning = fineTuning({ base: { config: llama, params }, adapter, train, validation }, { ...options, ...more })
  let state = tuning.start()
  const losses: number[] = []
  const validations: number[] = []
  for (let k = 0; k < tuning.steps; k++) {
    const next = await tuning.step(state, k)
    state = next.state
    losses.push(next.loss)
    if (next.validation !== undefined) validations.push(next.validation)
  }
  return { losses, validations, adapter: await tuning.result(state) }
}

test.each<[string, PeftConfig, number, 'adafactor'?]>([
  ['LoRA', { kind: 'lora', targets: 'all-linear' }, 1e-2],
  ['LoRA with Adafactor', { kind: 'lora', targets: 'all-linear' }, 1e-2, 'adafactor'],
  ['DoRA', { kind: 'lora', dora: true }, 1e-2],
  ['(IA)³', { kind: 'ia3', targets: 'all-linear' }, 5e-2],
  ['a prompt', { kind: 'prompt', tokens: 4, text: 'say' }, 0.2],
  ['a prefix', { kind: 'prefix', tokens: 4, projection: 16 }, 2e-2],
  ['P-tuning', { kind: 'p-tuning', tokens: 4, hidden: 16 }, 2e-2],
  ['all weights', { kind: 'full' }, 5e-3],
  ['biases', { kind: 'biases' }, 2e-2],
])('%s learns', async (_, peft, learningRate, optimizer) => {
  const { losses } = await run(peft, { learningRate, ...(optimizer && { optimizer }) })
  expect(losses.at(-1)!).toBeLessThan(0.95 * losses[0])
})

test('a quantized base learns through its adapter, and stays as it is', async () => {
  const { params } = await quantizeModel(base.params)
  const before = await toArrays(params)
  const { losses } = await run({ kind: 'lora', targets: 'all-linear' }, {}, params)
  expect(losses.at(-1)!).toBeLessThan(0.8 * losses[0])
  for (const [path, { data }] of Object.entries(await toArrays(params))) expect(data, path).toEqual(before[path].data)
})

test('the adapter with the least validation loss is kept', async () => {
  const peft: PeftConfig = { kind: 'lora', targets: 'all-linear' }
  // So few examples are soon known by heart.
  const { validations, adapter } = await run(peft, { learningRate: 3e-2, steps: 80 })
  const score = completionScorer(llama)
  const bits = await score(withAdapter(base.params, adapter), validation, { buckets: options.buckets })
  const bytes = validation.reduce((sum, { bytes }) => sum + bytes, 0)
  expect(bits.reduce((sum, value) => sum + value, 0) / bytes).toBeCloseTo(Math.min(...validations), 5)
  expect(Math.min(...validations)).toBeLessThan(validations.at(-1)!)
})

test('interrupted, saved and gone on with, it ends with the same bits', async () => {
  const adapter = initAdapter({ kind: 'lora', dropout: 0.3, freezeA: true }, base, key(2))
  const tune = () => fineTuning({ base, adapter, train, validation }, { ...options, steps: 9 })
  const through = async (from: FineTuneState, first: number, last: number, tuning = tune()) => {
    let state = from
    for (let k = first; k < last; k++) state = (await tuning.step(state, k)).state
    return state
  }
  const whole = await toArrays(await through(tune().start(), 0, 9))
  const saved = await toArrays(await through(tune().start(), 0, 5))
  const resumed = await toArrays(await through(fromArrays(saved, tune().start()), 5, 9))
  expect(Object.keys(resumed)).toEqual(Object.keys(whole))
  for (const [path, { data }] of Object.entries(whole)) expect(resumed[path].data, path).toEqual(data)
})

test('a loss that is not finite names the step and the examples', async () => {
  const broken = {
    ...base.params,
    norm: { gain: fromArray({ shape: [32], dtype: 'float32', data: new Float32Array(32).fill(Number.NaN) }) },
  }
  await expect(run({ kind: 'lora' }, {}, broken)).rejects.toThrow(/step 1, examples (\d, ){3}\d: training stopped: the loss is NaN/)
})
