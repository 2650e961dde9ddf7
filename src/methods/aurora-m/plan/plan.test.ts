import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeSample } from '../../../data/index.ts'
import { key } from '../../../engine/index.ts'
import { loadModel } from '../../../kits/lm/checkpoints/read.ts'
import { readConfig } from '../../../kits/lm/checkpoints/read-config.ts'
import { saveModel } from '../../../kits/lm/checkpoints/write.ts'
import { blockCount, type DecoderConfig, llamaConfig, parameterCount } from '../../../kits/lm/config.ts'
import { initDecoder } from '../../../kits/lm/init.ts'
import { byteTokenizer } from '../../../kits/lm/tokenizers/bytes.ts'
import { toArrays } from '../../../train/index.ts'
import { preparePlan, runContinualPretraining } from './run.ts'
import { readPlan } from './schema.ts'

const hooks = { log: () => {}, progress: async () => {} }

const rotary = llamaConfig({ width: 16, layers: 2, heads: 2, hidden: 24, context: 128 })

async function folderWith(plan: string, files: Readonly<Record<string, string>> = {}, config: DecoderConfig = rotary): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'quire-plan-'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  writeFileSync(join(folder, 'plan.yaml'), plan)
  await saveModel({ config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }, join(folder, 'model'))
  return folder
}

const rain = 'The rain falls on the roof of the old house.\n\n'
const texts = {
  'old.txt': Array.from({ length: 40 }, (_, i) => `${rain.trim()} ${i}\n\n`).join(''),
  'new.txt': Array.from({ length: 40 }, (_, i) => `वर्षा ${i} होती है।\n\n`).join(''),
  'held.txt': Array.from({ length: 20 }, (_, i) => `The snow lies on the field ${i}.\n\n`).join(''),
  'pairs.jsonl': Array.from({ length: 40 }, (_, i) => `${JSON.stringify({ instruction: `Open ${i}?`, response: `No ${i}.` })}\n`).join(''),
}

const planOf = (stages: string, more = '') => `base: model
sequenceLength: 64
batch: 4
schedule: { warmup: 2, peak: 0.01 }
${more}stages:
${stages}`

const oneStage = '  - { name: CAP, steps: 6, mixture: { new: { path: new.txt, weight: 1 } } }\n'
const held = 'eval: { every: 3, old: [held], domains: { held: held.txt } }\n'

test('a plan trains stage by stage, leaves a model for each, and a report whose matrix follows from its curve', async () => {
  const stages = `${oneStage}  - { name: CAT, steps: 4, mixture: { new: { path: new.txt, weight: 1 }, old: { path: old.txt, weight: 3 }, teach: { path: pairs.jsonl, weight: 1, completionOnly: true } } }\n`
  const folder = await folderWith(planOf(stages, held), texts)
  const plan = readPlan(join(folder, 'plan.yaml'))
  const report = await runContinualPretraining(plan, join(folder, 'out'), hooks)
  expect(report.stages.map(({ stage }) => stage)).toEqual(['base', 'CAP', 'CAT'])
  expect(report.curve.map(({ step }) => step)).toEqual([0, 3, 6, 9, 10])
  expect(report.stages[1].bitsPerByte).toEqual(report.curve[2].bitsPerByte)
  expect(report.tokens).toBe(10 * 4 * 64)
  const stored = await loadModel(join(folder, 'out', 'CAT'))
  expect(stored.config.width).toBe(16)
  expect(JSON.parse(readFileSync(join(folder, 'out', 'report.json'), 'utf8')).stages).toEqual(report.stages)
  expect(readFileSync(join(folder, 'out', 'metrics.csv'), 'utf8').split('\n').length).toBe(1 + 11 + 1)
  expect(existsSync(join(folder, 'out', 'unfinished.safetensors'))).toBe(false)
  // The same again gives the same bits.
  await runContinualPretraining(plan, join(folder, 'again'), hooks)
  const weights = (out: string) => readFileSync(join(folder, out, 'CAT', 'model.safetensors'))
  expect(weights('again').equals(weights('out'))).toBe(true)
})

test('adapters leave a merged model that has changed; an average of 1 leaves the base', async () => {
  const folder = await folderWith(planOf(oneStage, `${held}method: { lora: { rank: 2 } }\n`), texts)
  const report = await runContinualPretraining(readPlan(join(folder, 'plan.yaml')), join(folder, 'out'), hooks)
  expect(report.stages[1].bitsPerByte.held).not.toBe(report.stages[0].bitsPerByte.held)
  const whole = await folderWith(planOf(oneStage, `${held}average: 1\n`), texts)
  const { stages } = await runContinualPretraining(readPlan(join(whole, 'plan.yaml')), join(whole, 'out'), hooks)
  expect(stages[1].bitsPerByte.held).toBeCloseTo(stages[0].bitsPerByte.held, 6)
})

