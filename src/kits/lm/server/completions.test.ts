import { describe, expect, test } from 'vitest'
import { byteTokenizer } from '../tokenizers/bytes.ts'
import { start } from './testing/client.ts'
import { chain, scripted } from './testing/fake-service.ts'

const coin = chain({ a: { b: 0.75, c: 0.25 }, b: { b: 0.75, c: 0.25 }, c: { b: 0.75, c: 0.25 } })
const alphabet = chain(
  Object.fromEntries([...'abcdefghijklmnopqrstuvwxy'].map((letter, i) => [letter, { [String.fromCharCode(98 + i)]: 1 }])),
)

describe('prompts', () => {
  test('are a text, texts, token ids, or lists of them; choices go by prompt', async () => {
    const { client } = await start({ model: alphabet })
    const texts = async (prompt: string | string[] | number[] | number[][], n = 1) =>
      (await client.completions.create({ model: 'fake', prompt, max_tokens: 3, n })).choices.map(({ index, text }) => [index, text])
    expect(await texts('a')).toEqual([[0, 'bcd']])
    expect(await texts(['a', 'm'])).toEqual([
      [0, 'bcd'],
      [1, 'nop'],
    ])
    expect(await texts([97, 98])).toEqual([[0, 'cde']])
    expect(await texts([[97], [98, 99]], 2)).toEqual([
      [0, 'bcd'],
      [1, 'bcd'],
      [2, 'def'],
      [3, 'def'],
    ])
  })

  test('of text are begun as the tokenizer begins texts, of ids are taken as they are', async () => {
    const { client, model } = await start({ model: alphabet })
    const answer = await client.completions.create({ model: 'fake', prompt: 'ab', max_tokens: 1 })
    await client.completions.create({ model: 'fake', prompt: [97, 98], max_tokens: 1 })
    await client.completions.create({ model: 'fake', max_tokens: 1 } as never)
    expect(model.service.seen.map(({ prompt }) => prompt)).toEqual([[257, 97, 98], [97, 98], [257]])
    expect(answer).toMatchObject({ object: 'text_completion', usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 } })
    expect(answer.id).toMatch(/^cmpl-/)
  })

  test('are counted once, what is generated as often as it is', async () => {
    const { client } = await start({ model: alphabet })
    const { usage } = await client.completions.create({ model: 'fake', prompt: [[97], [98, 99]], n: 3, max_tokens: 4 })
    expect(usage).toEqual({ prompt_tokens: 3, completion_tokens: 24, total_tokens: 27 })
  })

  test('have 16 tokens after them by default', async () => {
    const { client } = await start({ model: alphabet })
    const { choices } = await client.completions.create({ model: 'fake', prompt: 'a' })
    expect(choices[0]).toMatchObject({ text: 'bcdefghijklmnopq', finish_reason: 'length' })
  })
})

describe('logprobs', () => {
  test('are lists of equal length, with offsets into the text and the tokens that were drawn among the alternatives', async () => {
    const { client } = await start({ model: coin })
    const { choices } = await client.completions.create({ model: 'fake', prompt: 'a', max_tokens: 40, logprobs: 1, seed: 2 })
    const [{ text, logprobs }] = choices
    const { tokens, token_logprobs: own, top_logprobs: top, text_offset: offsets } = logprobs!
    expect(tokens!.join('')).toBe(text)
    expect(new Set(tokens)).toEqual(new Set(['b', 'c']))
    expect(offsets!.map((at) => text[at])).toEqual(tokens)
    expect(own).toEqual(tokens!.map((token) => Math.log(token === 'b' ? 0.75 : 0.25)))
    for (const [i, token] of tokens!.entries())
      expect(top![i]).toEqual(token === 'b' ? { b: Math.log(0.75) } : { b: Math.log(0.75), c: Math.log(0.25) })
  })

  test('with no alternatives are those of the tokens alone', async () => {
    const { client } = await start({ model: coin })
    const { choices } = await client.completions.create({ model: 'fake', prompt: 'a', max_tokens: 3, logprobs: 0 })
    expect(choices[0].logprobs).toMatchObject({ top_logprobs: null })
    expect(choices[0].logprobs!.tokens).toHaveLength(3)
  })

  test('count offsets in characters, and parts of one stand where it begins', async () => {
    const { client } = await start({ model: scripted('é😀x') })
    const { choices } = await client.completions.create({ model: 'fake', prompt: 'a', max_tokens: 7, logprobs: 0 })
    expect(choices[0].text).toBe('é😀x')
    expect(choices[0].logprobs!.text_offset).toEqual([0, 0, 1, 1, 1, 1, 2])
  })

  test('stream as they are whole', async () => {
    const { client } = await start({ model: scripted('abc é##') })
    const request = { model: 'fake', prompt: 'a', max_tokens: 20, logprobs: 1, stop: '##' }
    const { choices } = await client.completions.create(request)
    const all = { tokens: [] as string[], offsets: [] as number[], text: '' }
    for await (const chunk of await client.completions.create({ ...request, stream: true })) {
      all.text += chunk.choices[0].text
      all.tokens.push(...(chunk.choices[0].logprobs?.tokens ?? []))
      all.offsets.push(...(chunk.choices[0].logprobs?.text_offset ?? []))
    }
    expect(all.text).toBe('abc é')
    expect(all).toEqual({ text: choices[0].text, tokens: choices[0].logprobs!.tokens, offsets: choices[0].logprobs!.text_offset })
  })
})

