import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { describe, expect, test } from 'vitest'
import type { Problem } from '../api.ts'
import { chartClasses, plotRules } from './guard.ts'
import { testLab } from './testing/lab.ts'

const { app, post } = testLab()
const ask = async (url: string, init: RequestInit = {}) => app.fetch(new Request(url, init))

describe('a request is refused', () => {
  test.each(['http://evil.example/api/runs', 'http://127.0.0.1.evil.example:8844/', 'http://169.254.1.1/', 'http://[::ffff:7f00:2]/'])(
    'that was addressed to %s: its name stands for this machine by a trick',
    async (url) => {
      const response = await ask(url)
      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining('127.0.0.1 and localhost alone') } })
    },
  )

  test('whose Host header names another than its first line', async () => {
    expect((await ask('http://127.0.0.1:8844/api/runs', { headers: { host: 'evil.example:8844' } })).status).toBe(403)
    expect((await ask('http://127.0.0.1:8844/api/runs', { headers: { host: '127.0.0.1:8844' } })).status).toBe(200)
  })

  test.each([undefined, 'null', 'http://evil.example', 'http://127.0.0.1:1', 'https://127.0.0.1:8844', 'http://localhost:8844'])(
    'that posts from the origin %s',
    async (origin) => {
      const headers = { 'content-type': 'application/json', ...(origin && { origin }) }
      const response = await ask('http://127.0.0.1:8844/api/runs', { method: 'POST', headers, body: '{}' })
      expect(response.status).toBe(403)
    },
  )

  test('that reads from another origin', async () => {
    expect((await ask('http://127.0.0.1:8844/api/runs', { headers: { origin: 'http://evil.example' } })).status).toBe(403)
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain; application/json'])(
    'that posts %s, which a form of any page can',
    async (type) => {
      expect((await post('/api/runs', '{}', { 'content-type': type })).status).toBe(415)
    },
  )

  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('that would %s', async (method) => {
    expect((await ask('http://127.0.0.1:8844/api/runs', { method })).status).toBe(403)
  })

  test.each(['', '{', 'null', '[]', '"walk"', '{"method":1}', '{"method":"walk","preset":"small","more":1}'])(
    'whose body is %j, in one line',
    async (body) => {
      const response = await post('/api/runs', body)
      expect(response.status).toBe(400)
      const { error } = (await response.json()) as Problem
      expect(error.message).toBeTruthy()
      expect(JSON.stringify(error)).not.toMatch(/\\n|at .*:\d+:\d+/)
    },
  )
})

test('localhost and 127.0.0.1 are this machine, on any port', async () => {
  for (const url of ['http://localhost:8844/api/runs', 'http://127.0.0.1/api/runs', 'http://localhost:1/api/runs'])
    expect((await ask(url)).status).toBe(200)
})

test('every response, refusals too, keeps the page to itself', async () => {
  const responses = [
    await ask('http://127.0.0.1:8844/api/runs'),
    await ask('http://127.0.0.1:8844/api/none'),
    await ask('http://evil.example/'),
    await post('/api/runs', '{'),
  ]
  for (const { headers } of responses) {
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' /)
    expect(headers.get('content-security-policy')).not.toContain('unsafe-inline')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp')
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
  }
})

test.each(chartClasses)('the rules that Plot puts into a chart of class %s are those that are allowed', (className) => {
  const { document } = parseHTML('<html></html>')
  const named = className === 'plot' ? { className } : {}
  const chart = Plot.plot({ document: document as never, ...named, marks: [Plot.lineY([1, 2])] })
  expect(chart.querySelector('style')!.textContent).toBe(plotRules(className))
})
