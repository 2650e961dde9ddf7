import { describe, expect, test } from 'vitest'
import { byteTokenizer } from '../tokenizers/bytes.ts'
import { start } from './testing/client.ts'
import { chain, scripted } from './testing/fake-service.ts'

const ask = { model: 'fake', messages: [{ role: 'user' as const, content: 'hello' }], max_tokens: 8 }

/** From `x` and the colon that ends a prompt on: b three times in four, else c, then again. */
const coin = chain({ ' ': { b: 0.75, c: 0.25 }, b: { b: 0.75, c: 0.25 }, c: { b: 0.75, c: 0.25 } })

describe('a conversation', () => {
  test('is written in its format, and gone on with', async () => {
    const { client, model } = await start({ model: scripted('abcdefghij') })
    const answer = await client.chat.completions.create({
      model: 'fake',
      max_tokens: 4,
      messages: [
        { role: 'developer', content: 'be brief' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'say ' },
            { type: 'text', text: 'it' },
          ],
        },
        { role: 'assistant', content: 'it' },
        { role: 'user', content: 'again' },
      ],
    })
    const prompt = 'system: be brief\nuser: say it\nassistant: it\nuser: again\nassistant: '
    expect(byteTokenizer.decode(model.service.seen[0].prompt, { skipSpecial: true })).toBe(prompt)
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: 'fake',
      choices: [{ index: 0, message: { role: 'assistant', content: 'abcd' }, finish_reason: 'length', logprobs: null }],
      usage: { prompt_tokens: prompt.length + 1, completion_tokens: 4, total_tokens: prompt.length + 5 },
    })
    expect(answer.id).toMatch(/^chatcmpl-/)
    expect(Math.abs(answer.created - Date.now() / 1000)).toBeLessThan(60)
    expect(answer._request_id).toMatch(/^req_/)
  })

  test('ends where the model ends it, where the format does, and where the client wants', async () => {
    const ending = await start({ model: chain({ ' ': { a: 1 }, a: { b: 1 } }) })
    expect((await ending.client.chat.completions.create(ask)).choices[0]).toMatchObject({
      message: { content: 'ab' },
      finish_reason: 'stop',
    })

    const talking = await start({ model: scripted('yes.\nuser: and') })
    expect((await talking.client.chat.completions.create({ ...ask, max_tokens: 20 })).choices[0]).toMatchObject({
      message: { content: 'yes.' },
      finish_reason: 'stop',
    })

    const special = await start({ model: scripted('no<|reserved|>user') })
    expect((await special.client.chat.completions.create(ask)).choices[0]).toMatchObject({
      message: { content: 'no' },
      finish_reason: 'stop',
    })

    const own = await start({ model: scripted('yes<|pad|>no') })
    expect((await own.client.chat.completions.create({ ...ask, stop: '<|pad|>' })).choices[0]).toMatchObject({
      message: { content: 'yes' },
      finish_reason: 'stop',
    })

    const { client } = await start({ model: scripted('one two three ') })
    const stopped = async (stop: string | string[]) => (await client.chat.completions.create({ ...ask, max_tokens: 14, stop })).choices[0]
    expect(await stopped(' th')).toMatchObject({ message: { content: 'one two' }, finish_reason: 'stop' })
    expect(await stopped(['three', 'two'])).toMatchObject({ message: { content: 'one ' }, finish_reason: 'stop' })
    expect(await stopped('four')).toMatchObject({ message: { content: 'one two three ' }, finish_reason: 'length' })
  })

  test('has as many tokens as there is room for where none are asked for', async () => {
    const { client } = await start({ model: scripted('abc'), context: 40 })
    const { usage } = await client.chat.completions.create({ ...ask, max_tokens: undefined })
    expect(usage!.total_tokens).toBe(40)
  })

  test('has its limit by either name', async () => {
    const { client } = await start({ model: scripted('abc') })
    const { choices } = await client.chat.completions.create({ ...ask, max_tokens: undefined, max_completion_tokens: 2 })
    expect(choices[0].message.content).toBe('ab')
  })
})

describe('draws', () => {
  test('by default from the whole distribution of the model', async () => {
    const { client, model } = await start({ model: coin })
    const { choices } = await client.chat.completions.create({ ...ask, n: 100, max_tokens: 20, seed: 7 })
    const drawn = choices.map(({ message }) => message.content).join('')
    const share = [...drawn].filter((character) => character === 'b').length / drawn.length
    // 2,000 draws of probability 0.75: six standard deviations are 0.058.
    expect(Math.abs(share - 0.75)).toBeLessThan(0.058)
    expect(model.service.seen[0].options).toMatchObject({ temperature: 1, topP: 1 })
  })

  test('the same again from the same seed, others from another, and others without', async () => {
    const { client } = await start({ model: coin })
    const draw = async (seed?: number, n = 1) =>
      (await client.chat.completions.create({ ...ask, max_tokens: 60, seed, n })).choices.map(({ message }) => message.content)
    const [first] = await draw(5)
    expect(await draw(5)).toEqual([first])
    expect(await draw(6)).not.toEqual([first])
    expect(await draw(2 ** 40 + 5)).not.toEqual([first])
    expect(await draw()).not.toEqual(await draw())
    const several = await draw(5, 3)
    expect(several[0]).toBe(first)
    expect(new Set(several).size).toBe(3)
  })

  test('what is told to the service', async () => {
    const { client, model } = await start({ model: coin })
    await client.chat.completions.create({
      ...ask,
      temperature: 0.5,
      top_p: 0.9,
      seed: 3,
      top_k: 4,
      repetition_penalty: 1.1,
      stop_token_ids: [9],
    } as typeof ask)
    expect(model.service.seen[0].options).toMatchObject({
      temperature: 0.5,
      topP: 0.9,
      seed: 3,
      topK: 4,
      repetitionPenalty: 1.1,
      end: [9, 259],
      maxNewTokens: 8,
    })
  })
})

