import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tensor } from '../src/engine/index.ts'
import { loadAdapter, saveAdapter } from '../src/kits/lm/checkpoints/adapters.ts'
import { loadDecoder } from '../src/kits/lm/checkpoints/read.ts'
import { saveModel } from '../src/kits/lm/checkpoints/write.ts'
import type { DecoderConfig } from '../src/kits/lm/config.ts'
import { forward } from '../src/kits/lm/decoder.ts'
import { beamSearch, generate } from '../src/kits/lm/generate/index.ts'
import type { LanguageModel } from '../src/kits/lm/model.ts'
import type { DecoderParams } from '../src/kits/lm/params.ts'
import { withAdapter } from '../src/kits/lm/peft/with-adapter.ts'
import { byteTokenizer } from '../src/kits/lm/tokenizers/bytes.ts'
import { keep, python, workFolder } from './python.ts'

/** Transformers compute in float64 where they can, we in float32; logits reach 20. */
const bar = 1e-4

interface Expected {
  readonly ids: number[][]
  readonly logits: number[][][]
  /** What greedy decoding and beam search add to the first five ids. */
  readonly texts:
    | readonly { readonly greedy: number[]; readonly beams: readonly { readonly ids: number[]; readonly score: number }[] }[]
    | null
}
const expectedIn = (folder: string): Expected => JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))

async function logitsOf(config: DecoderConfig, params: DecoderParams, ids: number[][]): Promise<Float32Array> {
  return (await forward(config, params, { ids: tensor(ids, { dtype: 'int32' }) }).data()) as Float32Array
}

const difference = (ours: ArrayLike<number>, theirs: number[][][]): number => {
  const flat = theirs.flat(2)
  expect(ours).toHaveLength(flat.length)
  return flat.reduce((worst, value, i) => Math.max(worst, Math.abs(value - ours[i])), 0)
}

/** Any will do: ids are given and compared. */
const tokenizer = byteTokenizer

async function expectTexts(
  model: LanguageModel,
  prompt: number[],
  { greedy, beams }: NonNullable<Expected['texts']>[number],
): Promise<void> {
  const end = (ids: readonly number[]) => (model.config.special.end.includes(ids.at(-1)!) ? ids.slice(0, -1) : [...ids])
  const [{ tokens }] = await generate(model, [prompt], { maxNewTokens: 12 })
  expect(end(tokens.map(({ id }) => id))).toEqual(end(greedy))
  const found = await beamSearch(model, prompt, { beams: 4, numReturnSequences: 4, lengthPenalty: 0.7, maxNewTokens: 12 })
  for (const [i, { ids, score }] of beams.entries()) {
    expect(end(found[i].ids)).toEqual(end(ids))
    expect(Math.abs(found[i].score - score)).toBeLessThan(1e-4)
  }
}

const emptied = (name: string): string => {
  const folder = workFolder(name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  return folder
}

test('models that transformers write have the same logits here, and those written here have the same there', async () => {
  const [theirs, ours] = ['lm-theirs', 'lm-ours'].map(emptied)
  const { cases, version } = python('language_models.py', 'make', theirs) as { cases: string[]; version: string }
  const found: Record<string, { read: number; written: number }> = {}
  for (const name of cases) {
    const { config, params, warnings } = await loadDecoder(join(theirs, name))
    expect(warnings).toEqual([])
    const { ids, logits, texts } = expectedIn(join(theirs, name))
    for (const [i, text] of (texts ?? []).entries()) await expectTexts({ config, params, tokenizer }, ids[i].slice(0, 5), text)
    found[name] = { read: difference(await logitsOf(config, params, ids), logits), written: Number.POSITIVE_INFINITY }
    await saveModel({ config, params, tokenizer }, join(ours, name), { shardBytes: name === 'llama-sharded' ? 20_000 : 1e9 })
    writeFileSync(join(ours, name, 'ids.json'), JSON.stringify(ids))
  }
  const back = python('language_models.py', 'read', ours) as Record<string, { logits: number[][][]; keys: string[] }>
  for (const name of cases) {
    const { logits, keys } = back[name]
    expect(keys, name).toEqual([])
    found[name].written = difference(expectedIn(join(theirs, name)).logits.flat(2), logits)
  }
  for (const [name, { read, written }] of Object.entries(found)) {
    expect(read, `${name}, read`).toBeLessThan(bar)
    expect(written, `${name}, written`).toBeLessThan(bar)
  }
  keep('language-models', { version, cases: found })
})

test('adapters of PEFT have the same logits here, and those written here have the same there', async () => {
  const folder = emptied('lm-adapters')
  const { version, skipped } = python('language_models.py', 'make-adapters', folder) as { version: string; skipped: object }
  expect(skipped).toEqual({})
  const cases = readdirSync(folder).filter((name) => name.includes('--'))
  const found: Record<string, { read: number; written: number }> = {}
  for (const name of cases) {
    const base = await loadDecoder(join(folder, name.split('--')[0]))
    const adapter = await loadAdapter(join(folder, name), base)
    expect(adapter.warnings, name).toEqual([])
    const { ids, logits } = expectedIn(join(folder, name))
    const own = await logitsOf(base.config, withAdapter(base.params, adapter), ids)
    const plain = await logitsOf(base.config, base.params, ids)
    expect(difference(plain, logits), `${name} without the adapter`).toBeGreaterThan(100 * bar)
    found[name] = { read: difference(own, logits), written: Number.POSITIVE_INFINITY }
    rmSync(join(folder, name, 'adapter_model.safetensors'))
    await saveAdapter(adapter, base, join(folder, name))
    writeFileSync(join(folder, name, 'ids.json'), JSON.stringify(ids))
  }
  const back = python('language_models.py', 'read-adapters', folder) as Record<string, number[][][] | string>
  for (const name of cases) {
    const logits = back[name]
    if (typeof logits === 'string') throw new Error(`${name}: ${logits}`)
    found[name].written = difference(expectedIn(join(folder, name)).logits.flat(2), logits)
    expect(found[name].read, `${name}, read`).toBeLessThan(bar)
    expect(found[name].written, `${name}, written`).toBeLessThan(bar)
  }
  keep('adapters', { version, cases: found })
})
