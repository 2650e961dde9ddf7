import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeSample } from '../../../data/index.ts'
import { key } from '../../../engine/index.ts'
import { loadModel } from '../../../kits/lm/checkpoints/read.ts'
import { saveModel } from '../../../kits/lm/checkpoints/write.ts'
import { llamaConfig } from '../../../kits/lm/config.ts'
import { initDecoder } from '../../../kits/lm/init.ts'
import { byteTokenizer } from '../../../kits/lm/tokenizers/bytes.ts'
import { preparePlan, runContinualPretraining } from './run.ts'
import { readPlan } from './schema.ts'

const hooks = { log: () => {}, progress: async () => {} }

async function folderWith(plan: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'quire-plan-'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  writeFileSync(join(folder, 'plan.yaml'), plan)
  const config = llamaConfig({ width: 16, layers: 2, heads: 2, hidden: 24, context: 128 })
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
