import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evaluate, key, logSoftmax, tensor } from '../../../engine/index.ts'
import { llamaConfig, sizes } from '../config.ts'
import { forward } from '../decoder.ts'
import { generate } from '../generate/generate.ts'
import type { Generation } from '../generate/generation.ts'
import { initDecoder } from '../init.ts'
import type { LanguageModel } from '../model.ts'
import { byteTokenizer } from '../tokenizers/bytes.ts'
import { listen, type RunningServer } from './listen.ts'
import { servedModel } from './serve-model.ts'
import { clientOf, until } from './testing/client.ts'

/* The server on a network, small and random: what clients get must be what the network gives without a server. */

let model: LanguageModel
let served: ReturnType<typeof servedModel>
let server: RunningServer
let client: OpenAI

beforeAll(async () => {
  const config = llamaConfig({ ...sizes.tiny, context: 256 })
  model = { config, params: await evaluate(initDecoder(config, key(5))), tokenizer: byteTokenizer }
  served = servedModel(model, { name: 'tiny', batch: 4 })
  server = await listen(served, { port: 0 })
  client = clientOf(server)
})

afterAll(async () => {
  await server.close()
  await served.service.close()
})

const prompts = ['Once', 'upon', 'a time there was', 'x']

test('greedy texts are those of the model alone', async () => {
  const alone = await generate(model, prompts, { maxNewTokens: 12 })
  const { choices, usage } = await client.completions.create({ model: 'tiny', prompt: prompts, max_tokens: 12, temperature: 0 })
  expect(choices.map(({ text }) => text)).toEqual(alone.map(({ text }) => text))
  expect(choices.map(({ finish_reason: reason }) => reason)).toEqual(alone.map(({ finish }) => finish))
  expect(usage!.completion_tokens).toBe(alone.reduce((sum, { tokens }) => sum + tokens.length, 0))
})

test('draws and their probabilities are those of the model with the same seed', async () => {
  const options = { maxNewTokens: 12, temperature: 0.8, topP: 0.9, seed: 11, alternatives: 3 }
  const [alone] = await generate(model, ['Once'], options)
  const request = { model: 'tiny', prompt: 'Once', max_tokens: 12, temperature: 0.8, top_p: 0.9, seed: 11, logprobs: 3 }
  const { choices } = await client.completions.create(request)
  expect(choices[0].text).toBe(alone.text)
  const { token_logprobs: own, top_logprobs: top } = choices[0].logprobs!
  expect(own).toHaveLength(alone.tokens.length)
  for (const [i, { logprob, alternatives }] of alone.tokens.entries()) {
    expect(own![i]).toBeCloseTo(logprob, 4)
    expect(Math.max(...Object.values(top![i]))).toBeCloseTo(alternatives![0].logprob, 4)
  }
})

test('a hundred at once get what each gets alone', async () => {
  const lengths = Array.from({ length: 100 }, (_, i) => 1 + (i % 9))
  const alone: Generation[] = []
  for (const prompt of prompts) alone.push(...(await generate(model, [prompt], { maxNewTokens: 9 })))
  const texts = await Promise.all(
    lengths.map(async (length, i) => {
      let text = ''
      const request = { model: 'tiny', prompt: prompts[i % 4], max_tokens: length, temperature: 0, stream: true, logprobs: 0 } as const
      let count = 0
      for await (const { choices } of await client.completions.create(request)) {
        text += choices[0].text
        count += choices[0].logprobs?.tokens?.length ?? 0
      }
      return { text, count }
    }),
  )
  for (const [i, { text, count }] of texts.entries()) {
    const expected = alone[i % 4].tokens.slice(0, lengths[i])
    expect(text).toBe(
      byteTokenizer.decode(
        expected.map(({ id }) => id),
        { skipSpecial: true },
      ),
    )
    expect(count).toBe(expected.length)
  }
  expect(served.service.load).toEqual({ running: 0, waiting: 0 })
})

test('a prompt is scored as the whole forward pass scores it', async () => {
  const prompt = 'Once upon a time. '.repeat(9)
  const ids = byteTokenizer.encode(prompt, { special: true })
  const tables = logSoftmax(forward(model.config, model.params, { ids: tensor([ids], { dtype: 'int32' }) }))
  const rows = ((await tables.array()) as number[][][])[0]
  const { choices } = await client.completions.create({ model: 'tiny', prompt, max_tokens: 0, echo: true, logprobs: 2 })
  const { tokens, token_logprobs: own, top_logprobs: top, text_offset: offsets } = choices[0].logprobs!
  expect(choices[0].text).toBe(prompt)
  expect(tokens!.slice(1).join('')).toBe(prompt)
  expect(offsets).toEqual([0, ...prompt].map((_, i) => Math.max(0, i - 1)))
  expect(own![0]).toBeNull()
  for (let i = 1; i < ids.length; i++) {
    expect(own![i]).toBeCloseTo(rows[i - 1][ids[i]], 4)
    expect(Math.max(...Object.values(top![i]))).toBeCloseTo(Math.max(...rows[i - 1]), 4)
  }
})

describe('places', () => {
  test('are free when a client leaves, and what goes on beside it is not disturbed', async () => {
    const request = { model: 'tiny', prompt: 'Once', max_tokens: 200, temperature: 1, seed: 3, stop_token_ids: [] }
    const beside = client.completions.create({ ...request, seed: 4 })
    const stream = await client.completions.create({ ...request, n: 3, stream: true })
    for await (const _ of stream) break
    const alone = await beside
    await until(() => served.service.load.running === 0)
    expect((await client.completions.create({ ...request, seed: 4 })).choices[0].text).toBe(alone.choices[0].text)
  })

  test('are never taken by what the context does not hold', async () => {
    await expect(client.completions.create({ model: 'tiny', prompt: 'x'.repeat(300) })).rejects.toBeInstanceOf(OpenAI.BadRequestError)
    expect(served.service.load).toEqual({ running: 0, waiting: 0 })
  })
})

test('a context that the model has not is refused', () => {
  expect(() => servedModel(model, { name: 'tiny', context: 257 })).toThrow('a context of 257 tokens is asked for, and the model has 256')
})
