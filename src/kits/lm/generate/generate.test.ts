import { describe, expect, test } from 'vitest'
import { key, mul, random, type Tensor, tensor } from '../../../engine/index.ts'
import type { DecoderConfig } from '../config.ts'
import { forward } from '../decoder.ts'
import type { LanguageModel } from '../model.ts'
import type { DecoderParams } from '../params.ts'
import { families, stirred } from '../testing/families.ts'
import { collect, type GenerationOptions, generate, generationService, QueueFullError, stream } from './index.ts'
import { compiled, Rows } from './rows.ts'
import { letters } from './testing/letters.ts'

const ids = (values: readonly number[]): Tensor => tensor(Int32Array.from(values), { shape: [1, values.length], dtype: 'int32' })

/** Logits of the next token, from the whole text at once. */
async function nextLogits({ config, params }: LanguageModel, text: readonly number[]): Promise<Float32Array> {
  const logits = await forward(config, params, { ids: ids(text) }).data()
  return (logits as Float32Array).slice(-config.vocabulary)
}

const prompts = [[1, 2, 3], [30, 7, 7, 12, 5, 39, 2], [9]]
const modelOf = (config: DecoderConfig, params = stirred(config)): LanguageModel => ({ config, params, tokenizer: letters })

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((worst: number, value, i) => Math.max(worst, Math.abs(value - b[i])), 0)

/** With embeddings of virtual tokens, and with keys and values, before each text. */
function adapted(kind: 'prompt' | 'prefix', config: DecoderConfig): DecoderParams {
  const params = stirred(config)
  const draw = (seed: number, shape: number[]) => mul(random.normal(key(seed), shape), 0.5)
  if (kind === 'prompt') return { ...params, prompt: draw(1, [3, config.width]) }
  const shape = [4, config.kvHeads, config.headWidth]
  const blocks = params.blocks.map((block, i) => ({
    ...block,
    attention: { ...block.attention, prefix: { keys: draw(10 + i, shape), values: draw(20 + i, shape) } },
  }))
  return { ...params, blocks }
}

const models: Record<string, LanguageModel> = {
  ...Object.fromEntries(Object.entries(families).map(([name, config]) => [name, modelOf(config)])),
  'llama with a tuned prompt': modelOf(families.llama, adapted('prompt', families.llama)),
  'gpt2 with a tuned prompt': modelOf(families.gpt2, adapted('prompt', families.gpt2)),
  'llama with a prefix': modelOf(families.llama, adapted('prefix', families.llama)),
  'a window and a prefix': modelOf(families['llama with a window'], adapted('prefix', families.llama)),
}

/** The largest error of logits over a few steps of a batch of unlike texts. */
async function errorOfRows(model: LanguageModel): Promise<number> {
  const rows = new Rows(await compiled(model), prompts.length)
  const texts = prompts.map((prompt) => [...prompt])
  let worst = 0
  for (const text of texts) worst = Math.max(worst, largest((await rows.add([text])).logits, await nextLogits(model, text)))
  for (let step = 0; step < 3; step++) {
    const next = texts.map((text) => (text.at(-1)! * 7 + step) % 40)
    const { logits } = await rows.step(next)
    for (const [row, text] of texts.entries()) {
      text.push(next[row])
      worst = Math.max(worst, largest(logits.subarray(row * 40, (row + 1) * 40), await nextLogits(model, text)))
    }
  }
  return worst
}

describe.each(Object.entries(models))('%s', (_, model) => {
  test('the rows of a batch have the logits of the whole texts, at every step', async () => {
    expect(await errorOfRows(model)).toBeLessThan(1e-4)
  })
})

/** Greedy continuation from whole texts, without any cache. */
async function greedily(model: LanguageModel, prompt: readonly number[], count: number): Promise<number[]> {
  const text = [...prompt]
  for (let step = 0; step < count; step++) {
    const logits = await nextLogits(model, text)
    text.push(logits.indexOf(Math.max(...logits)))
  }
  return text.slice(prompt.length)
}

const { llama } = families
/** No id ends a text. */
const endless = modelOf({ ...llama, special: { end: [] } })
const tokensOf = ({ tokens }: { tokens: readonly { id: number }[] }) => tokens.map(({ id }) => id)

