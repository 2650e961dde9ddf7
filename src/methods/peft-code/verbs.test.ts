import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { abs, key, max, sub, tensor } from '../../engine/index.ts'
import { byteTokenizer, forward, initDecoder, llamaConfig, loadAdapter, loadModel, saveModel, withAdapter } from '../../kits/lm/index.ts'
import type { Verb } from '../method.ts'
import { verbs } from './command.ts'

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

async function run(name: string, options: Record<string, unknown>) {
  const verb = verbs.find((verb) => verb.name === name) as Verb
  const parsed = verb.options.parse({ base: at('base'), ...options }) as Record<string, unknown>
  const said: string[] = []
  const { signal } = new AbortController()
  const result = await verb.run({ options: parsed, signal, log: (line) => said.push(line), out: () => {}, progress: async () => {} })
  return { said, json: result.json as Record<string, unknown> }
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

test.each<[string, string, Record<string, unknown>, RegExp]>([
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
