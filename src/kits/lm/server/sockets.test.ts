import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { start, until } from './testing/client.ts'
import { chain, scripted } from './testing/fake-service.ts'

const request = { model: 'fake', prompt: 'a', max_tokens: 3000 }
const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 5))

/** A request as bytes on a socket, and what comes back. */
function raw(port: number, body: object): { socket: Socket; received: () => string } {
  const json = JSON.stringify(body)
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (bytes) => (text += bytes.toString('latin1')))
  socket.on('error', () => {})
  socket.write(
    `POST /v1/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
  )
  return { socket, received: () => text }
}

describe('events', () => {
  test('are lines of data, each a JSON document of its own, and end with [DONE]', async () => {
    const { server } = await start({ model: scripted('日本語😀\n"é') })
    const response = await fetch(`${server.url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...request, max_tokens: 17, stream: true }),
    })
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const decoder = new TextDecoder('utf-8', { fatal: true })
    let text = ''
    // Each part of the body is whole characters: `stream: true` would hide one that is cut.
    for await (const part of response.body!) text += decoder.decode(part)
    const events = text.split('\n\n')
    expect(events.at(-1)).toBe('')
    expect(events.at(-2)).toBe('data: [DONE]')
    const texts = events.slice(0, -2).map((event) => JSON.parse(/^data: (.*)$/.exec(event)![1]).choices[0].text)
    expect(texts.join('')).toBe('日本語😀\n"é')
    expect(texts).toContain('😀')
  })

  test('keep the connection alive while nothing is generated; clients see nothing of it', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const { server, client } = await start({ model: scripted('abc'), pause: () => held }, { keepAlive: 20 })
    const { socket, received } = raw(server.port, { ...request, max_tokens: 3, stream: true })
    const text = (async () => {
      let all = ''
      for await (const { choices } of await client.completions.create({ ...request, max_tokens: 3, stream: true })) all += choices[0].text
      return all
    })()
    await until(() => received().split(': keep-alive\n\n').length > 3)
    release()
    await until(() => received().includes('data: [DONE]\n\n'))
    expect(await text).toBe('abc')
    socket.destroy()
  })
})

describe('a client that leaves', () => {
  test('in the middle of a stream frees its place for those who wait', async () => {
    const { model, client, log } = await start({ model: scripted('abc'), places: 1, pause: slow })
    const stream = await client.completions.create({ ...request, stream: true })
    const waiting = client.completions.create({ ...request, max_tokens: 3 })
    let chunks = 0
    for await (const _ of stream) if (++chunks === 3) break
    expect((await waiting).choices[0].text).toBe('abc')
    await until(() => model.service.load.running === 0)
    expect(model.service.counts.aborted).toBe(1)
    expect(model.service.counts.tokens).toBeLessThan(100)
    await until(() => log.length === 2)
    expect(log.some((line) => line.startsWith('POST /v1/completions 499 '))).toBe(true)
  })

  test('before its answer is whole, by abort, too', async () => {
    const { model, client } = await start({ model: scripted('abc'), pause: slow })
    const controller = new AbortController()
    const answer = client.completions.create({ ...request, n: 3 }, { signal: controller.signal })
    await until(() => model.service.load.running === 3)
    controller.abort()
    await expect(answer).rejects.toBeInstanceOf(OpenAI.APIUserAbortError)
    await until(() => model.service.load.running === 0)
    expect(model.service.counts.aborted).toBe(3)
  })

  test('while it waits leaves the line', async () => {
    const { model, server, client } = await start({ model: scripted('abc'), places: 1, pause: slow })
    const first = client.completions.create({ ...request, max_tokens: 60 })
    await until(() => model.service.load.running === 1)
    const { socket } = raw(server.port, { ...request, stream: true })
    await until(() => model.service.load.waiting === 1)
    socket.destroy()
    await until(() => model.service.load.waiting === 0)
    expect((await first).choices[0].text).toHaveLength(60)
    await until(() => model.service.load.running === 0)
  })
})

describe('a client that reads nothing', () => {
  /** A token has 8 kB of text, so that few fill the sockets' buffers. */
  const heavy = { model: scripted('abc'), context: 1e9, repeat: 8192 }
  const long = { ...request, max_tokens: 1e8, stream: true }

  test('stops the generator, and costs no memory', async () => {
    const { model, server } = await start(heavy)
    const { socket } = raw(server.port, long)
    socket.pause()
    let last = -1
    // Still, for a whole second: the generator waits for the reader.
    for (let still = 0; still < 10; ) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      still = model.service.counts.tokens === last ? still + 1 : 0
      last = model.service.counts.tokens
    }
    expect(last).toBeGreaterThan(0)
    expect(last).toBeLessThan(10_000)
    const before = last
    socket.resume()
    await until(() => model.service.counts.tokens > before + 100)
    socket.destroy()
    await until(() => model.service.load.running === 0)
  })

  test('is given up after a while, and its place is free', async () => {
    const { model, server, log } = await start({ ...heavy, places: 1 }, { stall: 200 })
    const { socket } = raw(server.port, long)
    socket.pause()
    await until(() => model.service.load.running === 1)
    await until(() => model.service.load.running === 0)
    await until(() => log.length === 1)
    expect(log[0]).toMatch(/ 499 /)
    socket.destroy()
  })
})

