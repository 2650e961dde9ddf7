import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { QueueFullError } from '../generate/service.ts'
import type { ErrorBody } from './errors.ts'
import { clientOf, start } from './testing/client.ts'
import { scripted } from './testing/fake-service.ts'

const started = (rest: Parameters<typeof start>[1] = {}) => start({ model: scripted('abcdefghij'), context: 64 }, rest)

const post = (
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = { 'content-type': 'application/json' },
) => fetch(`${url}/v1/chat/completions`, { method: 'POST', body, headers })

const errorOf = async (response: Response) => ((await response.json()) as ErrorBody).error

describe('fields that would change the result are refused, by name', () => {
  test.each([
    ['tools', [{ type: 'function', function: { name: 'f' } }]],
    ['tool_choice', 'required'],
    ['functions', [{ name: 'f' }]],
    ['response_format', { type: 'json_object' }],
    ['logit_bias', { '50': 1 }],
    ['frequency_penalty', 0.5],
    ['presence_penalty', -1],
    ['modalities', ['text', 'audio']],
    ['reasoning_effort', 'high'],
    ['min_p', 0.1],
    ['guided_json', { type: 'object' }],
    ['best_of', 2],
    ['prompt', 'a'],
  ])('%s', async (name, value) => {
    const { client } = await started()
    const error = await client.chat.completions.create({ ...valid, [name]: value }).catch((reason) => reason)
    expect(error).toBeInstanceOf(OpenAI.BadRequestError)
    expect(error).toMatchObject({ status: 400, param: name, type: 'invalid_request_error' })
    expect(error.message).toContain(`'${name}'`)
  })

  test('suffix, in completions', async () => {
    const { client } = await started()
    await expect(client.completions.create({ model: 'fake', prompt: 'a', suffix: 'b' })).rejects.toMatchObject({
      status: 400,
      param: 'suffix',
    })
  })

  test('but not where they say what is done anyway; null is as if it were not there', async () => {
    const { client, model } = await started()
    const neutral = {
      tools: [],
      tool_choice: 'none',
      response_format: { type: 'text' },
      logit_bias: {},
      frequency_penalty: 0,
      presence_penalty: 0,
    }
    const { response } = await client.chat.completions
      .create({ ...valid, ...neutral, stop: null, seed: null, temperature: null } as never)
      .withResponse()
    expect(model.service.seen[0].options).toMatchObject({ temperature: 1 })
    expect(response.headers.get('x-ignored-fields')).toBeNull()
  })

  test('others are left out of account, and named', async () => {
    const { client } = await started()
    const { response } = await client.chat.completions
      .create({ ...valid, user: 'somebody', 'strange\r\nname': 1, '\ud800': 1 } as never)
      .withResponse()
    expect(response.headers.get('x-ignored-fields')).toBe('user, strange??name, ?')
  })
})

const valid = { model: 'fake', messages: [{ role: 'user' as const, content: 'hi' }], max_tokens: 2 }

