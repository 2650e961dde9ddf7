import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { fromArray, InputError, key, leavesWithPaths, ones, type Tensor, tensor } from '../../../engine/index.ts'
import { readSafetensors, writeSafetensors } from '../../../engine/safetensors.ts'
import { type DecoderConfig, llamaConfig, parameterCount } from '../config.ts'
import { forward } from '../decoder.ts'
import { initDecoder } from '../init.ts'
import type { DecoderParams } from '../params.ts'
import { byteTokenizer } from '../tokenizers/bytes.ts'
import { storedTensors } from './names.ts'
import { loadConfig, loadDecoder, loadModel } from './read.ts'
import { saveModel } from './write.ts'

/** Checkpoints that transformers wrote, with their logits; interop/language_models.py makes them. */
const fixtures = join(import.meta.dirname, 'testing', 'transformers')
const scratch = mkdtempSync(join(tmpdir(), 'quire-checkpoints-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const place = (name: string) => join(scratch, name)

const expectedOf = (name: string) => {
  const { ids, logits } = readSafetensors(readFileSync(join(fixtures, name, 'expected.safetensors'))).tensors
  return { ids: fromArray(ids), logits: logits.data }
}

async function error(config: DecoderConfig, params: DecoderParams, { ids, logits }: ReturnType<typeof expectedOf>): Promise<number> {
  const found = await forward(config, params, { ids }).data()
  return Array.from(logits).reduce((worst, value, i) => Math.max(worst, Math.abs(value - found[i])), 0)
}

/** Logits reach 5; float32 leaves about 5e-6 of them. */
const bar = 1e-4

describe.each(readdirSync(fixtures))('%s as transformers wrote it', (name) => {
  test('has the logits that transformers compute', async () => {
    const { config, params, warnings } = await loadDecoder(join(fixtures, name))
    expect(warnings).toEqual([])
    expect(await error(config, params, expectedOf(name))).toBeLessThan(bar)
  })

  test('is written as tensors of the same names and values', async () => {
    const { config, params } = await loadDecoder(join(fixtures, name))
    await saveModel({ config, params, tokenizer: byteTokenizer }, place(name), { format: 'BF16' })
    const [ours, theirs] = [place(name), join(fixtures, name)].map(
      (folder) => readSafetensors(readFileSync(join(folder, 'model.safetensors'))).tensors,
    )
    expect(ours).toEqual(theirs)
    expect((await loadConfig(place(name))).config).toEqual(config)
  })
})

describe('each of these mistakes is seen by the logits', () => {
  const wrong = async (name: string, change: (config: DecoderConfig) => Partial<DecoderConfig>) => {
    const { config, params } = await loadDecoder(join(fixtures, name))
    expect(await error({ ...config, ...change(config) }, params, expectedOf(name))).toBeGreaterThan(100 * bar)
  }
  const pairs = ({ positions }: DecoderConfig, kind: 'half' | 'interleaved') =>
    ({ positions: { ...positions, pairs: kind } }) as Partial<DecoderConfig>

  test('rotated pairs of the other style', async () => {
    await wrong('llama', (config) => pairs(config, 'interleaved'))
    await wrong('codegen', (config) => pairs(config, 'half'))
  })
  test('no scaling of rotary positions', () =>
    wrong('llama-llama3', ({ positions }) => ({ positions: { ...positions, scaling: undefined } as DecoderConfig['positions'] })))
  test('no window', () => wrong('mistral', () => ({ window: undefined })))
  test('a window one wider', () => wrong('mistral', ({ window }) => ({ window: window! + 1 })))
  test('scaled scores where the file says not', () => wrong('gpt2-gelu', () => ({ scaleScores: true })))
  test('the rows of multi-head gpt_bigcode taken for q|k|v', async () => {
    const { config, params } = await loadDecoder(join(fixtures, 'bigcode-heads'))
    const { tensors } = readSafetensors(readFileSync(join(fixtures, 'bigcode-heads', 'model.safetensors')))
    const straight = {
      ...params,
      blocks: params.blocks.map((block, i) => ({ ...block, attention: { ...block.attention, qkv: rawQkv(tensors, i) } })),
    }
    expect(await error(config, straight, expectedOf('bigcode-heads'))).toBeGreaterThan(100 * bar)
  })
})

/** The map as it lies in the file, turned to [in, out] and nothing else. */
function rawQkv(tensors: ReturnType<typeof readSafetensors>['tensors'], layer: number) {
  const { weight, bias } = Object.fromEntries(
    ['weight', 'bias'].map((kind) => [kind, tensors[`transformer.h.${layer}.attn.c_attn.${kind}`]]),
  )
  const [out, inputs] = weight.shape
  const turned = Float32Array.from({ length: weight.data.length }, (_, i) => weight.data[(i % out) * inputs + Math.floor(i / out)])
  return { weight: tensor(turned, { shape: [inputs, out] }), bias: fromArray(bias) }
}

const tiny = llamaConfig({ width: 16, layers: 2, heads: 4, kvHeads: 2, hidden: 20, tied: false })
const params = initDecoder(tiny, key(0))
const model = { config: tiny, params, tokenizer: byteTokenizer }

const valuesOf = async (tree: DecoderParams) =>
  Promise.all(leavesWithPaths(tree).map(async ([path, leaf]) => [path, [...(await (leaf as Tensor).data())]] as const))

describe('writing', () => {
  test('a model comes back exactly, tokenizer included', async () => {
    await saveModel(model, place('whole'))
    const again = await loadModel(place('whole'))
    expect(again.config).toEqual(tiny)
    expect(again.warnings).toEqual([])
    expect(again.tokenizer.encode('né')).toEqual(byteTokenizer.encode('né'))
    expect(new Map(await valuesOf(again.params))).toEqual(new Map(await valuesOf(params)))
    expect(statSync(place('whole')).mode & 0o044).toBe(0o044)
  })

  test('shards hold at most their size, and another model in the same place leaves none behind', async () => {
    await saveModel(model, place('shards'), { shardBytes: 9000 })
    const files = readdirSync(place('shards')).filter((name) => name.endsWith('.safetensors'))
    expect(files.length).toBeGreaterThan(3)
    const total = JSON.parse(readFileSync(join(place('shards'), 'model.safetensors.index.json'), 'utf8')).metadata.total_size
    expect(total).toBe(4 * parameterCount(tiny))
    const again = await loadModel(place('shards'))
    expect(new Map(await valuesOf(again.params))).toEqual(new Map(await valuesOf(params)))
    await saveModel(model, place('shards'))
    expect(readdirSync(place('shards')).filter((name) => name.includes('safetensors'))).toEqual(['model.safetensors'])
    expect(readdirSync(scratch).filter((name) => name.includes('.part'))).toEqual([])
  })

  test('adapters and parameters of another shape are not written', async () => {
    const block = params.blocks[0]
    const adapted = (attention: object) => ({
      ...params,
      blocks: [{ ...block, attention: { ...block.attention, ...attention } }, params.blocks[1]],
    })
    const scaled = adapted({ key: { ...block.attention.key!, scaleOutput: ones([8]) } })
    await expect(saveModel({ ...model, params: scaled }, place('no'))).rejects.toThrow('the parameters hold an adapter')
    const prefixed = adapted({ prefix: { keys: ones([1, 2, 4]), values: ones([1, 2, 4]) } })
    await expect(saveModel({ ...model, params: prefixed }, place('no'))).rejects.toThrow('a prefix')
    const other = adapted({ key: { weight: ones([16, 16]) } })
    await expect(saveModel({ ...model, params: other }, place('no'))).rejects.toThrow('is [16, 16], but the config makes it [16, 8]')
    expect(readdirSync(scratch)).not.toContain('no')
  })

  test('biases that a family has and the model lacks are zeros', async () => {
    const config: DecoderConfig = {
      ...tiny,
      dialect: 'gpt2',
      modelType: 'gpt2',
      kvHeads: 4,
      norm: 'layer',
      activation: 'geluTanh',
      positions: { kind: 'learned' },
      fusedQkv: true,
      tied: true,
      context: 32,
    }
    await saveModel({ config, params: initDecoder(config, key(1)), tokenizer: byteTokenizer }, place('bare'))
    const again = await loadDecoder(place('bare'))
    expect(again.config.biases).toMatchObject({ qkv: true, output: true, network: true, norm: true })
    expect([...(await again.params.blocks[1].network.up.bias!.data())]).toEqual(Array(20).fill(0))
    const ids = tensor([[1, 2, 3, 4]], { dtype: 'int32' })
    const [a, b] = [config, again.config].map((one, i) => forward(one, i ? again.params : initDecoder(config, key(1)), { ids }))
    expect([...(await a.data())]).toEqual([...(await b.data())])
  })
})

/** The fixture `llama` with other tensors. */
function changed(name: string, change: (tensors: ReturnType<typeof readSafetensors>['tensors']) => void, config: object = {}): string {
  const [from, folder] = [join(fixtures, 'llama'), place(name)]
  cpSync(from, folder, { recursive: true })
  const { tensors } = readSafetensors(readFileSync(join(from, 'model.safetensors')))
  change(tensors)
  writeFileSync(join(folder, 'model.safetensors'), writeSafetensors(tensors))
  const described = JSON.parse(readFileSync(join(from, 'config.json'), 'utf8'))
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...described, ...config }))
  return folder
}