describe('the end of the server', () => {
  test('lets what is under way come to its end within the time of grace', async () => {
    const { client, server, model } = await start({ model: scripted('abc'), pause: slow })
    const answer = client.completions.create({ ...request, max_tokens: 30 })
    await until(() => model.service.load.running === 1)
    await Promise.all([server.close(10_000), expect(answer).resolves.toMatchObject({ choices: [{ finish_reason: 'length' }] })])
    await expect(client.models.list()).rejects.toBeInstanceOf(OpenAI.APIConnectionError)
  })

  test('tells streams that they are not whole, and ends them cleanly', async () => {
    const { client, server, model, log } = await start({ model: scripted('abc'), pause: slow })
    const { received, socket } = raw(server.port, { ...request, stream: true })
    const whole = expect(client.completions.create(request)).rejects.toMatchObject({ status: 503, code: 'shutting_down' })
    await until(() => model.service.load.running === 2 && received().includes('"text":"a"'))
    const ended = once(socket, 'close')
    await server.close(0)
    await Promise.all([whole, ended])
    expect(received()).toContain('data: {"error":{"message":"the server is shutting down"')
    expect(received()).not.toContain('[DONE]')
    // The last chunk of the transfer coding: the response is complete, though the text is not.
    expect(received()).toMatch(/\r\n0\r\n\r\n$/)
    await until(() => model.service.load.running === 0)
    expect(log.filter((line) => / 503 /.test(line))).toHaveLength(2)
  })

  test('refuses new requests on connections that are still open', async () => {
    const { server, model } = await start({ model: scripted('abc'), pause: slow })
    const { socket, received } = raw(server.port, { ...request, max_tokens: 30 })
    await until(() => model.service.load.running === 1)
    const ended = once(socket, 'close')
    const closed = server.close(10_000)
    const json = JSON.stringify(request)
    socket.write(
      `POST /v1/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${json.length}\r\n\r\n${json}`,
    )
    await Promise.all([closed, ended])
    expect(received()).toMatch(/HTTP\/1.1 200 OK[\s\S]*HTTP\/1.1 503 /)
  })
})

describe('many at once', () => {
  /** Goes round the alphabet from the prompt's last letter on. */
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  const round = chain(Object.fromEntries(letters.map((letter, i) => [letter, { [letters[(i + 1) % 26]]: 1 }])))
  const expected = (i: number, length: number) => Array.from({ length }, (_, k) => letters[(i + 1 + k) % 26]).join('')

  test('a hundred streams over four places: each gets its own text, in order, to its end', async () => {
    const { client, model, log } = await start({ model: round, places: 4 })
    const stream = async (i: number) => {
      let text = ''
      let finish: string | null = null
      const length = 10 + (i % 30)
      for await (const { choices } of await client.completions.create({
        ...request,
        prompt: letters[i % 26],
        max_tokens: length,
        stream: true,
      })) {
        text += choices[0].text
        finish = choices[0].finish_reason
      }
      expect([text, finish]).toEqual([expected(i, length), 'length'])
    }
    await Promise.all(Array.from({ length: 100 }, (_, i) => stream(i)))
    expect(model.service.counts).toMatchObject({ aborted: 0, most: 4 })
    expect(model.service.load).toEqual({ running: 0, waiting: 0 })
    await until(() => log.length === 100)
    expect(log.every((line) => / 200 /.test(line))).toBe(true)
  })

  test('past the bound they are told to come again, and the client does by itself', async () => {
    const { client, server, model } = await start({ model: round, places: 2, pause: slow }, { queue: 4 })
    const first = Array.from({ length: 4 }, () => client.completions.create({ ...request, max_tokens: 40 }))
    await until(() => model.service.load.running + model.service.load.waiting === 4)
    const error = await client.completions.create(request).catch((reason) => reason)
    expect(error).toBeInstanceOf(OpenAI.RateLimitError)
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded' })
    expect(error.headers.get('retry-after')).toBe('1')
    const patient = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 5 })
    expect((await patient.completions.create({ ...request, max_tokens: 3 })).choices[0].text).toBe('bcd')
    await Promise.all(first)
    await expect(client.completions.create({ ...request, n: 5 })).rejects.toMatchObject({ status: 400 })
  })

  test('the bound is well above a hundred by default', async () => {
    const { client, model } = await start({ model: round, places: 1 })
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, i) => client.completions.create({ ...request, prompt: letters[i % 26], max_tokens: 2 })),
    )
    expect(answers.map(({ choices }) => choices[0].text)).toEqual(answers.map((_, i) => expected(i, 2)))
    expect(model.service.counts.aborted).toBe(0)
  })
})