describe('generate', () => {
  test('takes the most probable token each time', async () => {
    const texts = await generate(endless, prompts, { maxNewTokens: 6 })
    for (const [i, text] of texts.entries()) expect(tokensOf(text)).toEqual(await greedily(endless, prompts[i], 6))
    expect(texts.map(({ finish }) => finish)).toEqual(['length', 'length', 'length'])
  })

  test('a prompt longer than what is read at once gives the logits of the whole', async () => {
    const model = modelOf({ ...llama, context: 600, window: 200 })
    const long = Array.from({ length: 530 }, (_, i) => (i * i) % 40)
    const rows = new Rows(await compiled(model), 1)
    expect(largest((await rows.add([long])).logits, await nextLogits(model, long))).toBeLessThan(1e-4)
    expect(largest((await rows.step([3])).logits, await nextLogits(model, [...long, 3]))).toBeLessThan(1e-4)
  })

  test('log-probabilities are those of the model, whatever is drawn from', async () => {
    const [{ tokens }] = await generate(endless, [prompts[0]], { maxNewTokens: 4, temperature: 3, topK: 5, seed: 4, alternatives: 3 })
    const text = [...prompts[0]]
    for (const { id, logprob, alternatives } of tokens) {
      const logits = await nextLogits(endless, text)
      const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0))
      expect(logprob).toBeCloseTo(logits[id] - total, 4)
      const sorted = [...logits.keys()].sort((a, b) => logits[b] - logits[a])
      expect(alternatives!.map((one) => one.id)).toEqual(sorted.slice(0, 3))
      text.push(id)
    }
  })

  test('ends at an id, and at a text, which it leaves out', async () => {
    const [whole] = await generate(endless, [prompts[0]], { maxNewTokens: 8, temperature: 1, seed: 3 })
    const fifth = whole.tokens[4].id
    const first = tokensOf(whole).indexOf(fifth)
    const [ended] = await generate(endless, [prompts[0]], { maxNewTokens: 8, temperature: 1, seed: 3, end: [fifth] })
    expect(ended).toMatchObject({ finish: 'stop', text: whole.text.slice(0, first) })
    const [stopped] = await generate(endless, [prompts[0]], { maxNewTokens: 8, temperature: 1, seed: 3, stop: [whole.text.slice(3, 5)] })
    expect(stopped).toMatchObject({ finish: 'stop', text: whole.text.slice(0, whole.text.indexOf(whole.text.slice(3, 5))) })
  })

  test('refuses what it cannot do', async () => {
    const refused = (prompt: number[], options: GenerationOptions = {}) => expect(generate(endless, [prompt], options)).rejects
    await refused(new Array(64).fill(1)).toThrow(/64 tokens; the context of 64 does not hold a next one/)
    await refused([]).toThrow(/the text is empty/)
    await refused([40]).toThrow(/token 40, where the model knows 0 to 39/)
    await refused([1], { topP: 0 }).toThrow(/topP is 0, not above 0/)
    await refused([1], { temperature: Number.NaN }).toThrow(/temperature is NaN/)
    const [{ tokens }] = await generate(endless, [new Array(60).fill(1)], { maxNewTokens: 100 })
    expect(tokens).toHaveLength(4)
    const [further] = await generate(endless, [new Array(70).fill(1)], { maxNewTokens: 10, beyondContext: true })
    expect(further.tokens).toHaveLength(10)
  })
})

const drawn: GenerationOptions = { temperature: 1.3, topP: 0.95, repetitionPenalty: 1.1, seed: 11 }

