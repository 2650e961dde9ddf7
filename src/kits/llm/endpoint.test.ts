import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { listen } from '../lm/server/index.ts'
import { fakeModel, scripted } from '../lm/server/testing/fake-service.ts'
import { EndpointError, type EndpointOptions, openAiEndpoint } from './endpoint.ts'

interface Reply {
  readonly status?: number
  readonly headers?: Record<string, string>
  /** A text is sent as it is; nothing at all closes the connection; `hang` never ends. */
  readonly body?: unknown
  readonly hang?: boolean
}

const good = (content: string) => ({
  model: 'real-name',
  choices: [{ message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
})

interface Seen {
  readonly headers: IncomingHttpHeaders
  readonly body: Record<string, unknown>
}

/** A server that gives one reply after the other, and then the last again. */
async function replies(list: readonly Reply[]) {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    const { status = 200, headers = {}, body, hang } = list[Math.min(seen.length, list.length - 1)]
    seen.push({ headers: request.headers, body: JSON.parse(text) })
    if (body === undefined && !hang) return request.socket.destroy()
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.write(typeof body === 'string' ? body : JSON.stringify(body ?? {}))
    if (!hang) response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { seen, baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` }
}

const ask = [{ role: 'user' as const, content: 'Is it good?' }]
const error = (status: number, code = 'x', headers = {}): Reply => ({
  status,
  headers,
  body: { error: { message: `failed ${status}`, code } },
})

async function asking(list: readonly Reply[], options: Partial<EndpointOptions> = {}) {
  const { seen, baseURL } = await replies(list)
  return { seen, baseURL, endpoint: openAiEndpoint({ baseURL, model: 'judge', backoff: 1, ...options }) }
}

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'quire-endpoint-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

describe('an answer', () => {
  test('is asked for as the options say, and read', async () => {
    const { seen, endpoint } = await asking([{ body: good('yes') }])
    const options = { temperature: 0, topP: 0.9, maxTokens: 5, seed: 3, stop: ['.'], json: true, extra: { reasoning_effort: 'low' } }
    expect(await endpoint.complete(ask, options)).toEqual({
      text: 'yes',
      finish: 'stop',
      model: 'real-name',
      usage: { prompt: 3, completion: 2 },
      isKept: false,
    })
    expect(seen[0].body).toEqual({
      model: 'judge',
      messages: ask,
      temperature: 0,
      top_p: 0.9,
      max_tokens: 5,
      seed: 3,
      stop: ['.'],
      response_format: { type: 'json_object' },
      reasoning_effort: 'low',
      stream: false,
    })
  })

  test('comes from our own server, and is the same for the same seed', async () => {
    const server = await listen(fakeModel({ model: scripted('abcdef') }), { port: 0 })
    onTestFinished(() => server.close())
    const endpoint = openAiEndpoint({ baseURL: `${server.url}/v1`, model: 'fake' })
    expect(await endpoint.complete(ask, { maxTokens: 4, seed: 1 })).toMatchObject({ text: 'abcd', finish: 'length' })
    await expect(endpoint.complete(ask, { json: true })).rejects.toMatchObject({ status: 400 })
  })
})

describe('keys', () => {
  test('come from the environment, go into the header, and nowhere else', async () => {
    vi.stubEnv('JUDGE_KEY', 'sk-secret')
    vi.stubEnv('OPENAI_API_KEY', 'sk-other')
    vi.stubEnv('OPENAI_ORG_ID', 'org-other')
    onTestFinished(() => void vi.unstubAllEnvs())
    const cache = folder()
    const refused = { status: 401, body: { error: { message: 'Incorrect API key provided: sk-secret' } } }
    const { seen, endpoint } = await asking([{ body: good('yes') }, refused], { apiKeyEnv: 'JUDGE_KEY', cache })
    await endpoint.complete(ask)
    expect(seen[0].headers.authorization).toBe('Bearer sk-secret')
    expect(seen[0].headers['openai-organization']).toBeUndefined()
    const [file] = readdirSync(cache)
    expect(readFileSync(join(cache, file), 'utf8')).not.toContain('sk-secret')
    const failure = await endpoint.complete(ask, { draw: 1 }).catch((reason) => reason)
    expect(failure).toBeInstanceOf(EndpointError)
    expect(failure.status).toBe(401)
    expect(JSON.stringify([failure.message, failure.stack, failure.cause])).not.toContain('sk-secret')
  })

  test('are not sent where none is named', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-other')
    onTestFinished(() => void vi.unstubAllEnvs())
    const { seen, endpoint } = await asking([{ body: good('yes') }])
    await endpoint.complete(ask)
    expect(seen[0].headers.authorization).toBeUndefined()
  })

  test('that are missing are asked for before anything is sent', () => {
    expect(() => openAiEndpoint({ baseURL: 'http://127.0.0.1:1/v1', model: 'm', apiKeyEnv: 'QUIRE_NO_SUCH_KEY' })).toThrow(
      'QUIRE_NO_SUCH_KEY: the environment variable is not set',
    )
  })

  test.each(['nowhere', 'file:///etc', 'http://user:pass@host/v1', 'http://host/v1?key=1'])('%s is no address', (baseURL) => {
    expect(() => openAiEndpoint({ baseURL, model: 'm' })).toThrow(/address|http/)
  })
})

describe('what passes is tried again', () => {
  test.each([
    ['too many requests', error(429)],
    ['a broken server', error(500)],
    ['a server that is being restarted', error(503)],
    ['a conflict', error(409)],
    ['a connection that ends', {}],
    ['a body that is cut', { body: '{"choices": [' }],
    ['no choices', { body: {} }],
    ['no text', { body: { choices: [{ message: { content: null }, finish_reason: 'stop' }] } }],
    ['no reason', { body: { choices: [{ message: { content: 'yes' } }] } }],
    ['a page for people', { body: '<html>', headers: { 'content-type': 'text/html' } }],
  ] satisfies [string, Reply][])('%s', async (_, reply) => {
    const { seen, endpoint } = await asking([reply, reply, { body: good('yes') }])
    expect((await endpoint.complete(ask)).text).toBe('yes')
    expect(seen).toHaveLength(3)
  })

  test('an answer that hangs after its headers', async () => {
    const { seen, endpoint } = await asking([{ hang: true }, { body: good('yes') }], { timeout: 1500 })
    expect((await endpoint.complete(ask)).text).toBe('yes')
    expect(seen).toHaveLength(2)
  })

  test('as long as the other side asks to wait', async () => {
    const { endpoint } = await asking([
      error(429, 'x', { 'retry-after-ms': '120' }),
      error(503, 'x', { 'retry-after': '0.12' }),
      { body: good('yes') },
    ])
    const begun = performance.now()
    await endpoint.complete(ask)
    expect(performance.now() - begun).toBeGreaterThanOrEqual(235)
  })

  test('so often, and then the last reason is told', async () => {
    const { seen, endpoint, baseURL } = await asking([error(500), error(503)], { attempts: 3 })
    const failure = await endpoint.complete(ask).catch((reason) => reason)
    expect(failure).toMatchObject({ name: 'EndpointError', status: 503, message: `${baseURL}: no answer: 503 failed 503` })
    expect(seen).toHaveLength(3)
  })
})

describe('what does not pass is not', () => {
  test.each([400, 401, 403, 404, 413, 422])('%i', async (status) => {
    const { seen, endpoint } = await asking([error(status), { body: good('yes') }])
    await expect(endpoint.complete(ask)).rejects.toMatchObject({ status })
    expect(seen).toHaveLength(1)
  })

  test('an account without money', async () => {
    const { seen, endpoint } = await asking([error(429, 'insufficient_quota'), { body: good('yes') }])
    await expect(endpoint.complete(ask)).rejects.toMatchObject({ status: 429 })
    expect(seen).toHaveLength(1)
  })

  test('what the caller gave up', async () => {
    const { seen, endpoint } = await asking([error(500)], { backoff: 60_000, attempts: 100 })
    const controller = new AbortController()
    const answer = endpoint.complete(ask, { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 50)
    await expect(answer).rejects.toThrow('enough')
    expect(seen.length).toBeLessThan(100)
  })
})

describe('answers are kept', () => {
  test('by what was asked: whoever asks the same is given the same, and nobody else', async () => {
    const cache = folder()
    const { seen, endpoint, baseURL } = await asking(
      [{ body: good('one') }, { body: good('two') }, { body: good('three') }, { body: good('four') }],
      { cache },
    )
    const first = await endpoint.complete(ask, { temperature: 1, seed: 2 })
    expect(await endpoint.complete(ask, { seed: 2, temperature: 1 })).toEqual({ ...first, isKept: true })
    const again = openAiEndpoint({ baseURL, model: 'judge', cache })
    expect((await again.complete(ask, { temperature: 1, seed: 2 })).isKept).toBe(true)
    expect((await endpoint.complete(ask, { temperature: 1, seed: 3 })).text).toBe('two')
    expect((await endpoint.complete(ask, { temperature: 1, seed: 2, draw: 1 })).text).toBe('three')
    expect((await openAiEndpoint({ baseURL, model: 'other', cache }).complete(ask, { temperature: 1, seed: 2 })).text).toBe('four')
    expect(seen).toHaveLength(4)
    expect(readdirSync(cache).every((name) => /^[0-9a-f]{64}\.json$/.test(name))).toBe(true)
  })

  test('but not failures, and a file that is damaged counts as none', async () => {
    const cache = folder()
    const { seen, endpoint } = await asking([error(400), { body: good('yes') }, { body: good('no') }], { cache })
    await expect(endpoint.complete(ask)).rejects.toThrow()
    expect(readdirSync(cache)).toEqual([])
    await endpoint.complete(ask)
    const file = join(cache, readdirSync(cache)[0])
    const whole = readFileSync(file, 'utf8')
    for (const damaged of ['', whole.slice(0, -20), whole.replace('"yes"', '7'), whole.replace('Is it good', 'Is it bad')]) {
      writeFileSync(file, damaged)
      expect((await endpoint.complete(ask)).isKept).toBe(false)
    }
    expect((await endpoint.complete(ask)).isKept).toBe(true)
    expect(seen).toHaveLength(6)
  })

  test('where they can be: else it is said before anything is asked', () => {
    const file = join(folder(), 'file')
    writeFileSync(file, '')
    expect(() => openAiEndpoint({ baseURL: 'http://127.0.0.1:1/v1', model: 'm', cache: file })).toThrow(`${file}: answers cannot be kept`)
  })
})

test('no more requests than allowed are under way', async () => {
  let [now, most] = [0, 0]
  const fetch = async () => {
    most = Math.max(most, ++now)
    await new Promise((resolve) => setTimeout(resolve, 5))
    now--
    return Response.json(good('yes'))
  }
  const endpoint = openAiEndpoint({ baseURL: 'http://localhost/v1', model: 'm', concurrency: 3, fetch })
  await Promise.all(Array.from({ length: 20 }, () => endpoint.complete(ask)))
  expect(most).toBe(3)
})