describe('reading', () => {
  test('a missing tensor is an error that names it and its shape', async () => {
    const folder = changed('missing', (tensors) => delete tensors['model.layers.1.mlp.up_proj.weight'])
    await expect(loadDecoder(folder)).rejects.toThrow('tensor "model.layers.1.mlp.up_proj.weight" [40, 32] is missing')
    await expect(loadDecoder(folder)).rejects.toThrow(InputError)
  })

  test('layers that cannot be there are refused before anything is made for them', async () => {
    const folder = changed('deep', () => {}, { num_hidden_layers: 1e15 })
    await expect(loadDecoder(folder)).rejects.toThrow('says 1000000000000000 layers, but there are only 21 tensors')
  })

  test('another shape is an error that says both', async () => {
    const folder = changed('shape', () => {}, { intermediate_size: 41 })
    await expect(loadDecoder(folder)).rejects.toThrow('its shape is [40, 32], but config.json makes it [41, 32]')
  })

  test('tensors that nothing uses are told of; old buffers are not', async () => {
    const folder = changed('more', (tensors) => {
      tensors['model.layers.0.self_attn.rotary_emb.inv_freq'] = tensors['model.norm.weight']
      tensors['model.layers.0.self_attn.q_proj.bias'] = tensors['model.norm.weight']
    })
    expect((await loadDecoder(folder)).warnings).toEqual(['tensors that the model does not have: model.layers.0.self_attn.q_proj.bias'])
  })

  test('the bare model’s names, without the prefix', async () => {
    const folder = changed('bare-names', (tensors) => {
      for (const [name, array] of Object.entries(tensors)) {
        delete tensors[name]
        tensors[name.replace(/^model\./, '')] = array
      }
    })
    const { config, params: bare, warnings } = await loadDecoder(folder)
    expect(warnings).toEqual([])
    expect(await error(config, bare, expectedOf('llama'))).toBeLessThan(bar)
  })

  test('a tied head in the file must be the embedding; else it is believed, with a warning', async () => {
    const other = await loadDecoder(changed('untied', () => {}, { tie_word_embeddings: true }))
    expect(other.config.tied).toBe(false)
    expect(other.warnings[0]).toContain('"lm_head.weight" is not the embedding')
    expect(await error(other.config, other.params, expectedOf('llama'))).toBeLessThan(bar)
    const same = await loadDecoder(
      changed('tied', (tensors) => (tensors['lm_head.weight'] = tensors['model.embed_tokens.weight']), { tie_word_embeddings: true }),
    )
    expect(same.config.tied).toBe(true)
    expect(same.params).not.toHaveProperty('head')
    expect(same.warnings).toEqual([])
  })

  test('elements that are no floats are refused', async () => {
    const folder = changed('integers', (tensors) => {
      tensors['model.norm.weight'] = { shape: [32], dtype: 'int32', data: new Int32Array(32) }
    })
    await expect(loadDecoder(folder)).rejects.toThrow('its elements are I32, not floats')
  })

  test('a pickle is refused with the way to convert it; an adapter is told apart; nothing else is guessed', async () => {
    const folder = changed('pickle', () => {})
    renameSync(join(folder, 'model.safetensors'), join(folder, 'pytorch_model.bin'))
    await expect(loadDecoder(folder)).rejects.toThrow(/is a pickle, which can run any code.*python -c/)
    rmSync(join(folder, 'pytorch_model.bin'))
    await expect(loadDecoder(folder)).rejects.toThrow('there is no model.safetensors')
    renameSync(join(folder, 'config.json'), join(folder, 'adapter_config.json'))
    await expect(loadDecoder(folder)).rejects.toThrow('give the directory of its base model')
    await expect(loadDecoder(place('nowhere'))).rejects.toThrow('there is no config.json')
  })

  test('an index that does not fit its files', async () => {
    const folder = place('index')
    await saveModel(model, folder, { shardBytes: 9000 })
    const path = join(folder, 'model.safetensors.index.json')
    const index = JSON.parse(readFileSync(path, 'utf8'))
    const write = (map: object) => writeFileSync(path, JSON.stringify({ ...index, weight_map: map }))
    write({ ...index.weight_map, more: Object.values(index.weight_map)[0] })
    await expect(loadDecoder(folder)).rejects.toThrow('tensor "more" is not in model-00001')
    write({ ...index.weight_map, 'model.norm.weight': '../other.safetensors' })
    await expect(loadDecoder(folder)).rejects.toThrow('no .safetensors file beside the index')
    const { 'model.norm.weight': _, ...rest } = index.weight_map
    write(rest)
    expect((await loadDecoder(folder)).warnings[0]).toContain('tensor "model.norm.weight" is not in the index')
  })

  test('a tokenizer larger than the model is refused', async () => {
    await expect(loadModel(join(fixtures, 'llama'), { tokenizer: byteTokenizer })).rejects.toThrow(
      'the tokenizer has 260 tokens, the model 48',
    )
  })
})

test('every family’s tensors hold as many numbers as its config counts', async () => {
  for (const name of readdirSync(fixtures)) {
    const { config } = await loadConfig(join(fixtures, name))
    const count = storedTensors(config).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
    expect(count).toBe(parameterCount(config))
  }
})