describe('batching changes nothing, bit for bit', () => {
  /** Wide enough for products in several blocks and by both threads. */
  const wide = modelOf({ ...llama, width: 320, heads: 10, kvHeads: 5, headWidth: 32, hidden: 700, special: { end: [] } })

  test.each([
    ['narrow', endless],
    ['wide', wide],
    ['gpt2', modelOf(families.gpt2)],
  ])('logits of a row, in batches of other sizes, with other slots: %s', async (_, { config, params }) => {
    const model = await compiled({ config, params })
    const alone = new Rows(model, 1)
    const crowd = new Rows(model, 9)
    const others = Array.from({ length: 8 }, (_, i) => Array.from({ length: 5 + 12 * i }, (_, k) => (k * 3 + i) % 40))
    const first = (await alone.add([prompts[1]])).logits.slice()
    for (const other of others.slice(0, 4)) await crowd.add([other])
    expect((await crowd.add([prompts[1]])).logits).toEqual(first)
    for (const other of others.slice(4)) await crowd.add([other])
    for (let step = 0; step < 5; step++) {
      const expected = (await alone.step([step])).logits.slice()
      const { logits } = await crowd.step(Array.from({ length: crowd.count }, (_, row) => (row === 4 ? step : (row * step) % 40)))
      expect(logits.slice(4 * 40, 5 * 40)).toEqual(expected)
      crowd.remove(crowd.count - 1)
    }
  })

  test('drawn texts of a service that is busy are those of each alone', async () => {
    const service = generationService(endless, { places: 3 })
    const requests = Array.from({ length: 8 }, (_, i) => ({
      prompt: [i, 2 * i, 3],
      options: { ...drawn, seed: i, maxNewTokens: 3 + 2 * i },
    }))
    const together = await Promise.all(requests.map(({ prompt, options }) => collect(service.stream(prompt, options))))
    for (const [i, { prompt, options }] of requests.entries()) expect(together[i]).toEqual(await collect(stream(endless, prompt, options)))
    await service.close()
  })

  test('two batches of one model at once do not meet', async () => {
    const texts = [
      [1, 2, 3],
      [7, 8, 9],
      [4, 4, 4],
    ]
    const apart = []
    for (const text of texts) apart.push(await generate(endless, [text], { ...drawn, maxNewTokens: 9 }))
    expect(await Promise.all(texts.map((text) => generate(endless, [text], { ...drawn, maxNewTokens: 9 })))).toEqual(apart)
  })

  test('the place in the batch decides what is drawn', async () => {
    const [a, b] = await generate(endless, [[5], [5]], { ...drawn, maxNewTokens: 12 })
    expect(a.text).not.toBe(b.text)
    const again = await generate(endless, [[5], [5], [5]], { ...drawn, maxNewTokens: 12 })
    expect(again.slice(0, 2)).toEqual([a, b])
  })
})

describe('the service', () => {
  test('begins requests in their order, and no more than there are places', async () => {
    const service = generationService(endless, { places: 2, queue: 3 })
    const order: number[] = []
    const run = async (i: number) => {
      let seen = 0
      for await (const event of service.stream([i], { maxNewTokens: 4 })) {
        if (seen++ === 0) order.push(i)
        expect(service.load.running).toBeLessThanOrEqual(2)
        void event
      }
    }
    const all = [0, 1, 2, 3, 4].map(run)
    expect(service.load.running + service.load.waiting).toBe(5)
    expect(() => service.stream([9])).toThrow(QueueFullError)
    await Promise.all(all)
    expect(order).toEqual([0, 1, 2, 3, 4])
    expect(service.load).toEqual({ running: 0, waiting: 0 })
    await service.close()
    expect(() => service.stream([9])).toThrow(/closed/)
  })

  test('an abort, or leaving the loop, frees the place for the next', async () => {
    const service = generationService(endless, { places: 1 })
    const controller = new AbortController()
    const seen: number[] = []
    const aborted = (async () => {
      for await (const event of service.stream([1], { maxNewTokens: 60 }, controller.signal)) {
        if (event.kind === 'token' && seen.push(event.token.id) === 3) controller.abort()
      }
    })()
    const next = collect(service.stream([2], { maxNewTokens: 2 }))
    await aborted
    expect(seen.length).toBeLessThan(6)
    expect((await next).tokens).toHaveLength(2)
    for await (const _ of service.stream([3], { maxNewTokens: 60 })) break
    expect((await collect(service.stream([4], { maxNewTokens: 2 }))).tokens).toHaveLength(2)
    const late = new AbortController()
    late.abort()
    await expect(collect(service.stream([5], {}, late.signal))).rejects.toThrow(/ended before/)
    await service.close()
  })

  test('several at once on one model do not write over each other', async () => {
    const prompts = [[1], [2], [3, 4], [5, 6, 7]]
    const alone: string[] = []
    for (const prompt of prompts) alone.push((await generate(endless, [prompt], { maxNewTokens: 12 }))[0].tokens.map(({ id }) => id).join())
    const together = await Promise.all(prompts.map((prompt) => generate(endless, [prompt], { maxNewTokens: 12 })))
    expect(together.map(([{ tokens }]) => tokens.map(({ id }) => id).join())).toEqual(alone)
  })

  test('closing ends what runs and what waits', async () => {
    const service = generationService(endless, { places: 1 })
    const both = [1, 2].map((id) => collect(service.stream([id], { maxNewTokens: 60 })).catch((error: Error) => error.message))
    await service.close()
    expect(await Promise.all(both)).toEqual(new Array(2).fill('the generation was ended before the text was complete'))
  })
})
