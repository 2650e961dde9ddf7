import { describe, expect, test } from 'vitest'
import { concat, evaluate, gather, key, slice, type Tensor, tensor, transpose } from '../../../engine/index.ts'
import { extend, forward, logitsOf } from '../decoder.ts'
import { byteTokenizer } from '../tokenizers/bytes.ts'
import { type Adapter, finished, initAdapter, trainableCount } from './adapter.ts'
import { instructionText, type PeftConfig } from './config.ts'
import { promptOf } from './prompt.ts'
import { families, idsOf, largest, llama, modelOf } from './testing/models.ts'
import { withAdapter } from './with-adapter.ts'

const [before, text] = [idsOf(4, [1, 5]), idsOf(5, [2, 8])]
const whole = concat([concat([before, before]), text], { axis: 1 })

describe.each(Object.entries(families))('%s', (_, config) => {
  const base = modelOf(config)
  const logits = (adapter: Adapter, batch: Parameters<typeof forward>[2]) => forward(config, withAdapter(base.params, adapter), batch)
  const ofWhole = slice(forward(config, base.params, { ids: whole }), { axis: 1, start: 5 })

  test('a prefix of the keys and values of real tokens gives the logits of the text after them', async () => {
    const { layers } = extend(config, base.params, before)
    const pairs = layers.flatMap(({ keys, values }) => [keys, values]).map((x) => transpose(x, [2, 0, 1, 3]))
    const adapter: Adapter = { config: { kind: 'prefix' }, params: { prefix: { pairs: concat(pairs, { axis: 1 }) } } }
    expect(await largest(logits(adapter, { ids: text }), ofWhole)).toBeLessThan(1e-5)
  })

  test('a prompt of the embeddings of real tokens gives the logits of the text after them', async () => {
    const ids = tensor([...(await before.data())], { dtype: 'int32' })
    const adapter: Adapter = { config: { kind: 'prompt' }, params: { prompt: { embeddings: gather(base.params.embedding.tokens, ids) } } }
    expect(await largest(logits(adapter, { ids: text }), ofWhole)).toBeLessThan(1e-5)
  })

  test.each<PeftConfig>([
    { kind: 'prompt', init: 'random', tokens: 3 },
    { kind: 'prefix', tokens: 3 },
  ])('left and right padding change nothing of the text after a $kind', async (peft) => {
    const adapter = initAdapter(peft, base, key(6))
    const plain = logits(adapter, { ids: text })
    const rows = (values: number[]) => tensor([values, values], { dtype: 'int32' })
    const padding = tensor([9, 9, 9, 9], { shape: [2, 2], dtype: 'int32' })
    const left = logits(adapter, {
      ids: concat([padding, text], { axis: 1 }),
      segments: rows([1, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
      positions: rows([0, 0, 0, 1, 2, 3, 4, 5, 6, 7]),
    })
    expect(await largest(slice(left, { axis: 1, start: 2 }), plain)).toBeLessThan(1e-5)
    const right = logits(adapter, { ids: concat([text, padding], { axis: 1 }) })
    expect(await largest(slice(right, { axis: 1, end: 8 }), plain)).toBeLessThan(1e-5)
  })

  test.each<PeftConfig>([
    { kind: 'prompt', init: 'random', tokens: 3 },
    { kind: 'prefix', tokens: 3 },
  ])('what follows with kept keys sees the $kind, too', async (peft) => {
    const params = withAdapter(base.params, initAdapter(peft, base, key(6)))
    const virtual = params.prompt ? 3 : 0
    const first = extend(config, params, slice(text, { axis: 1, end: 6 }))
    const lengths = tensor([6 + virtual, 6 + virtual], { dtype: 'int32' })
    const { top } = extend(config, params, slice(text, { axis: 1, start: 6 }), { layers: first.layers, lengths })
    const at = slice(forward(config, params, { ids: text }), { axis: 1, start: 6 })
    expect(await largest(logitsOf(config, params, top), at)).toBeLessThan(1e-5)
  })

  test('a prefix has as many heads as the keys of the model', () => {
    const { params } = initAdapter({ kind: 'prefix', tokens: 4 }, base, key(0))
    expect((params.prefix as { pairs: Tensor }).pairs.shape).toEqual([4, 2 * config.layers, config.kvHeads, config.headWidth])
  })
})

test('prompt tuning starts from a text, repeated or cut', async () => {
  const base = { ...modelOf(llama), tokenizer: byteTokenizer }
  const rows = async (peft: PeftConfig) => promptOf(initAdapter(peft, base, key(0)).params.prompt!)
  const ofText = (text: string, count: number) =>
    gather(base.params.embedding.tokens, tensor(Int32Array.from({ length: count }, (_, i) => text.charCodeAt(i % text.length))))
  expect(await largest(await rows({ kind: 'prompt', tokens: 5, text: 'abc' }), ofText('abc', 5))).toBe(0)
  expect(await largest(await rows({ kind: 'prompt' }), ofText(instructionText, 20))).toBe(0)
  // Each row of the other is some row of the embedding.
  const drawn = await (await rows({ kind: 'prompt', init: 'vocabulary', tokens: 4 })).array()
  const all = new Set(((await base.params.embedding.tokens.array()) as number[][]).map(String))
  for (const row of drawn as number[][]) expect(all.has(String(row))).toBe(true)
})

describe('networks that make a prompt or a prefix', () => {
  const base = modelOf(llama)

  test.each<PeftConfig>([
    { kind: 'p-tuning', tokens: 4, hidden: 6 },
    { kind: 'p-tuning', tokens: 4, hidden: 6, encoder: 'lstm' },
    { kind: 'prefix', tokens: 4, projection: 6 },
  ])('are dropped after training: %o', async (peft) => {
    const adapter = initAdapter(peft, base, key(1))
    const kept = await finished(adapter)
    expect(trainableCount(kept)).toBe(peft.kind === 'prefix' ? 4 * 4 * 2 * 8 : 4 * 32)
    const logits = (own: Adapter) => forward(llama, withAdapter(base.params, own), { ids: text })
    expect(await largest(logits(kept), logits(adapter))).toBeLessThan(1e-5)
  })

  test('the LSTM is that of its equations, forwards and backwards', async () => {
    const { prompt } = initAdapter({ kind: 'p-tuning', tokens: 3, hidden: 2, encoder: 'lstm' }, base, key(1)).params
    const { embeddings, lstm } = await evaluate(prompt!)
    const rows = (await embeddings.array()) as number[][]
    const [forwards, backwards] = await Promise.all(
      lstm![0].map(async ({ input, state, bias }) => ({
        input: (await input.array()) as number[][],
        state: (await state.array()) as number[][],
        bias: (await bias.array()) as number[],
      })),
    )
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
    const run = ({ input, state, bias }: typeof forwards, xs: number[][]) => {
      let [h, c] = [
        [0, 0],
        [0, 0],
      ]
      return xs.map((x) => {
        const z = bias.map((b, j) => b + x.reduce((s, v, i) => s + v * input[i][j], 0) + h.reduce((s, v, i) => s + v * state[i][j], 0))
        c = c.map((old, k) => sigmoid(z[2 + k]) * old + sigmoid(z[k]) * Math.tanh(z[4 + k]))
        h = c.map((value, k) => sigmoid(z[6 + k]) * Math.tanh(value))
        return h
      })
    }
    const back = run(backwards, rows.toReversed()).toReversed()
    const expected = run(forwards, rows).map((row, i) => [...row, ...back[i]])
    const found = (await promptOf({ embeddings, lstm: [lstm![0]] }).array()) as number[][]
    for (const [i, value] of expected.flat().entries()) expect(found.flat()[i]).toBeCloseTo(value, 5)
  })
})
