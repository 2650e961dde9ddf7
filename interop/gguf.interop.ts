import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { add, key, mapTree, mul, random, type Tensor, tensor } from '../src/engine/index.ts'
import { saveGguf } from '../src/kits/lm/checkpoints/gguf/export.ts'
import { type DecoderConfig, llamaConfig } from '../src/kits/lm/config.ts'
import { forward } from '../src/kits/lm/decoder.ts'
import { initDecoder } from '../src/kits/lm/init.ts'
import { byteTokenizer } from '../src/kits/lm/tokenizers/bytes.ts'
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

/** ggml looks GELU up in a table of halves on the CPU, and keeps keys and values as halves: about three digits are left. */
const bar = 5e-3

test('llama.cpp gives the probabilities and the tokens that we give', async () => {
  const failed = prepareLlama((text: string) => process.stderr.write(`${text}\n`))
  if (failed) throw new Error(failed)
  const folder = workFolder('gguf')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const [name, config] of Object.entries(cases)) {
    await saveGguf(join(folder, `${name}.gguf`), { config, params: stirred(config), tokenizer: byteTokenizer })
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ ids, texts }))
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(here, 'llama', 'run.mjs'), folder], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(stderr.slice(-3000))
  const found = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, { probabilities: [number, number][][]; tokens: number[][] }>
  const worst: Record<string, number> = {}
  for (const [name, config] of Object.entries(cases)) {
    const logits = await forward(config, stirred(config), { ids: tensor([ids], { dtype: 'int32' }) }).data()
    worst[name] = Math.max(
      ...found[name].probabilities.map((row, i) => {
        const own = softmax(logits.subarray(i * config.vocabulary, (i + 1) * config.vocabulary) as Float32Array)
        return Math.max(...row.map(([id, p]) => Math.abs(p - own[id])))
      }),
    )
    expect(found[name].tokens, name).toEqual(texts.map((text) => byteTokenizer.encode(text)))
  }
  console.log(worst)
  for (const [name, error] of Object.entries(worst)) expect(error, name).toBeLessThan(bar)
  keep('gguf', { worst })
})

function softmax(logits: Float32Array): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b))
  const powers = Float64Array.from(logits, (x) => Math.exp(x - most))
  const total = powers.reduce((a, b) => a + b)
  return powers.map((x) => x / total)
}
