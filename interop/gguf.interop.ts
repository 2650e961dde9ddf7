import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { add, key, mapTree, mul, random, type Tensor, tensor } from '../src/engine/index.ts'
import { saveGguf } from '../src/kits/lm/checkpoints/gguf/export.ts'
import { type DecoderConfig, llamaConfig } from '../src/kits/lm/config.ts'
import { forward } from '../src/kits/lm/decoder.ts'
import { initDecoder } from '../src/kits/lm/init.ts'
import type { LanguageModel } from '../src/kits/lm/model.ts'
import { byteTokenizer } from '../src/kits/lm/tokenizers/bytes.ts'
import { loadTokenizer } from '../src/kits/lm/tokenizers/load.ts'
import { parseTokenizerJson } from '../src/kits/lm/tokenizers/tokenizer-json.ts'
import { prepareLlama } from './llama/prepare.mjs'
import { folder as here, keep, workFolder } from './python.ts'

const llama = llamaConfig({ width: 64, layers: 3, heads: 4, hidden: 96, context: 128 })
const gpt2: DecoderConfig = {
  ...llama,
  dialect: 'gpt2',
  modelType: 'gpt2',
  norm: 'layer',
  activation: 'geluTanh',
  positions: { kind: 'learned' },
  fusedQkv: true,
  biases: { qkv: true, output: true, network: true, head: false, norm: true },
}
const scaling = { kind: 'llama3', factor: 8, lowFrequency: 1, highFrequency: 4, originalContext: 32 } as const
const cases: Record<string, DecoderConfig> = {
  llama,
  'llama-grouped': llamaConfig({
    width: 64,
    layers: 2,
    heads: 4,
    kvHeads: 2,
    hidden: 96,
    headWidth: 32,
    tied: false,
    theta: 1e6,
    context: 128,
  }),
  'llama-linear': { ...llama, positions: { ...llama.positions, scaling: { kind: 'linear', factor: 4 } } as DecoderConfig['positions'] },
  'llama-llama3': { ...llama, positions: { ...llama.positions, scaling } as DecoderConfig['positions'] },
  qwen2: { ...llama, modelType: 'qwen2', kvHeads: 2, biases: { ...llama.biases, qkv: true } },
  gpt2,
  starcoder: { ...gpt2, dialect: 'gpt_bigcode', modelType: 'gpt_bigcode', kvHeads: 1 },
  'starcoder-heads': { ...gpt2, dialect: 'gpt_bigcode', modelType: 'gpt_bigcode' },
}

const ids = [...byteTokenizer.encode('Once upon a time, né?', { special: true })]
const texts = ['Once upon a time', 'naïve café 🌍', 'def f(x):\n\treturn x  # 12']

/** Weights large enough that every part matters. */
function stirred(config: DecoderConfig) {
  let seed = 1
  return mapTree<ReturnType<typeof initDecoder>>(initDecoder(config, key(0)), (x: Tensor) =>
    add(x, mul(random.normal(key(seed++), x.shape), x.shape.length > 1 ? 0.15 : 0.1)),
  )
}

interface LlamaResult {
  /** After each token, of all tokens. */
  readonly probabilities: readonly (readonly [id: number, probability: number])[][]
  readonly tokens: readonly (readonly number[])[]
}

/** Keys and values are kept as floats there, so float32 is all that differs; but GELU ggml looks up in a table of halves. */
const barOf = ({ activation }: DecoderConfig): number => (activation === 'silu' ? 2e-6 : 1e-3)

/** What llama.cpp makes of these models. */
async function judged(
  name: string,
  models: Readonly<Record<string, LanguageModel>>,
  texts: readonly string[],
): Promise<Record<string, LlamaResult>> {
  const failed = prepareLlama((text: string) => process.stderr.write(`${text}\n`))
  if (failed) throw new Error(failed)
  const folder = workFolder(name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const [name, model] of Object.entries(models)) {
    await saveGguf(join(folder, `${name}.gguf`), model)
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ ids, texts }))
  }
  const { status, stderr } = spawnSync(process.execPath, [join(here, 'llama', 'run.mjs'), folder], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr.slice(-3000))
  return JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'))
}