describe('logprobs', () => {
  test('are the logarithms of the probabilities, with alternatives', async () => {
    const { client } = await start({ model: coin })
    const { choices } = await client.chat.completions.create({ ...ask, seed: 1, max_tokens: 30, logprobs: true, top_logprobs: 2 })
    const { content } = choices[0].logprobs!
    expect(content!.map(({ token }) => token).join('')).toBe(choices[0].message.content)
    expect(new Set(content!.map(({ token }) => token))).toEqual(new Set(['b', 'c']))
    for (const { token, logprob, bytes, top_logprobs } of content!) {
      expect(logprob).toBeCloseTo(Math.log(token === 'b' ? 0.75 : 0.25), 12)
      expect(bytes).toEqual([token.charCodeAt(0)])
      expect(top_logprobs.map((top) => [top.token, top.logprob])).toEqual([
        ['b', Math.log(0.75)],
        ['c', Math.log(0.25)],
      ])
    }
  })

  test('are without alternatives where none are asked for, and leave out what belongs to a stop text', async () => {
    const { client } = await start({ model: scripted('abc##d') })
    const request = { ...ask, logprobs: true, stop: '##' }
    const { choices, usage } = await client.chat.completions.create(request)
    expect(choices[0].logprobs!.content!.map(({ token, top_logprobs }) => [token, top_logprobs])).toEqual([
      ['a', []],
      ['b', []],
      ['c', []],
    ])
    expect(usage!.completion_tokens).toBe(5)

    let [text, tokens] = ['', '']
    for await (const {
      choices: [choice],
    } of await client.chat.completions.create({ ...request, stream: true })) {
      text += choice.delta.content ?? ''
      tokens += choice.logprobs?.content?.map(({ token }) => token).join('') ?? ''
    }
    expect([text, tokens]).toEqual(['abc', 'abc'])
  })

  test('of parts of characters say that their bytes are unknown', async () => {
    const { client } = await start({ model: scripted('é') })
    const { choices } = await client.chat.completions.create({ ...ask, max_tokens: 2, logprobs: true })
    expect(choices[0].message.content).toBe('é')
    expect(choices[0].logprobs!.content!.map(({ bytes }) => bytes)).toEqual([null, null])
  })
})

describe('a stream', () => {
  const script = 'ein zwei drei 日本語 😀. '

  test('gives the same text as the whole answer, role first and reason last', async () => {
    const { client } = await start({ model: scripted(script) })
    const request = { ...ask, max_tokens: 34 }
    const answer = await client.chat.completions.create(request)
    const chunks = []
    for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) chunks.push(chunk)
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
    expect(chunks.every(({ object, model }) => object === 'chat.completion.chunk' && model === 'fake')).toBe(true)
    const deltas = chunks.map(({ choices }) => choices[0])
    expect(deltas[0]).toMatchObject({ delta: { role: 'assistant', content: '' }, finish_reason: null })
    expect(deltas.at(-1)).toMatchObject({ delta: {}, finish_reason: 'length' })
    const texts = deltas.map(({ delta }) => delta.content ?? '')
    expect(texts.join('')).toBe(answer.choices[0].message.content)
    expect(texts.join('')).toContain('日本語 😀')
    expect(texts.join('')).not.toContain('\ufffd')
    expect(chunks.every((chunk) => !('usage' in chunk))).toBe(true)
  })

  test('tells its usage last where that is asked for', async () => {
    const { client } = await start({ model: scripted(script) })
    const chunks = []
    for await (const chunk of await client.chat.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } }))
      chunks.push(chunk)
    const { usage: whole } = await client.chat.completions.create(ask)
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole })
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true)
  })

  test('mixes several choices, each in its own order', async () => {
    const { client } = await start({ model: coin })
    const request = { ...ask, n: 3, seed: 4, max_tokens: 25 }
    const answer = await client.chat.completions.create(request)
    const texts = ['', '', '']
    const order: number[] = []
    for await (const { choices } of await client.chat.completions.create({ ...request, stream: true }))
      for (const { index, delta } of choices) {
        texts[index] += delta.content ?? ''
        order.push(index)
      }
    expect(texts).toEqual(answer.choices.map(({ message }) => message.content))
    expect(order).not.toEqual(order.toSorted())
  })

  test("is what the client's own helper makes an answer of", async () => {
    const { client } = await start({ model: scripted('hello there') })
    const final = await client.chat.completions.stream({ ...ask, logprobs: true }).finalChatCompletion()
    expect(final.choices[0]).toMatchObject({ message: { role: 'assistant', content: 'hello th' }, finish_reason: 'length' })
    expect(final.choices[0].logprobs!.content!.map(({ token }) => token).join('')).toBe('hello th')
  })
})