test('layers by turns leave the blocks that were never drawn as they were, and go on exactly after a crash', async () => {
  const folder = await folderWith(planOf(oneStage, `${held}method: { lisa: { activeLayers: 1, interval: 10 } }\n`), texts)
  const plan = readPlan(join(folder, 'plan.yaml'))
  const whole = await runContinualPretraining(plan, join(folder, 'whole'), hooks)
  const changed = async (block: number) => {
    const [before, after] = [await loadModel(join(folder, 'model')), await loadModel(join(folder, 'whole', 'CAP'))].map(({ params }) =>
      toArrays(params.blocks[block]),
    )
    return JSON.stringify(await before) !== JSON.stringify(await after)
  }
  expect([await changed(0), await changed(1)].filter(Boolean)).toHaveLength(1)
  let steps = 0
  const progress = async () => {
    if (++steps === 4) throw new Error('killed')
  }
  await expect(runContinualPretraining(plan, join(folder, 'broken'), { ...hooks, progress })).rejects.toThrow('killed')
  const resumed = await runContinualPretraining(plan, join(folder, 'broken'), hooks)
  expect({ ...resumed, tokensPerSecond: 0 }).toEqual({ ...whole, tokensPerSecond: 0 })
})

test('texts and instructions begin as prompts do, with what the tokenizer puts first, and end with the end of texts', async () => {
  const mixture =
    '{ new: { path: new.txt, weight: 1 }, teach: { path: pairs.jsonl, weight: 1, completionOnly: true }, long: { path: long.jsonl, weight: 1, completionOnly: true } }'
  const answer = 'No. '.repeat(50_000)
  const folder = await folderWith(planOf(`  - { name: CAP, steps: 6, mixture: ${mixture} }\n`), {
    ...texts,
    // More bytes than a call takes arguments: left out, as said.
    'long.jsonl': `${texts['pairs.jsonl']}${JSON.stringify({ instruction: 'Open?', response: answer })}\n`,
  })
  const lines: string[] = []
  const { corpora } = await preparePlan(readPlan(join(folder, 'plan.yaml')), { log: (line) => lines.push(line) })
  const { begin, end } = byteTokenizer
  const stream = [...(corpora.train.new.stream as Int32Array)]
  expect([stream[0], stream.at(-1), stream[stream.indexOf(end!) + 1]]).toEqual([begin, end, begin])
  expect(stream.filter((id) => id === begin)).toHaveLength(40)
  const [{ ids, response }] = corpora.train.teach.examples!
  expect([ids[0], byteTokenizer.decode(ids.subarray(response))]).toEqual([begin, 'No 0.<|end|>'])
  expect(lines).toContain('mixture long: 1 of 41 instructions are longer than 64 tokens and left out')
})

const gpt2 = (positions: number): DecoderConfig => {
  const shape = { vocab_size: 260, n_positions: positions, n_embd: 16, n_layer: 2, n_head: 2, n_inner: 24 }
  return readConfig(JSON.stringify({ model_type: 'gpt2', ...shape, bos_token_id: 257, eos_token_id: 258 })).config
}

test('windows beyond learned positions are refused, beyond rotary ones said', async () => {
  const prepared = async (config: DecoderConfig) => {
    const lines: string[] = []
    const folder = await folderWith(planOf(oneStage), texts, config)
    await preparePlan(readPlan(join(folder, 'plan.yaml')), { log: (line) => lines.push(line) })
    return lines.filter((line) => line.startsWith('warning'))
  }
  await expect(prepared(gpt2(63))).rejects.toThrow('sequenceLength: windows of 64 tokens, and the model has learned positions for 63')
  expect(await prepared(gpt2(64))).toEqual([])
  expect(await prepared({ ...rotary, context: 63 })).toEqual([
    'warning: windows of 64 tokens are longer than the 63 that the model was made for',
  ])
})

test.each([
  ['full', (total: number) => total],
  ['{ lisa: { activeLayers: 1 } }', (total: number) => total - blockCount(rotary)],
  // Query, key and value of two blocks: each has 2 (in + out) numbers.
  ['{ lora: { rank: 2 } }', () => 2 * 3 * 2 * (16 + 16)],
])('of method %s the numbers that train are counted before', async (method, expected) => {
  const folder = await folderWith(planOf(oneStage, `method: ${method}\n`), texts)
  const { trainable } = await preparePlan(readPlan(join(folder, 'plan.yaml')), hooks)
  expect(trainable).toBe(expected(parameterCount(rotary)))
})

const small = 'sequenceLength: 32\nbatch: 4\n'
const stageOf = (mixture: string, name = 'CAP') => `stages: [{ name: ${name}, steps: 5, mixture: { ${mixture} } }]\n`
const fresh = 'size: tiny\n'

