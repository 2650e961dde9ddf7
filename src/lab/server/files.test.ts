import { spawnSync } from 'node:child_process'
import { linkSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { scratch } from '../../experiment/testing/comparable.ts'
import { testLab, walked, write } from './testing/lab.ts'

const page = scratch()
const lab = testLab({ page })
const { root, get } = lab
const secret = 'the secret'
const at = (path: string) => get(`/api/runs/walk/one/files/${path}`)

beforeAll(async () => {
  const folder = await walked(root, 'one')
  write(join(root, '..', 'secret.txt'), secret)
  write(join(root, 'walk', 'two', 'run.json'), secret)
  write(join(root, '.quire', 'hidden', 'run.json'), secret)
  symlinkSync(join(root, '..', 'secret.txt'), join(folder, 'artifacts', 'link.txt'))
  symlinkSync(join(root, '..'), join(folder, 'artifacts', 'up'))
  symlinkSync(scratch(), join(root, 'walk', 'linked'))
  symlinkSync(join(root, 'walk', 'two'), join(root, 'walk', 'sideways'))
  mkdirSync(join(root, 'elsewhere'))
  symlinkSync(join(root, 'walk'), join(root, 'also-walk'))
  if (process.platform !== 'win32') spawnSync('mkfifo', [join(folder, 'artifacts', 'pipe')])
  linkSync(join(folder, 'run.json'), join(folder, 'artifacts', 'hard.json'))
  write(join(folder, 'artifacts', 'evil.html'), '<script>alert(1)</script>')
  write(join(folder, 'artifacts', 'evil.svg'), '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
  write(join(folder, 'artifacts', 'a b ü#?.txt'), 'named oddly')
  write(
    join(folder, 'artifacts', 'sound.wav'),
    Uint8Array.from({ length: 1000 }, (_, i) => i % 256),
  )
  write(join(page, 'index.html'), '<!doctype html><title>the page</title>')
  write(join(page, 'assets', 'main-a1b2.js'), `/* ${'x'.repeat(5000)} */`)
  write(join(page, 'icon.svg'), '<svg/>')
})

describe('no file outside a run is served', () => {
  const ways = [
    '../two/run.json',
    '..%2ftwo%2frun.json',
    '%2e%2e/two/run.json',
    '%2e%2e%2ftwo%2frun.json',
    '..%252ftwo%252frun.json',
    '..%5ctwo%5crun.json',
    'artifacts/../../two/run.json',
    'artifacts%2f..%2f..%2ftwo%2frun.json',
    '/etc/passwd',
    '%2fetc%2fpasswd',
    '//etc/passwd',
    'artifacts//etc/passwd',
    './run.json/../../two/run.json',
    'run.json%00.txt',
    '%00',
    'artifacts/link.txt',
    'artifacts/up/secret.txt',
    'artifacts/up/runs/walk/two/run.json',
    'artifacts',
    'artifacts/',
    '',
    '%',
    '%ff',
    '%c0%ae%c0%ae/two/run.json',
    'artifacts/pipe',
    'none.txt',
    'file:///etc/passwd',
    'a'.repeat(5000),
  ]
  test.each(ways)('%s', async (way) => {
    const response = await at(way)
    const text = await response.text()
    expect(text).not.toContain(secret)
    expect(text).not.toContain('root:')
    expect([400, 404]).toContain(response.status)
    expect(JSON.parse(text).error.message).toBeTruthy()
  })

  test.each([
    'walk/linked',
    'walk/sideways',
    'also-walk/one',
    '.quire/hidden',
    '..%2f/one',
    '%2e%2e/x',
    '-/..%2f',
    'walk/%00',
    '-/elsewhere%2f..',
    'walk/.',
  ])('nor of what is no run below the folder: %s', async (path) => {
    for (const rest of ['', '/files/run.json', '/events']) {
      const response = await get(`/api/runs/${path}${rest}`)
      expect([400, 404]).toContain(response.status)
      expect(await response.text()).not.toContain(secret)
    }
    expect([400, 404]).toContain((await lab.post(`/api/runs/${path}/stop`)).status)
    expect([400, 404]).toContain((await lab.post(`/api/runs/${path}/resume`)).status)
  })

  test.each(['..%2f..%2f/x.svg', 'ramda/..%2f..%2fsecret.txt', '..%2f../figures/secret.txt'])('nor beside figures: %s', async (path) => {
    const [name, file = ''] = path.split('/')
    expect([400, 404]).toContain((await get(`/api/papers/${name}/figures/${file}`)).status)
  })

  test.each([
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e%2fsecret.txt',
    '/%00.js',
    '/.env.js',
    '/assets/.hidden.js',
    '/ort/..%2fpackage.json',
    '/ort/package.json',
  ])('nor beside the page: %s', async (path) => {
    const response = await get(path)
    expect([400, 404]).toContain(response.status)
  })
})

describe('a file of a run', () => {
  test('is its bytes, under the name that it has', async () => {
    const response = await at(`artifacts/${encodeURIComponent('a b ü#?.txt')}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await response.text()).toBe('named oddly')
  })

  test.each(['artifacts/evil.html', 'artifacts/evil.svg', 'artifacts/place.svg', 'run.json'])(
    '%s runs no script, whoever opens it',
    async (path) => {
      const { headers, status } = await at(path)
      expect(status).toBe(200)
      const policy = headers.get('content-security-policy')!
      expect(policy).toMatch(/^sandbox; default-src 'none';/)
      expect(policy).not.toContain('script-src')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    },
  )

  test('the report may run its script, cut off from the lab', async () => {
    const policy = (await at('report.html')).headers.get('content-security-policy')!
    expect(policy).toContain('sandbox allow-scripts;')
    expect(policy).not.toMatch(/allow-same-origin|connect-src|allow-top/)
  })

  test('is sent in parts to whoever asks for parts', async () => {
    const part = async (range: string) => {
      const response = await get('/api/runs/walk/one/files/artifacts/sound.wav', { range })
      return [response.status, response.headers.get('content-range'), (await response.arrayBuffer()).byteLength]
    }
    expect(await part('bytes=10-19')).toEqual([206, 'bytes 10-19/1000', 10])
    expect(await part('bytes=990-')).toEqual([206, 'bytes 990-999/1000', 10])
    expect(await part('bytes=-5')).toEqual([206, 'bytes 995-999/1000', 5])
    expect(await part('bytes=990-5000')).toEqual([206, 'bytes 990-999/1000', 10])
    expect(await part('bytes=5000-')).toEqual([200, null, 1000])
    expect(await part('bytes=a-b')).toEqual([200, null, 1000])
  })
})

describe('the page', () => {
  test('is at every address that is no file', async () => {
    for (const path of ['/', '/papers/ramda', '/runs/walk/one', '/compare?run=a&run=b'])
      expect(await (await get(path)).text()).toContain('the page')
  })

  test('has files that are kept for ever by their hashed names, the rest is asked for again', async () => {
    expect((await get('/assets/main-a1b2.js')).headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    const icon = await get('/icon.svg')
    expect(icon.headers.get('cache-control')).toBe('no-cache')
    const again = await get('/icon.svg', { 'if-none-match': icon.headers.get('etag')! })
    expect([again.status, await again.text()]).toEqual([304, ''])
    expect((await get('/assets/none.js')).status).toBe(404)
  })

  test('comes with gzip where it is taken', async () => {
    const response = await get('/assets/main-a1b2.js', { 'accept-encoding': 'gzip' })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(bytes.length).toBeLessThan(500)
    expect(gunzipSync(bytes).toString()).toHaveLength(5006)
  })

  test('that is not built says so', async () => {
    const response = await testLab({ page: join(page, 'none') }).get('/')
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ error: { message: 'the page is not built', fix: 'npm run build' } })
  })

  test('finds the WebAssembly of the installed runtime', async () => {
    const response = await get('/ort/ort-wasm-simd-threaded.wasm')
    expect(response.headers.get('content-type')).toBe('application/wasm')
    const head = new Uint8Array((await response.arrayBuffer()).slice(0, 4))
    expect([...head]).toEqual([0, 0x61, 0x73, 0x6d])
    expect((await get('/ort/ort-wasm-simd-threaded.mjs')).headers.get('content-type')).toContain('text/javascript')
  })
})
