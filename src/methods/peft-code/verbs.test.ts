import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { abs, key, max, sub, tensor } from '../../engine/index.ts'
import {
  byteTokenizer,
  forward,
  initDecoder,
  type LanguageModel,
  llamaConfig,
  loadAdapter,
  loadModel,
  saveModel,
  withAdapter,
} from '../../kits/lm/index.ts'
import { type PromptFormatName, promptFormats } from '../../kits/lm/sft.ts'
import type { Verb } from '../method.ts'
import { beamAnswers } from './answers.ts'
import { verbs } from './command.ts'
import { keptBy } from './own-model.ts'

let folder = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quire-peft-verbs-'))
  const config = llamaConfig({ width: 16, layers: 1, heads: 2, hidden: 24, context: 256 })
  await saveModel({ config, params: initDecoder(config, key(1)), tokenizer: byteTokenizer }, at('base'))
  const names = ['rows', 'words', 'items', 'lines', 'pairs']
  const pairs = Array.from({ length: 40 }, (_, i) => ({ intent: `sort ${names[i % 5]} ${i}`, code: `${names[i % 5]}.sort()`, question: i }))
  writeFileSync(at('pairs.jsonl'), pairs.map((pair) => JSON.stringify(pair)).join('\n'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const at = (name: string) => join(folder, name)

async function run(name: string, options: Record<string, unknown>, progress = async (_done: number, _total: number, _note?: string) => {}) {
  const verb = verbs.find((verb) => verb.name === name) as Verb
  const parsed = verb.options.parse({ base: at('base'), ...options }) as Record<string, unknown>
  const said: string[] = []
  const { signal } = new AbortController()
  const result = await verb.run({ options: parsed, signal, log: (line) => said.push(line), out: () => {}, progress })
  return { said, lines: result.lines!.join('\n'), json: result.json as Record<string, unknown> }
}

const few = { batch: 4, steps: 6 }
const ids = tensor([[102, 111, 114, 32]], { dtype: 'int32' })

test('an adapter is trained, read back, and merged into a model that answers alike', async () => {
  const { json } = await run('train', { data: at('pairs.jsonl'), ...few, out: at('adapter'), learningRate: 0.05 })
  expect(json).toMatchObject({ method: 'lora', steps: 6, trainable: 3 * 16 * 32 })
  const { losses } = JSON.parse(readFileSync(at('adapter/training.json'), 'utf8'))
  expect(losses[5]).toBeLessThan(losses[0])
  const { json: merged } = await run('merge', { adapter: at('adapter'), out: at('merged') })
  expect(merged.difference).toBeLessThan(1e-4)
  const [base, other] = [await loadModel(at('base')), await loadModel(at('merged'))]
  const beside = withAdapter(base.params, await loadAdapter(at('adapter'), base))
  const distance = (params: typeof base.params) =>
    max(abs(sub(forward(base.config, params, { ids }), forward(other.config, other.params, { ids })))).item()
  expect(await distance(beside)).toBeLessThan(1e-4)
  expect(await distance(base.params)).toBeGreaterThan(1e-3)
})

test('all weights come out as a model', async () => {
  await run('train', { data: at('pairs.jsonl'), method: 'full', ...few, out: at('full') })
  expect((await loadModel(at('full'))).config.width).toBe(16)
})

test('methods are compared on answers that were kept back; what is over the budget is left out', async () => {
  writeFileSync(
    at('plan.json'),
    '{"none": {"method": "zero-shot"}, "ia3": {"method": "ia3"}, "all": {"method": "full", "learningRate": 0.01}}',
  )
  const { json } = await run('compare', { data: at('pairs.jsonl'), plan: at('plan.json'), ...few, out: at('comparison') })
  const rows = json.rows as { name: string; bitsPerByte: number; trainable: number }[]
  expect(rows.map(({ name }) => name)[0]).toBe('all')
  expect(rows.find(({ name }) => name === 'none')).toMatchObject({ trainable: 0 })
  const { json: little } = await run('compare', { data: at('pairs.jsonl'), methods: ['ia3'], budget: '20KB', ...few, out: at('little') })
  expect(little.rows).toMatchObject([{ name: 'ia3', leftOut: 'over the budget' }])
})

describe('answers by a model', () => {
  const short = { beams: 1, maxCompletion: 8 }
  const asked = Array.from({ length: 4 }, (_, i) => ({ instruction: 'Do it', input: `sort words ${i}`, output: 'words.sort()' }))
  const prompts = asked.map(({ instruction, input }) => `${instruction}\n${input}`)
  beforeAll(() => writeFileSync(at('asked.jsonl'), asked.map((line) => JSON.stringify(line)).join('\n')))

  const answers = async (options: Record<string, unknown>) => {
    const { said } = await run('eval', { data: at('asked.jsonl'), ...short, out: at('evaluation'), ...options })
    const rows = readFileSync(at('evaluation/predictions.jsonl'), 'utf8').trim().split('\n')
    return { said: said.join('\n'), found: rows.map((row) => (JSON.parse(row) as { predictions: string[] }).predictions) }
  }
  const expected = (model: LanguageModel, format: PromptFormatName) =>
    beamAnswers(model, prompts, { ...short, maxPrompt: 200, oneLine: true, format: promptFormats[format], progress: async () => {} })

  test.each(['lora', 'full'])('are asked for as in the training by %s, input and all, unless a format is said', async (method) => {
    const out = at(`plain-${method}`)
    await run('train', { data: at('pairs.jsonl'), method, format: 'plain', ...few, out, learningRate: 0.05 })
    const tuned = method === 'full' ? { base: out } : { adapter: out }
    const base = await loadModel(method === 'full' ? out : at('base'))
    const model = method === 'full' ? base : { ...base, params: withAdapter(base.params, await loadAdapter(out, base)) }
    const [plain, alpaca] = [await expected(model, 'plain'), await expected(model, 'alpaca')]
    expect(plain).not.toEqual(alpaca)
    expect(await answers(tuned)).toEqual({ found: plain, said: expect.stringContaining('in the format plain') })
    expect((await answers({ ...tuned, format: 'alpaca' })).found).toEqual(alpaca)
  })

  test('a merged adapter is asked as it was', async () => {
    await run('merge', { adapter: at('plain-lora'), out: at('plain-merged') })
    expect((await answers({ base: at('plain-merged') })).said).toContain('in the format plain')
  })

  test('an adapter that was trained on a quantized base answers on it', async () => {
    await run('train', { data: at('pairs.jsonl'), method: 'qlora-4bit', ...few, out: at('qlora'), learningRate: 0.05 })
    const full = await loadModel(at('base'))
    const adapter = await loadAdapter(at('qlora'), full)
    const beside = (model: LanguageModel) => ({ ...model, params: withAdapter(model.params, adapter) })
    const quantized = await expected(beside(await keptBy('qlora-4bit', full)), 'alpaca')
    expect(quantized).not.toEqual(await expected(beside(full), 'alpaca'))
    expect(await answers({ adapter: at('qlora') })).toEqual({
      found: quantized,
      said: expect.stringMatching(/the base is quantized, as qlora-4bit/),
    })
  })
})

test('what cannot be merged is used beside its base', async () => {
  const next = async (method: string, format: string) =>
    (await run('train', { data: at('pairs.jsonl'), method, format, ...few, out: at(method) })).lines.split('\n').at(-1)
  const generate = (method: string) => `next: quire lm generate --model ${at('base')} --adapter ${at(method)}`
  expect(await next('prompt', 'alpaca')).toBe(`${generate('prompt')} --chat alpaca --prompt 'sort rows 0'`)
  expect(await next('prefix', 'plain')).toBe(`${generate('prefix')} --prompt 'sort rows 0'`)
  expect(await next('ia3', 'plain')).toMatch(/^next: quire peft-code merge /)
})

test('a comparison that was interrupted begins no arm again that is done', async () => {
  const options = { data: at('pairs.jsonl'), methods: ['zero-shot', 'lora', 'ia3'], ...few, out: at('broken') }
  const begun = new Set<string>()
  const note = async (_done: number, _total: number, note = '') => {
    begun.add(note.split(',')[0])
    if (note.startsWith('ia3') && begun.size === 2) throw new Error('killed')
  }
  await expect(run('compare', options, note)).rejects.toThrow('killed')
  begun.clear()
  const { json, said } = await run('compare', options, note)
  expect([...begun]).toEqual(['ia3'])
  expect(said.filter((line) => line.includes('its result stands in')).map((line) => line.split(':')[0])).toEqual(['zero-shot', 'lora'])
  const values = ({ rows }: Record<string, unknown>) =>
    (rows as { name: string; bitsPerByte: number }[]).map(({ name, bitsPerByte }) => [name, bitsPerByte])
  expect(values(json)).toEqual(values((await run('compare', { ...options, out: at('whole') })).json))
  // Other options are another comparison.
  begun.clear()
  await run('compare', { ...options, methods: ['lora'], seed: 1 }, note)
  expect([...begun]).toEqual(['lora'])
})

test.each<[string, string, Record<string, unknown>, RegExp]>([
  ['a rank of a prompt', 'train', { method: 'prompt', rank: 5 }, /rank has no effect on prompt; leave it out, or choose lora, dora/],
  ['virtual tokens of LoRA', 'train', { tokens: 5 }, /tokens has no effect on lora; leave it out, or choose prompt, prefix, p-tuning/],
  ['a target that is not there', 'train', { targets: ['c_attn'] }, /target 'c_attn' is not found.*q_proj/],
  ['a test that was trained on', 'train', { test: 'pairs.jsonl' }, /belongs to question 0 as training example 1 does/],
  ['a file that is not there', 'train', { data: 'none.jsonl' }, /none\.jsonl/],
  ['a context too short', 'train', { maxPrompt: 2000, maxCompletion: 2000, data: 'long.jsonl' }, /the model's context is 256/],
  ['an amount of nothing', 'compare', { budget: 'much' }, /no amount of memory/],
  ['a method that is none', 'compare', { methods: ['lorra'] }, /methods are zero-shot, icl, lora/],
])('%s is refused', async (_, name, options, message) => {
  writeFileSync(at('long.jsonl'), JSON.stringify({ intent: 'x'.repeat(300), code: 'y' }))
  const paths = Object.fromEntries(['data', 'test'].flatMap((key) => (options[key] ? [[key, at(options[key] as string)]] : [])))
  await expect(run(name, { data: at('pairs.jsonl'), ...few, out: at('refused'), ...options, ...paths })).rejects.toThrow(message)
})

test('an adapter of another base is refused with both shapes', async () => {
  const config = llamaConfig({ width: 24, layers: 1, heads: 2, hidden: 24, context: 256 })
  await saveModel({ config, params: initDecoder(config, key(1)), tokenizer: byteTokenizer }, at('wider'))
  await expect(run('merge', { adapter: at('adapter'), base: at('wider'), out: at('x') })).rejects.toThrow(/\[16, 16\].*\[16, 24\]/)
})