test('llama.cpp gives the probabilities and the tokens that we give', async () => {
  const models = Object.fromEntries(
    Object.entries(cases).map(([name, config]) => [name, { config, params: stirred(config), tokenizer: byteTokenizer }]),
  )
  const found = await judged('gguf', models, texts)
  const worst: Record<string, number> = {}
  for (const [name, config] of Object.entries(cases)) {
    worst[name] = await difference(config, config, found[name])
    expect(found[name].tokens, name).toEqual(texts.map((text) => byteTokenizer.encode(text)))
    expect(worst[name], name).toBeLessThan(barOf(config))
  }
  // Had the outputs of q and k not changed places, llama.cpp would turn other pairs; had it not read the scaling, it would turn them further.
  const turning = (change: object): DecoderConfig => ({
    ...llama,
    positions: { ...llama.positions, ...change } as DecoderConfig['positions'],
  })
  expect(await difference(llama, turning({ pairs: 'interleaved' }), found.llama)).toBeGreaterThan(1e-3)
  for (const name of ['llama-linear', 'llama-llama3']) expect(await difference(llama, llama, found[name]), name).toBeGreaterThan(1e-3)
  keep('gguf', { worst })
})

/** Between llama.cpp's probabilities and ours of the same parameters, computed by the config `used`. */
async function difference(config: DecoderConfig, used: DecoderConfig, { probabilities }: LlamaResult): Promise<number> {
  const logits = (await forward(used, stirred(config), { ids: tensor([ids], { dtype: 'int32' }) }).data()) as Float32Array
  expect(probabilities).toHaveLength(ids.length)
  const rows = probabilities.map((row, i) => {
    const own = softmax(logits.subarray(i * config.vocabulary, (i + 1) * config.vocabulary))
    return Math.max(...row.map(([id, p]) => Math.abs(p - own[id])))
  })
  return Math.max(...rows)
}

const gpt2Files = join(process.env.QUIRE_DATA ?? join(here, '..', '..', 'shared', 'data'), 'gpt2-bpe')
const hard = [
  ...texts,
  "They'll say it's 1,234.50 in 2024",
  '   three spaces,\n\n\ttabs \u00a0 and\u3000wide ones   ',
  '日本語のテキスト และ हिन्दी',
  'ÅÄÖ ﬁ \u0301e 🏳️‍🌈 \u{1F468}\u{200D}\u{1F469}',
  'snake_case = camelCase !== `x`; // 0x1F',
]

test.skipIf(!existsSync(gpt2Files))('llama.cpp cuts texts into the tokens that we do, of GPT-2’s kind and of StarCoder’s', async () => {
  const gpt2Tokens = await loadTokenizer(gpt2Files)
  const json = JSON.parse(new TextDecoder().decode(gpt2Tokens.files()['tokenizer.json']))
  const digits = { type: 'Digits', individual_digits: true }
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
  const starcoder = parseTokenizerJson(JSON.stringify({ ...json, pre_tokenizer: { type: 'Sequence', pretokenizers: [digits, byteLevel] } }))
  const config: DecoderConfig = {
    ...gpt2,
    width: 16,
    layers: 1,
    headWidth: 4,
    hidden: 16,
    vocabulary: gpt2Tokens.size,
    special: { end: [50_256] },
  }
  const params = initDecoder(config, key(0))
  const models = { gpt2: { config, params, tokenizer: gpt2Tokens }, starcoder: { config, params, tokenizer: starcoder } }
  const found = await judged('gguf-tokens', models, hard)
  for (const [name, { tokenizer }] of Object.entries(models))
    expect(found[name].tokens, name).toEqual(hard.map((text) => tokenizer.encode(text)))
  expect(found.starcoder.tokens).not.toEqual(found.gpt2.tokens)
})

function softmax(logits: Float32Array): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b))
  const powers = Float64Array.from(logits, (x) => Math.exp(x - most))
  const total = powers.reduce((a, b) => a + b)
  return powers.map((x) => x / total)
}
