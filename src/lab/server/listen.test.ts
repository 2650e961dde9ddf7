import { connect } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { lock } from '../../experiment/run/lock.ts'
import { scratch } from '../../experiment/testing/comparable.ts'
import { listenLab, type RunningLab } from './listen.ts'
import { testLab, unfinished, walked, walkMethod, write } from './testing/lab.ts'

/* What a function from requests to responses does not show: sockets, and requests that no browser would send. */

const { root } = testLab()
const page = scratch()
let lab: RunningLab
let port: number

beforeAll(async () => {
  await walked(root, 'one')
  write(join(page, 'index.html'), 'the page')
  lab = await listenLab({ root, methods: [walkMethod], papers: [], command: ['none'], page, port: 0 })
  port = Number(new URL(lab.url).port)
  return () => lab.close()
})

/** Bytes on a socket, and all that comes back. */
const raw = (...lines: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    connect(port, '127.0.0.1')
      .on('data', (bytes) => (text += bytes))
      .on('close', () => resolve(text))
      .on('error', reject)
      .write(lines.join('\r\n'))
  })

const request = (first: string, headers: readonly string[], body = '') => raw(first, ...headers, 'connection: close', '', body)
const here = () => `host: 127.0.0.1:${port}`
const posted = () => [here(), `origin: ${lab.url}`, 'content-type: application/json']
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])

test('a POST without a body is answered', async () => {
  const answer = await request('POST /api/runs/walk/one/stop HTTP/1.1', posted())
  expect(statusOf(answer)).toBe(409)
  expect(answer).toContain('nobody is working on it')
  expect(statusOf(await request('POST /api/runs HTTP/1.1', [...posted(), 'content-length: 0']))).toBe(400)
})

test.each([
  ['that is too large', ['content-length: 100001'], 413],
  ['that does not say how long it is', ['transfer-encoding: chunked'], 411],
  ['with two lengths', ['content-length: 2', 'content-length: 3'], 400],
])('a POST %s is refused', async (_, headers, status) => {
  expect(statusOf(await request('POST /api/runs HTTP/1.1', [...posted(), ...headers], '2\r\n{}\r\n0\r\n\r\n'))).toBe(status)
})

describe('nothing is told to a request', () => {
  test.each(['host: evil.example', 'host: 127.0.0.1.evil.example', 'host: evil.example:80@127.0.0.1', 'host: [::1]', 'host: '])(
    'with %j',
    async (host) => {
      const answer = await request('GET /api/runs HTTP/1.1', [host])
      expect([400, 403]).toContain(statusOf(answer))
      expect(answer).not.toContain('walk/one')
    },
  )

  test('with a whole address of elsewhere in its first line', async () => {
    expect(statusOf(await request('GET http://evil.example/api/runs HTTP/1.1', [here()]))).toBe(403)
    expect(statusOf(await request(`GET http://127.0.0.1:${port}/api/runs HTTP/1.1`, ['host: evil.example']))).toBe(403)
  })

  test.each([
    '/api/runs/walk/one/files/../../../../../etc/passwd',
    '/../../../etc/passwd',
    '/api/runs/walk/one/files/..\\..\\x',
    '//etc/passwd',
    '/ort/../package.json',
  ])('for what is beside the runs or the page: %s, as it stands on the wire', async (path) => {
    const answer = await request(`GET ${path} HTTP/1.1`, [here()])
    expect(statusOf(answer) === 200 ? answer : 'the page').toContain('the page')
    expect([200, 400, 404]).toContain(statusOf(answer))
    expect(answer).not.toMatch(/root:|"dependencies"/)
  })
})

test('no other address of this machine is listened on', async () => {
  const other = connect(port, '127.0.0.2')
  await expect(new Promise((resolve, reject) => other.on('connect', resolve).on('error', reject))).rejects.toThrow('ECONNREFUSED')
})

test('a stream comes as it is made; a reader that leaves, and a lab that ends, end it', async () => {
  const own = await listenLab({ root, methods: [walkMethod], papers: [], command: ['none'], port: 0 })
  const release = lock(unfinished(await walked(root, 'working')))
  onTestFinished(release)
  const leaving = new AbortController()
  const first = await fetch(`${own.url}/api/runs/walk/working/events`, { signal: leaving.signal })
  const reader = first.body!.getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toContain('"kind":"observations"')
  leaving.abort()
  const second = await fetch(`${own.url}/api/runs/walk/working/events`)
  const rest = second.text().catch(() => 'cut')
  await own.close()
  expect(await rest).toBe('cut')
  await expect(fetch(own.url)).rejects.toThrow()
})