test.each([
  ['neither base nor size', small + stageOf('new: { path: new.txt, weight: 1 }'), 'it needs a base or a size'],
  ['weights that sum to 0', fresh + small + stageOf('new: { path: new.txt, weight: 0 }'), 'the weights sum to 0'],
  ['a negative weight', fresh + small + stageOf('new: { path: new.txt, weight: -1 }'), "the weight of 'new' is -1"],
  [
    'a corpus smaller than a batch',
    `${fresh}sequenceLength: 512\nbatch: 16\n${stageOf('new: { path: new.txt, weight: 1 }')}`,
    'less than one batch of 8193',
  ],
  ['an unknown key', `${fresh}learning: 3\n${stageOf('new: { path: new.txt, weight: 1 }')}`, 'learning'],
  ['a file that is not there', fresh + small + stageOf('new: { path: none.txt, weight: 1 }'), 'there is no such file'],
  [
    'texts both trained and measured on',
    `${fresh}${small}${stageOf('new: { path: new.txt, weight: 1 }')}eval: { domains: { new: new.txt } }\n`,
    'of the documents to measure on are trained on',
  ],
  [
    'an old domain that is not measured',
    `${fresh}${stageOf('new: { path: new.txt, weight: 1 }')}eval: { old: [eng] }\n`,
    "the old domain 'eng' is not evaluated",
  ],
  [
    'a text to measure on without a window',
    `${fresh}${small}${stageOf('new: { path: new.txt, weight: 1 }')}eval: { domains: { held: held.txt, brief: [brief.txt] } }\n`,
    "brief.txt: 'brief' has 32 tokens to measure on, less than a window of 32 and the token after it",
  ],
  [
    'more layers than there are',
    `${fresh}${small}${stageOf('new: { path: new.txt, weight: 1 }')}method: { lisa: { activeLayers: 4 } }\n`,
    'method.lisa: 4 active layers of a model of 3',
  ],
  [
    'adapters of maps that are not there',
    `${fresh}${small}${stageOf('new: { path: new.txt, weight: 1 }')}method: { lora: { targets: [c_attn] } }\n`,
    "target 'c_attn' is not found",
  ],
  [
    'layers by turns with an average',
    `${fresh}${small}${stageOf('new: { path: new.txt, weight: 1 }')}average: 0.5\nmethod: { lisa: {} }\n`,
    'an anchor and an average are for the training of all weights',
  ],
  [
    'instructions without responses',
    fresh + small + stageOf('new: { path: bad.jsonl, weight: 1, completionOnly: true }'),
    "needs the texts 'instruction' and 'response'",
  ],
  ['text that is not UTF-8', fresh + small + stageOf('new: { path: binary.txt, weight: 1 }'), 'not UTF-8 text (line 3)'],
  ['no YAML', 'stages: [', 'no YAML'],
])('%s is refused', async (_, plan, message) => {
  const folder = mkdtempSync(join(tmpdir(), 'quire-plan-'))
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of Object.entries(texts)) writeFileSync(join(folder, name), content)
  writeFileSync(join(folder, 'brief.txt'), 'Snow. '.repeat(6).slice(0, 32))
  writeFileSync(join(folder, 'bad.jsonl'), '{"instruction": "a"}\n')
  writeFileSync(join(folder, 'binary.txt'), Buffer.concat([Buffer.from('one\ntwo\nthr'), Buffer.from([0xff]), Buffer.from('e\n')]))
  writeFileSync(join(folder, 'plan.yaml'), plan)
  const attempt = async () => preparePlan(readPlan(join(folder, 'plan.yaml')), hooks)
  await expect(attempt()).rejects.toThrow(message)
})

test('repetition, and scripts that are spelled in pieces, are said', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quire-plan-'))
  for (const [name, content] of Object.entries(texts)) writeFileSync(join(folder, name), content)
  writeFileSync(
    join(folder, 'plan.yaml'),
    `${fresh}${small}stages: [{ name: CAP, steps: 100, mixture: { new: { path: new.txt, weight: 1 } } }]\n`,
  )
  const lines: string[] = []
  await preparePlan(readPlan(join(folder, 'plan.yaml')), { log: (line) => lines.push(line) })
  expect(lines.some((line) => /^new will be repeated \d+\.\d times: more than 4 times helps little$/.test(line))).toBe(true)
  expect(lines.some((line) => line.startsWith('new: ') && line.includes('pieces of characters'))).toBe(true)
})

test('the sample plan can be read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quire-plan-'))
  await writeSample('continual/', folder)
  const plan = readPlan(join(folder, 'continual', 'plan.yaml'))
  expect(plan.stages.map(({ name }) => name)).toEqual(['CAP', 'CAT'])
})
