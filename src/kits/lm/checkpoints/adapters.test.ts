import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { add, fromArray, InputError, key, mapTree, mul, random, type Tensor, tensor } from '../../../engine/index.ts'
import { readSafetensors, writeSafetensors } from '../../../engine/safetensors.ts'
import { llamaConfig } from '../config.ts'
import { forward } from '../decoder.ts'
import { initDecoder } from '../init.ts'
import { type Adapter, type AdapterBase, initAdapter } from '../peft/adapter.ts'
import type { PeftConfig } from '../peft/config.ts'
import { withAdapter } from '../peft/with-adapter.ts'
import { byteTokenizer } from '../tokenizers/bytes.ts'
import { loadAdapter, saveAdapter } from './adapters.ts'
import { readPeftConfig } from './peft-config.ts'
import { loadDecoder } from './read.ts'

/** What PEFT and transformers wrote; interop/language_models.py makes them. */
const fixtures = join(import.meta.dirname, 'testing')
const peft = join(fixtures, 'peft')
const scratch = mkdtempSync(join(tmpdir(), 'quire-adapters-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const place = (name: string) => join(scratch, name)

const logitsOf = async ({ config, params }: AdapterBase, adapter: Adapter | undefined, ids: Tensor) =>
  forward(config, adapter ? withAdapter(params, adapter) : params, { ids }).data()

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0)

const baseOf = (name: string) => loadDecoder(join(fixtures, 'transformers', name.split('--')[0]))

describe.each(readdirSync(peft))('%s as PEFT wrote it', (name) => {
  test('gives the logits that PEFT gives, and is written as the same tensors', async () => {
    const base = await baseOf(name)
    const adapter = await loadAdapter(join(peft, name), base)
    const { ids, logits } = readSafetensors(readFileSync(join(peft, name, 'expected.safetensors'))).tensors
    expect(largest(await logitsOf(base, adapter, fromArray(ids)), logits.data)).toBeLessThan(1e-4)
    expect(largest(await logitsOf(base, undefined, fromArray(ids)), logits.data)).toBeGreaterThan(0.1)
    await saveAdapter(adapter, base, place(name))
    const [ours, theirs] = [place(name), join(peft, name)].map(
      (folder) => readSafetensors(readFileSync(join(folder, 'adapter_model.safetensors'))).tensors,
    )
    expect(ours).toEqual(theirs)
    expect((await loadAdapter(place(name), base)).warnings).toEqual([])
  })
})

test('the order of a fused map’s outputs matters: factors in the order of the file give other logits', async () => {
  const name = 'bigcode-heads--ia3'
  const base = await baseOf(name)
  const adapter = await loadAdapter(join(peft, name), base)
  const { ids, logits } = readSafetensors(readFileSync(join(peft, name, 'expected.safetensors'))).tensors
  const raw = readSafetensors(readFileSync(join(peft, name, 'adapter_model.safetensors'))).tensors
  const maps = adapter.params.maps!.map((places, i) => {
    const { data } = raw[`base_model.model.transformer.h.${i}.attn.c_attn.ia3_l`]
    return { ...places, 'attention.qkv': { scaleOutput: tensor(data) } }
  })
  expect(largest(await logitsOf(base, { ...adapter, params: { maps } }, fromArray(ids)), logits.data)).toBeGreaterThan(0.01)
})

const config = llamaConfig({ width: 16, layers: 3, heads: 4, kvHeads: 2, hidden: 20, tied: false })
const base: AdapterBase = { config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }

const kinds: Record<string, PeftConfig> = {
  LoRA: { kind: 'lora', rank: 3, targets: ['q_proj', 'v_proj'] },
  'rsLoRA, with ranks of its own': {
    kind: 'lora',
    rank: 4,
    alpha: 5,
    rankStabilized: true,
    rankPattern: { 'layers.1.self_attn.q_proj': 2 },
  },
  DoRA: { kind: 'lora', rank: 2, dora: true, targets: 'all-linear' },
  'LoRA of some layers and of the embedding': { kind: 'lora', rank: 2, layers: [0, 2], embedding: true },
  'LoRA by an expression, the head saved': { kind: 'lora', rank: 2, targets: /.*\.1\.mlp\..*/, modulesToSave: ['lm_head', 'norm'] },
  '(IA)³': { kind: 'ia3' },
  prompt: { kind: 'prompt', tokens: 3 },
  'P-tuning': { kind: 'p-tuning', tokens: 2, hidden: 8 },
  'P-tuning by an LSTM': { kind: 'p-tuning', tokens: 2, encoder: 'lstm', hidden: 4 },
  prefix: { kind: 'prefix', tokens: 3 },
  'prefix through a network': { kind: 'prefix', tokens: 3, projection: 8 },
}

/** An adapter that changes something everywhere. */
function stirred(kind: PeftConfig): Adapter {
  let seed = 10
  const { params } = initAdapter(kind, base, key(1))
  const stir = (x: Tensor): Tensor => (x.kind === 'buffer' ? x : add(x, mul(random.normal(key(seed++), x.shape), 0.3)))
  return { config: kind, params: mapTree(params, stir) }
}

test.each(Object.entries(kinds))('%s comes back: the same logits, and the same files again', async (name, kind) => {
  const adapter = stirred(kind)
  const ids = tensor([[5, 9, 200, 7, 7, 31]], { dtype: 'int32' })
  const before = await logitsOf(base, adapter, ids)
  await saveAdapter(adapter, base, place(name), { base: 'some/base' })
  const again = await loadAdapter(place(name), base)
  expect(again.base).toBe('some/base')
  expect(again.warnings).toEqual([])
  expect(largest(await logitsOf(base, again, ids), before)).toBeLessThan(1e-6)
  await saveAdapter(again, base, place(`${name}, again`), { base: 'some/base' })
  const [first, second] = [name, `${name}, again`].map((folder) =>
    ['adapter_config.json', 'adapter_model.safetensors'].map((file) => readFileSync(join(place(folder), file))),
  )
  expect(second[1].equals(first[1])).toBe(true)
  // What a network was made by is not in the file.
  if (kind.kind !== 'prefix') expect(second[0].toString()).toBe(first[0].toString())
})

test('names are those that PEFT publishes', async () => {
  await saveAdapter(stirred(kinds.LoRA), base, place('names'))
  const names = Object.keys(readSafetensors(readFileSync(join(place('names'), 'adapter_model.safetensors'))).tensors)
  expect(names).toContain('base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight')
  expect(names).toHaveLength(2 * 2 * 3)
  const described = JSON.parse(readFileSync(join(place('names'), 'adapter_config.json'), 'utf8'))
  expect(described).toMatchObject({
    peft_type: 'LORA',
    r: 3,
    target_modules: ['q_proj', 'v_proj'],
    layers_to_transform: null,
    fan_in_fan_out: false,
  })
})

test('what PEFT has no kind for is not written', async () => {
  await expect(saveAdapter(stirred({ kind: 'norms' }), base, place('part'))).rejects.toThrow('PEFT has no kind for "norms"')
})

describe('an adapter that does not fit is refused', () => {
  async function damaged(name: string, change: (tensors: ReturnType<typeof readSafetensors>['tensors']) => void, more: object = {}) {
    const from = join(peft, 'bigcode-heads--dora')
    cpSync(from, place(name), { recursive: true })
    const { tensors } = readSafetensors(readFileSync(join(from, 'adapter_model.safetensors')))
    change(tensors)
    writeFileSync(join(place(name), 'adapter_model.safetensors'), writeSafetensors(tensors))
    const described = JSON.parse(readFileSync(join(from, 'adapter_config.json'), 'utf8'))
    writeFileSync(join(place(name), 'adapter_config.json'), JSON.stringify({ ...described, ...more }))
    return loadAdapter(place(name), await baseOf('bigcode-heads'))
  }
  const module = 'base_model.model.transformer.h.0.attn.c_attn'

  test.each<[string, string, (tensors: ReturnType<typeof readSafetensors>['tensors']) => void, object?]>([
    ['a half is missing', 'its lora_B is missing', (tensors) => delete tensors[`${module}.lora_B.weight`]],
    [
      'a module without tensors',
      'module "transformer.h.0.attn.c_attn" is among the targets, but has no tensors',
      (tensors) => {
        for (const end of ['lora_A.weight', 'lora_B.weight', 'lora_magnitude_vector']) delete tensors[`${module}.${end}`]
      },
    ],
    ['another rank', 'its rank is 4, but adapter_config.json makes it 5', () => {}, { r: 5 }],
    ['no lengths', 'its lora_magnitude_vector is missing', (tensors) => delete tensors[`${module}.lora_magnitude_vector`]],
    [
      'another base',
      'the base has nothing of this name',
      (tensors) => (tensors[`${module}.q_proj.lora_A.weight`] = tensors[`${module}.lora_A.weight`]),
    ],
    [
      'another width',
      'but the base makes it [4, 32]',
      (tensors) => (tensors[`${module}.lora_A.weight`] = { shape: [4, 8], dtype: 'float32', data: new Float32Array(32) }),
    ],
    ['a foreign name', 'does not begin with base_model.model.', (tensors) => (tensors.x = tensors[`${module}.lora_A.weight`])],
  ])('%s', async (name, message, change, more) => {
    await expect(damaged(name, change, more)).rejects.toThrow(message)
    await expect(loadAdapter(place(name), await baseOf('bigcode-heads'))).rejects.toThrow(InputError)
  })

  test('on another base altogether', async () => {
    const llama = await baseOf('llama')
    await expect(loadAdapter(join(peft, 'bigcode-heads--ia3'), llama)).rejects.toThrow('the adapter is of another base')
    await expect(loadAdapter(join(peft, 'llama--prefix'), await baseOf('codegen'))).rejects.toThrow('"prompt_embeddings" is [3, 64]')
  })

  test('a folder without one, and a pickle', async () => {
    await expect(loadAdapter(place('nowhere'), base)).rejects.toThrow('there is no adapter_config.json')
    cpSync(join(peft, 'llama--prefix'), place('pickle'), { recursive: true })
    renameSync(join(place('pickle'), 'adapter_model.safetensors'), join(place('pickle'), 'adapter_model.bin'))
    await expect(loadAdapter(place('pickle'), base)).rejects.toThrow('is a pickle')
  })
})

test.each<[string, object]>([
  ['"peft_type" is "ADALORA", which is not supported', { peft_type: 'ADALORA' }],
  ['"peft_type" is missing', {}],
  ['"layer_replication"', { peft_type: 'LORA', layer_replication: [[0, 1]] }],
  ['"megatron_config"', { peft_type: 'LORA', megatron_config: {} }],
  ['"lora_bias"', { peft_type: 'LORA', lora_bias: true }],
  ['which has changed the base itself', { peft_type: 'LORA', init_lora_weights: 'pissa' }],
  ['not a regular expression', { peft_type: 'LORA', target_modules: '(' }],
  ['"r" is 0', { peft_type: 'LORA', r: 0 }],
  ['"num_virtual_tokens" is missing', { peft_type: 'PREFIX_TUNING' }],
  ['not MLP or LSTM', { peft_type: 'P_TUNING', num_virtual_tokens: 2, encoder_reparameterization_type: 'GRU' }],
])('a config that is refused: %s', (message, values) => {
  expect(() => readPeftConfig(JSON.stringify(values))).toThrow(message)
  expect(() => readPeftConfig(JSON.stringify(values))).toThrow(InputError)
})

test('keys that are not known are told of', () => {
  expect(readPeftConfig('{"peft_type":"IA3","brand_new":1}').warnings).toEqual(['adapter_config.json: not used: brand_new'])
})