describe('echo', () => {
  test('puts the prompt before the text', async () => {
    const { client } = await start({ model: alphabet })
    const texts = async (extra: object) =>
      (await client.completions.create({ model: 'fake', prompt: ['ab', 'x'], max_tokens: 1, echo: true, ...extra })).choices.map(
        ({ text }) => text,
      )
    expect(await texts({})).toEqual(['abc', 'xy'])
    expect(await texts({ max_tokens: 0 })).toEqual(['ab', 'x'])
    expect(await texts({ prompt: [257, 97, 98] })).toEqual(['abc'])
  })

  test('streams it first', async () => {
    const { client } = await start({ model: alphabet })
    const texts: string[] = []
    for await (const { choices } of await client.completions.create({
      model: 'fake',
      prompt: 'ab',
      max_tokens: 2,
      echo: true,
      stream: true,
    }))
      texts.push(choices[0].text)
    expect(texts.filter(Boolean)).toEqual(['ab', 'c', 'd'])
  })

  test('scores the prompt where the model can: a stranger measures a text by it', async () => {
    const score = async (ids: readonly number[]) =>
      ids.map((id, i) => ({
        id,
        text: byteTokenizer.decode([id]),
        ...(i > 0 && { logprob: -i, alternatives: [{ id: 65, text: 'A', logprob: -0.5 }] }),
      }))
    const { client } = await start({ model: alphabet }, { rest: { score } })
    const { choices } = await client.completions.create({ model: 'fake', prompt: 'éa', max_tokens: 1, echo: true, logprobs: 1 })
    expect(choices[0].text).toBe('éab')
    expect(choices[0].logprobs!.token_logprobs).toEqual([null, -1, -2, -3, 0])
    expect(choices[0].logprobs!.top_logprobs!.slice(0, 2)).toEqual([null, { A: -0.5, '\ufffd': -1 }])
    expect(choices[0].logprobs!.text_offset).toEqual([0, 0, 0, 1, 2])
    expect(choices[0].logprobs!.tokens!.slice(3)).toEqual(['a', 'b'])
  })

  test('together with logprobs is refused where it cannot', async () => {
    const { client } = await start({ model: alphabet })
    await expect(client.completions.create({ model: 'fake', prompt: 'a', echo: true, logprobs: 1 })).rejects.toMatchObject({
      status: 400,
      param: 'echo',
    })
  })
})

describe('best_of', () => {
  test('returns the most probable of several', async () => {
    const { client } = await start({ model: coin })
    const request = { model: 'fake', prompt: ['a', 'ab'], max_tokens: 10, seed: 9, logprobs: 0 }
    const mean = ({ logprobs }: { logprobs: { token_logprobs?: number[] } | null }) =>
      logprobs!.token_logprobs!.reduce((sum, value) => sum + value, 0)
    const all = (await client.completions.create({ ...request, n: 6 })).choices
    const best = await client.completions.create({ ...request, n: 2, best_of: 6 })
    expect(best.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3])
    for (const prompt of [0, 1]) {
      const sorted = all
        .slice(prompt * 6, prompt * 6 + 6)
        .map(mean)
        .toSorted((a, b) => b - a)
      expect(best.choices.slice(prompt * 2, prompt * 2 + 2).map(mean)).toEqual(sorted.slice(0, 2))
      expect(sorted[5]).toBeLessThan(sorted[0])
    }
    expect(best.usage!.completion_tokens).toBe(120)
  })
})