describe('values out of their range are refused, and the field is named', () => {
  test.each([
    ['temperature', 2.1],
    ['temperature', 'hot'],
    ['top_p', -0.1],
    ['n', 0],
    ['n', 1000],
    ['n', 1.5],
    ['max_tokens', 0],
    ['seed', 1e300],
    ['stop', ''],
    ['stop', Array.from({ length: 17 }, (_, i) => `${i}`)],
    ['stream', 'yes'],
    ['top_logprobs', 3],
    ['top_k', 0.5],
    ['messages', []],
    ['messages', 'hi'],
  ])('%s = %j', async (name, value) => {
    const { client, model } = await started()
    const error = await client.chat.completions.create({ ...valid, [name]: value } as never).catch((reason) => reason)
    expect(error).toMatchObject({ status: 400, param: name })
    expect(error.message).not.toContain('\n')
    expect(model.service.seen).toEqual([])
  })

  test.each([
    ['messages[0].role', [{ role: 'tool', content: 'x', tool_call_id: '1' }]],
    ['messages[1].content', [...valid.messages, { role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }]],
    ['messages[0].content', [{ role: 'assistant' }]],
  ])('%s', async (param, messages) => {
    const { client } = await started()
    await expect(client.chat.completions.create({ ...valid, messages } as never)).rejects.toMatchObject({ status: 400, param })
  })

  test.each([
    ['prompt', []],
    ['prompt', [1, 'a']],
    ['prompt', [-1]],
    ['prompt', [260]],
    ['prompt', { text: 'a' }],
    ['best_of', 0],
    ['logprobs', 21],
    ['max_tokens', -1],
  ])('completions: %s = %j', async (name, value) => {
    const { client } = await started()
    await expect(client.completions.create({ model: 'fake', prompt: 'a', [name]: value } as never)).rejects.toMatchObject({
      status: 400,
      param: name,
    })
  })

  test('an empty list among lists', async () => {
    const { client } = await started()
    await expect(client.completions.create({ model: 'fake', prompt: [[1], []] })).rejects.toMatchObject({ status: 400, param: 'prompt[1]' })
  })

  test('more texts than the server ever takes, before anything is made for them', async () => {
    const { client, model } = await started()
    const many = { model: 'fake', prompt: Array.from({ length: 200_000 }, () => 'a'), max_tokens: 1, n: 128 }
    await expect(client.completions.create(many)).rejects.toMatchObject({ status: 400, message: expect.stringContaining('25600000 texts') })
    expect(model.service.seen).toEqual([])
  })

  test('best_of against n and stream, and two limits', async () => {
    const { client } = await started()
    const request = { model: 'fake', prompt: 'a', n: 2 }
    await expect(client.completions.create({ ...request, best_of: 1 })).rejects.toMatchObject({ status: 400, param: 'best_of' })
    await expect(client.completions.create({ ...request, best_of: 3, stream: true })).rejects.toMatchObject({
      status: 400,
      param: 'best_of',
    })
    await expect(client.chat.completions.create({ ...valid, max_completion_tokens: 3 })).rejects.toMatchObject({
      status: 400,
      param: 'max_tokens',
    })
  })

  test('what is missing', async () => {
    const { client } = await started()
    await expect(client.chat.completions.create({ model: 'fake' } as never)).rejects.toMatchObject({
      status: 400,
      param: 'messages',
      message: "400 'messages' is missing",
    })
    await expect(client.chat.completions.create({ messages: valid.messages } as never)).rejects.toMatchObject({
      status: 400,
      param: 'model',
    })
  })
})

describe('what the context does not hold', () => {
  test('is refused before anything runs, with its numbers', async () => {
    const { client, model } = await started()
    const long = { model: 'fake', prompt: 'x'.repeat(64), max_tokens: 1 }
    await expect(client.completions.create(long)).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded', param: 'prompt' })
    const much = client.completions.create({ model: 'fake', prompt: 'abc', max_tokens: 61 })
    await expect(much).rejects.toMatchObject({ code: 'context_length_exceeded', param: 'max_tokens' })
    await expect(much).rejects.toThrow('the context holds 64 tokens; the prompt has 4, and 61 more are asked for')
    const stream = client.completions.create({ ...long, stream: true })
    await expect(stream).rejects.toBeInstanceOf(OpenAI.BadRequestError)
    expect(model.service.seen).toEqual([])
    expect((await client.completions.create({ model: 'fake', prompt: 'abc', max_tokens: 60 })).usage!.total_tokens).toBe(64)
  })
})

