import { describe, expect, test } from 'vitest'
import { grad, key, leavesWithPaths, mapTree, mul, type Tensor } from '../../../engine/index.ts'
import { svd } from '../../../engine/linalg.ts'
import { llamaConfig, parameterCount, sizes } from '../config.ts'
import { forward } from '../decoder.ts'
import { initDecoder } from '../init.ts'
import { languageLoss } from '../loss.ts'
import type { LowRank } from '../params.ts'
import { byteTokenizer } from '../tokenizers/bytes.ts'
import { type Adapter, initAdapter, trainableCount, trainablePaths } from './adapter.ts'
import type { PeftConfig } from './config.ts'
import { deltaOf, mergeAdapter, unmergeAdapter } from './merge.ts'
import { quantizeModel } from './quantize.ts'
import { families, idsOf, largest, llama, modelOf, stirred } from './testing/models.ts'
import { withAdapter } from './with-adapter.ts'

const ids = idsOf(1, [2, 9])
const labels = idsOf(2, [2, 9])

/** CodeLlama-7B; nothing of it is ever computed. */
const codeLlama = llamaConfig({ width: 4096, layers: 32, heads: 32, hidden: 11_008, vocabulary: 32_016, context: 16_384, tied: false })

test.each<[string, PeftConfig, number]>([
  ['LoRA r 16 on q, k, v', { kind: 'lora' }, 12_582_912],
  ['(IA)³ on all but the output', { kind: 'ia3', targets: ['q_proj', 'k_proj', 'v_proj', 'gate_proj', 'up_proj', 'down_proj'] }, 1_007_616],
  ['a prompt of 20', { kind: 'prompt', init: 'random' }, 81_920],
  ['a prefix of 10', { kind: 'prefix' }, 2_621_440],
])('CodeLlama-7B, %s: the published number of trained parameters', (_, config, count) => {
  const base = { config: codeLlama, params: initDecoder(codeLlama, key(0)) }
  expect(trainableCount(initAdapter(config, base, key(1)))).toBe(count)
})

test('nano: the numbers of the experiment', () => {
  const config = llamaConfig({ ...sizes.nano })
  const base = { config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }
  const count = (peft: PeftConfig) => trainableCount(initAdapter(peft, base, key(1)))
  expect(count({ kind: 'lora' })).toBe(36_864)
  expect(count({ kind: 'lora', rank: 8, targets: 'all-linear' })).toBe(58_560)
  expect(count({ kind: 'ia3', targets: 'all-linear' })).toBeGreaterThan(0)
  expect(count({ kind: 'ia3', targets: ['q_proj', 'k_proj', 'v_proj', 'gate_proj', 'up_proj', 'down_proj'] })).toBe(
    6 * (3 * 64 + 2 * 64 + 172),
  )
  expect(count({ kind: 'prefix' })).toBe(7680)
  expect(count({ kind: 'prompt' })).toBe(1280)
  expect(count({ kind: 'full' })).toBe(parameterCount(config))
  expect(count({ kind: 'norms' })).toBe(13 * 64)
  expect(count({ kind: 'last-layer' })).toBe(4 * 64 ** 2 + 3 * 64 * 172 + 3 * 64)
  // No map of a llama has a bias: each gets one.
  expect(count({ kind: 'biases' })).toBe(6 * (5 * 64 + 2 * 172))
  // Half of LoRA's numbers stand still with A.
  expect(count({ kind: 'lora', freezeA: true })).toBe(18_432)
})

const gradients = async (adapter: Adapter, params: Parameters<typeof withAdapter>[0], config = llama) => {
  const loss = (own: Adapter['params']) => languageLoss(forward(config, withAdapter(params, { ...adapter, params: own }), { ids }), labels)
  const found = new Map<string, number>()
  for (const [path, g] of leavesWithPaths(grad(loss)(adapter.params)))
    found.set(path, Math.max(...Array.from(await (g as Tensor).data(), Math.abs)))
  return found
}