describe('what there is not', () => {
  test('another model', async () => {
    const { client } = await started()
    for (const call of [() => client.chat.completions.create({ ...valid, model: 'gpt-4' }), () => client.models.retrieve('gpt-4')]) {
      const error = await call().then(undefined, (reason) => reason)
      expect(error).toBeInstanceOf(OpenAI.NotFoundError)
      expect(error).toMatchObject({
        code: 'model_not_found',
        param: 'model',
        message: "404 there is no model 'gpt-4'; this server has 'fake'",
      })
    }
  })

  test('embeddings, and other addresses', async () => {
    const { client, server } = await started()
    await expect(client.embeddings.create({ model: 'fake', input: 'a' })).rejects.toMatchObject({
      status: 404,
      code: 'embeddings_not_supported',
    })
    await expect(client.images.generate({ model: 'fake', prompt: 'a' })).rejects.toMatchObject({ status: 404, code: 'unknown_url' })
    const wrongMethod = await fetch(`${server.url}/v1/completions`)
    expect([wrongMethod.status, (await errorOf(wrongMethod)).message]).toEqual([404, 'there is no GET /v1/completions here'])
  })

  test('a chat format: completions go on, chats are told what to do', async () => {
    const { client } = await started({ rest: { chat: undefined } })
    const error = await client.chat.completions.create(valid).catch((reason) => reason)
    expect(error).toMatchObject({ status: 400, code: 'chat_format_unknown' })
    expect(error.message).toContain('--chat-format')
    expect((await client.completions.create({ model: 'fake', prompt: 'a', max_tokens: 2 })).choices[0].text).toBe('ab')
  })
})

describe('bodies', () => {
  test.each([
    ['no JSON', '{"model": "fake", ', 400],
    ['no object', '[1]', 400],
    ['nothing', '', 400],
    ['null', 'null', 400],
    ['no UTF-8', Uint8Array.from([0x7b, 0xff, 0x7d]), 400],
    ['nested without end', '['.repeat(100_000), 400],
    ['a prototype', '{"__proto__": {"model": "fake"}}', 400],
  ])('%s', async (_, body, status) => {
    const { server, client } = await started()
    const response = await post(server.url, body)
    expect(response.status).toBe(status)
    const error = await errorOf(response)
    expect(error).toMatchObject({ type: 'invalid_request_error' })
    expect(error.message).not.toMatch(/\n/)
    expect((await client.models.list()).data).toHaveLength(1)
  })

  test('of another type are refused: any web page may send those', async () => {
    const { server } = await started()
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', ''])
      expect((await post(server.url, JSON.stringify(valid), { 'content-type': type })).status).toBe(415)
    expect((await post(server.url, JSON.stringify(valid), { 'content-type': 'Application/JSON; charset=utf-8' })).status).toBe(200)
  })

  test('too large are refused, whether their length is said or not', async () => {
    const { server, client } = await started({ bodyLimit: 2000 })
    const large = JSON.stringify({ ...valid, user: 'x'.repeat(3000) })
    expect((await post(server.url, large)).status).toBe(413)
    const parts = new ReadableStream({
      start(controller) {
        for (const part of large.match(/.{1,500}/g)!) controller.enqueue(new TextEncoder().encode(part))
        controller.close()
      },
    })
    const init = { method: 'POST', body: parts, headers: { 'content-type': 'application/json' }, duplex: 'half' }
    const response = await fetch(`${server.url}/v1/chat/completions`, init as RequestInit)
    expect([response.status, (await errorOf(response)).code]).toEqual([413, 'request_too_large'])
    expect((await client.chat.completions.create(valid)).choices[0].message.content).toBe('ab')
  })
})

describe('keys', () => {
  test('are required of all of /v1 where there is one, and not of /health', async () => {
    const { server, client } = await started({ apiKey: 'sesame' })
    const error = await client.models.list().then(
      () => undefined,
      (reason) => reason,
    )
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError)
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key' })
    expect((await clientOf(server, 'sesame').chat.completions.create(valid)).choices[0].message.content).toBe('ab')
    for (const authorization of ['', 'sesame', 'Basic sesame', 'Bearer', 'Bearer sesam', 'Bearer sesame2'])
      expect((await fetch(`${server.url}/v1/models`, { headers: { authorization } })).status).toBe(401)
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
  })

  test('and texts are never in the log', async () => {
    const { server, client, log } = await started({ apiKey: 'sesame' })
    await clientOf(server, 'sesame').chat.completions.create({ ...valid, messages: [{ role: 'user', content: 'secret words' }] })
    await client.chat.completions.create(valid).catch(() => {})
    expect(log).toHaveLength(2)
    expect(log[0]).toMatch(/^POST \/v1\/chat\/completions 200 31\+2 tokens \d+ ms$/)
    expect(log[1]).toMatch(/^POST \/v1\/chat\/completions 401 \d+ ms$/)
    expect(log.join()).not.toMatch(/sesame|secret/)
  })

  test('an address that others reach is not listened on without one', async () => {
    await expect(started({ host: '0.0.0.0' })).rejects.toThrow(/0\.0\.0\.0: .*key/)
    const { server } = await started({ host: '0.0.0.0', apiKey: 'sesame' })
    expect((await fetch(`http://127.0.0.1:${server.port}/v1/models`)).status).toBe(401)
  })

  test('a name that somebody else gave this machine is not answered', async () => {
    const { server } = await started()
    const ask = (host: string) => rawStatus(server.port, host)
    expect(await ask('evil.example')).toBe(403)
    expect(await ask(`localhost:${server.port}`)).toBe(200)
  })
})

/** `fetch` lets nobody choose a Host. */
const rawStatus = async (port: number, host: string): Promise<number> => {
  const { request } = await import('node:http')
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path: '/v1/models', headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    })
      .on('error', reject)
      .end()
  })
}

describe('a place to listen', () => {
  test('that is in use, or not of this machine', async () => {
    const { server } = await started()
    await expect(started({ port: server.port })).rejects.toThrow(`127.0.0.1:${server.port}: the port is in use`)
    await expect(started({ host: '127.0.0.1', port: 70000 })).rejects.toThrow()
    await expect(started({ host: '203.0.113.7', apiKey: 'x' })).rejects.toThrow('nothing can listen there (EADDRNOTAVAIL)')
  })
})

describe('the model', () => {
  test('is listed, with its name even where that has a slash', async () => {
    const { client } = await started({ rest: { name: 'team/fake' } })
    const { data } = await client.models.list()
    expect(data).toMatchObject([{ id: 'team/fake', object: 'model', owned_by: 'quire' }])
    expect(await client.models.retrieve('team/fake')).toMatchObject({ id: 'team/fake' })
  })

  test('says how it is', async () => {
    const { server } = await started()
    expect(await (await fetch(`${server.url}/health`)).json()).toEqual({ status: 'ok', running: 0, waiting: 0 })
  })
})

test('a service with a bound of its own that is full', async () => {
  const full = () => {
    throw new QueueFullError('9 requests wait already', { fix: 'try again later' })
  }
  const { client } = await start({ model: full })
  const error = await client.chat.completions.create(valid).catch((reason) => reason)
  expect(error).toBeInstanceOf(OpenAI.RateLimitError)
  expect(error).toMatchObject({ code: 'rate_limit_exceeded' })
})

describe('a defect', () => {
  test('is told to the log with its place, and to strangers as a defect', async () => {
    const broken = () => {
      throw new Error('the matrix fell over')
    }
    const { client, log } = await start({ model: broken })
    const error = await client.chat.completions.create(valid).catch((reason) => reason)
    expect(error).toBeInstanceOf(OpenAI.InternalServerError)
    expect(error.message).not.toContain('matrix')
    expect(log[0]).toMatch(/^req_\w+ Error: the matrix fell over\n +at /)
    const stream = await client.chat.completions.create({ ...valid, stream: true })
    await expect(
      (async () => {
        for await (const _ of stream);
      })(),
    ).rejects.toMatchObject({ code: 'internal_error' })
    expect(log.at(-1)).toMatch(/ 500 /)
  })
})