describe.each(Object.entries(families))('%s', (_, config) => {
  const base = modelOf(config)
  const plain = forward(config, base.params, { ids })
  const withAll = (adapter: Adapter) => forward(config, withAdapter(base.params, adapter), { ids })

  test.each<PeftConfig>([
    { kind: 'lora' },
    { kind: 'lora', targets: 'all-linear', embedding: true, bias: 'all' },
    { kind: 'ia3' },
    { kind: 'full' },
    { kind: 'norms' },
    { kind: 'last-layer' },
  ])('a fresh $kind leaves all bits as they are', async (peft) => {
    expect(await largest(withAll(initAdapter(peft, base, key(5))), plain)).toBe(0)
  })

  test.each<PeftConfig>([{ kind: 'lora', dora: true }, { kind: 'biases' }])('a fresh $kind changes nothing but rounding', async (peft) => {
    expect(await largest(withAll(initAdapter(peft, base, key(5))), plain)).toBeLessThan(2e-5)
  })

  test.each<[string, PeftConfig]>([
    ['LoRA', { kind: 'lora', targets: 'all-linear' }],
    ['LoRA with biases, embedding and norm', { kind: 'lora', bias: 'loraOnly', embedding: true, modulesToSave: ['norm'] }],
    ['rank-stabilized LoRA', { kind: 'lora', rankStabilized: true, rankPattern: { 'network.up': 3 }, targets: 'all-linear' }],
    ['DoRA', { kind: 'lora', dora: true, targets: 'all-linear' }],
    ['(IA)³', { kind: 'ia3', targets: 'all-linear' }],
    ['(IA)³ as usual', { kind: 'ia3' }],
    ['biases', { kind: 'biases' }],
  ])('%s merged is %s beside the weights', async (_, peft) => {
    const adapter = stirredAdapter(peft, base)
    const merged = await mergeAdapter(base, adapter)
    const beside = withAll(adapter)
    expect(await largest(plain, beside)).toBeGreaterThan(1e-2)
    expect(await largest(forward(merged.config, merged.params, { ids }), beside)).toBeLessThan(1e-4)
  })

  test('what can be taken out again leaves the base', async () => {
    for (const peft of [{ kind: 'lora', targets: 'all-linear' }, { kind: 'ia3' }] as const) {
      const adapter = stirredAdapter(peft, base)
      const back = await unmergeAdapter(await mergeAdapter(base, adapter), adapter)
      expect(await largest(forward(config, back.params, { ids }), plain)).toBeLessThan(1e-4)
    }
  })
})

const stirredAdapter = (peft: PeftConfig, base: Parameters<typeof initAdapter>[1]): Adapter => {
  const adapter = initAdapter(peft, base, key(5))
  // A buffer is a setting, such as alpha / r.
  return {
    ...adapter,
    params: mapTree(adapter.params, (x: Tensor, path) =>
      x.kind === 'buffer' ? x : stirred({ x }, path.length * 31 + path.charCodeAt(8)).x,
    ),
  }
}

describe('LoRA', () => {
  const base = modelOf(llama)

  test('at first B moves and A does not', async () => {
    const found = await gradients(initAdapter({ kind: 'lora' }, base, key(5)), base.params)
    for (const [path, size] of found) {
      if (path.endsWith('.a')) expect(size, path).toBe(0)
      if (path.endsWith('.b')) expect(size, path).toBeGreaterThan(1e-6)
    }
  })

  test('with A frozen there is no gradient of A at all', async () => {
    const found = await gradients(stirredAdapter({ kind: 'lora', freezeA: true }, base), base.params)
    expect([...found.keys()].filter((path) => !path.endsWith('.b'))).toEqual([])
  })

  test('what it adds to a weight has its rank', async () => {
    const { maps } = stirredAdapter({ kind: 'lora', rank: 3 }, base).params
    const { s } = svd(deltaOf(maps![0]['attention.query']!.lora!))
    const values = [...(await s.data())].sort((a, b) => b - a)
    expect(values[2]).toBeGreaterThan(1e-2)
    expect(values[3] / values[0]).toBeLessThan(1e-6)
  })

  test('twice the alpha with half of B is the same', async () => {
    const { config, params } = stirredAdapter({ kind: 'lora', rank: 4, alpha: 8 }, base)
    const double = initAdapter({ kind: 'lora', rank: 4, alpha: 16 }, base, key(5))
    const half: Adapter = {
      config,
      params: {
        maps: params.maps!.map((places, layer) =>
          Object.fromEntries(
            Object.entries(places).map(([place, { lora }]) => {
              const { a, b } = lora!
              return [
                place,
                { lora: { a, b: mul(b, 0.5), scaling: double.params.maps![layer][place as 'attention.query']!.lora!.scaling } },
              ]
            }),
          ),
        ),
      },
    }
    const logits = (adapter: Adapter) => forward(llama, withAdapter(base.params, adapter), { ids })
    expect(await largest(logits(half), logits({ config, params }))).toBeLessThan(1e-5)
  })

  test('is scaled by alpha / r, or by alpha / √r; single maps have their own', async () => {
    const scaling = async (peft: Partial<Extract<PeftConfig, { kind: 'lora' }>>) =>
      (
        initAdapter({ kind: 'lora', rank: 4, alpha: 6, ...peft }, base, key(5)).params.maps![1]['attention.key']!.lora as LowRank
      ).scaling.item()
    expect(await scaling({})).toBe(1.5)
    expect(await scaling({ rankStabilized: true })).toBe(3)
    expect(await scaling({ rankPattern: { k_proj: 2 }, alphaPattern: { 'layers.1.self_attn.k_proj': 5 } })).toBe(2.5)
    expect(await scaling({ rankPattern: { 'layers\\.1\\..*': 3 } })).toBe(2)
  })

  test('dropout leaves out a share of what A reads, by its key, and nothing without one', async () => {
    const adapter = stirredAdapter({ kind: 'lora', dropout: 0.5 }, base)
    const logits = (seed?: number) =>
      forward(llama, withAdapter(base.params, adapter, seed === undefined ? {} : { key: key(seed) }), { ids })
    expect(await largest(logits(1), logits(1))).toBe(0)
    expect(await largest(logits(1), logits(2))).toBeGreaterThan(1e-3)
    const without = stirredAdapter({ kind: 'lora', dropout: 0 }, base)
    expect(await largest(logits(), forward(llama, withAdapter(base.params, without, { key: key(1) }), { ids }))).toBe(0)
  })

  test('the embedding of a tied model is merged without its head', async () => {
    const adapter = stirredAdapter({ kind: 'lora', embedding: true }, base)
    const merged = await mergeAdapter(base, adapter)
    expect(merged.config.tied).toBe(false)
    expect(await largest(merged.params.head!.weight!, base.params.embedding.tokens)).toBe(0)
    expect(await largest(merged.params.embedding.tokens, base.params.embedding.tokens)).toBeGreaterThan(1e-2)
  })

  test('DoRA learns the lengths of the units: twice the magnitude is twice the output', async () => {
    const adapter = initAdapter({ kind: 'lora', dora: true, targets: ['down_proj'] }, base, key(5))
    const { magnitude } = adapter.params.maps![0]['network.down']!.lora!
    const weight = base.params.blocks[0].network.down.weight as Tensor
    const lengths = Array.from({ length: 32 }, () => 0)
    const [rows, data] = [weight.shape[0], await weight.data()]
    for (let r = 0; r < rows; r++) for (let c = 0; c < 32; c++) lengths[c] += data[32 * r + c] ** 2
    const found = await magnitude!.data()
    for (const [c, square] of lengths.entries()) expect(found[c]).toBeCloseTo(Math.sqrt(square), 5)
  })
})

test('a merged map that was quantized comes out unpacked', async () => {
  const base = modelOf(llama)
  const { params } = await quantizeModel(base.params)
  const adapter = stirredAdapter({ kind: 'lora' }, base)
  const merged = await mergeAdapter({ config: llama, params }, adapter)
  const beside = forward(llama, withAdapter(params, adapter), { ids })
  expect(await largest(forward(llama, merged.params, { ids }), beside)).toBeLessThan(1e-4)
  expect(merged.params.blocks[0].network.up.weight).toEqual(params.blocks[0].network.up.weight)
})

describe('what cannot be', () => {
  const base = modelOf(llama)
  const make = (peft: PeftConfig) => () => initAdapter(peft, base, key(0))

  test.each<[string, PeftConfig, RegExp]>([
    [
      'a target that is not there',
      { kind: 'lora', targets: ['c_attn'] },
      /target 'c_attn' is not found.*self_attn\.q_proj.*mlp\.down_proj/,
    ],
    ['an expression that matches nothing', { kind: 'lora', targets: /layers\.7\..*/ }, /no linear map is matched/],
    ['a rank of 0', { kind: 'lora', rank: 0 }, /the rank is 0/],
    ['an alpha of 0', { kind: 'lora', alpha: 0 }, /alpha is 0/],
    ['a whole dropout', { kind: 'lora', dropout: 1 }, /dropout is 1/],
    ['a layer that is not there', { kind: 'lora', layers: [2] }, /layers 2 are not all among the 2/],
    ['a head that is tied', { kind: 'lora', modulesToSave: ['lm_head'] }, /tied/],
    ['no virtual tokens', { kind: 'prefix', tokens: 0 }, /virtual tokens is 0/],
    ['a text without a tokenizer', { kind: 'prompt' }, /needs the tokenizer/],
  ])('%s', (_, peft, message) => expect(make(peft)).toThrow(message))

  test('a prompt is not merged', async () => {
    const adapter = make({ kind: 'prompt', init: 'random' })()
    await expect(mergeAdapter(base, adapter)).rejects.toThrow(/cannot be merged/)
  })

  test('a quantized matrix is not trained itself', async () => {
    const { params } = await quantizeModel(base.params)
    expect(() => initAdapter({ kind: 'full' }, { config: llama, params }, key(0))).toThrow(
      /blocks\.0\.attention\.query\.weight' is quantized/,
    )
  })
})

test('targets are ends of names, places, a whole expression, or all', () => {
  const base = modelOf(llama)
  const paths = (targets: Extract<PeftConfig, { kind: 'lora' }>['targets']) =>
    trainablePaths(initAdapter({ kind: 'lora', targets, rank: 2 }, base, key(0))).filter((path) => path.endsWith('.b'))
  expect(paths(['q_proj', 'mlp.up_proj'])).toHaveLength(4)
  expect(paths(['attention.value'])).toEqual(['maps.0.attention.value.lora.b', 'maps.1.attention.value.lora.b'])
  expect(paths(/.*\.1\..*(q|down)_proj/)).toEqual(['maps.1.attention.query.lora.b', 'maps.1.network.down.lora.b'])
  expect(paths('all-linear')).toHaveLength(14)
})
