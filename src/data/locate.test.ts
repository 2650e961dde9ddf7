import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { parseCsv } from './csv.ts'
import { download } from './download.ts'
import { readContent, sha256 } from './files.ts'
import { cacheFolder, locate } from './locate.ts'
import { adultSource, mnistSource, type Source, tinyShakespeareSource, wdbcSource } from './sources.ts'
import { closed, inFolder } from './testing/helpers.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** A data set of two small files, so that finding and downloading are tested without a network and without real data. */
const tiny: Source = {
  name: 'tiny-set',
  folder: 'tiny',
  real: true,
  licence: 'none',
  files: ['one', 'two'].map((content, i) => ({
    names: [`${content}.bin`, `${content}-other.bin`],
    urls: [`https://first.invalid/${content}.gz`, `https://second.invalid/${content}.gz`],
    bytes: content.length,
    sha256: sha256(bytes(content)),
    restore: i === 1 ? (downloaded: Uint8Array) => bytes(new TextDecoder().decode(downloaded).trim()) : undefined,
  })),
}

const answers = (by: Record<string, Uint8Array | string>): typeof fetch => {
  return async (url) => {
    const found = by[String(url)]
    return found === undefined ? new Response('no', { status: 404 }) : new Response(found as string)
  }
}

test.each([
  ['the environment, data root', { 'root/tiny/one.bin': 'one', 'root/tiny/two-other.bin.gz': gzipSync('two') }, 'root/tiny'],
  ['the environment, own folder', { 'root/one.bin': 'one', 'root/two.bin': 'two' }, 'root'],
  ['beside the working folder', { 'shared/data/tiny/one.bin': 'one', 'shared/data/tiny/two.bin': 'two' }, 'shared/data/tiny'],
  ['the cache', { '.cache/quire/tiny-set/one.bin': 'one', '.cache/quire/tiny-set/two.bin': 'two' }, '.cache/quire/tiny-set'],
])('a set is found in %s', async (_, files, where) => {
  await inFolder(files as Record<string, string>, async (folder) => {
    const found = await locate(
      tiny,
      closed(folder, { env: { HOME: folder, QUIRE_DATA: `${folder}/root`, XDG_CACHE_HOME: `${folder}/.cache` } }),
    )
    expect(found?.contents.map((content) => Buffer.from(content).toString())).toEqual(['one', 'two'])
    expect(found?.provenance).toEqual({
      name: 'tiny-set',
      real: true,
      source: `${folder}/${where}`,
      sha256: sha256(bytes('onetwo')),
      licence: 'none',
    })
  })
})

test('what the user names comes first and must be there', async () => {
  await inFolder(
    { 'a/one.bin': 'one', 'a/two.bin': 'two', 'b/tiny/one.bin': 'one', 'b/tiny/two.bin': 'two', 'c/one.bin': 'one' },
    async (folder) => {
      for (const data of ['a', 'b', 'b/tiny', 'a/two.bin']) expect(await locate(tiny, { data: `${folder}/${data}` })).toBeDefined()
      await expect(locate(tiny, { data: `${folder}/c` })).rejects.toThrow(
        `${folder}/c: holds no tiny-set: one.bin and two.bin (plain or .gz)`,
      )
      await expect(locate(tiny, { data: `${folder}/none` })).rejects.toThrow('there is no such file or folder')
      expect(await locate(tiny, closed(folder, { data: 'a', cwd: folder }))).toBeDefined()
    },
  )
})

test('a wrong checksum names the file and both sums', async () => {
  await inFolder({ 'one.bin': 'other', 'two.bin': 'two' }, async (folder) => {
    const failure = await locate(tiny, { data: folder }).catch((error) => error)
    expect(failure.name).toBe('InputError')
    for (const part of [`${folder}/one.bin`, sha256(bytes('other')), sha256(bytes('one'))]) expect(failure.message).toContain(part)
  })
})

test('a download is checked, kept in the cache and used from there', async () => {
  await inFolder({}, async (folder) => {
    const lines: string[] = []
    const progress: number[] = []
    const by = {
      'https://first.invalid/one.gz': 'a portal page',
      'https://second.invalid/one.gz': gzipSync('one'),
      'https://first.invalid/two.gz': 'two\n\n',
    }
    const options = { log: (line: string) => lines.push(line), onProgress: ({ received }: { received: number }) => progress.push(received) }
    const first = await locate(tiny, closed(folder, { ...options, fetch: answers(by) }))
    expect(first?.provenance).toMatchObject({ real: true, source: 'https://first.invalid/one.gz' })
    expect(lines.some((line) => line.startsWith('https://first.invalid/one.gz: its content has the SHA-256'))).toBe(true)
    expect(progress.length).toBeGreaterThan(0)
    expect(Buffer.from(await readContent(`${folder}/.cache/quire/tiny-set/two.bin`)).toString()).toBe('two')
    const again = await locate(tiny, closed(folder))
    expect(again?.provenance.source).toBe(`${folder}/.cache/quire/tiny-set`)
  })
})

test('no network, no permission to download, or a server without the file: undefined, and the log says why', async () => {
  await inFolder({}, async (folder) => {
    const lines: string[] = []
    const log = (line: string) => lines.push(line)
    expect(await locate(tiny, closed(folder, { log }))).toBeUndefined()
    expect(lines.join('\n')).toContain('https://second.invalid/one.gz: fetch failed')
    expect(await locate(tiny, closed(folder, { log, fetch: answers({}) }))).toBeUndefined()
    expect(lines.join('\n')).toContain('the server answered 404')
    const never = () => Promise.reject(new Error('must not be called'))
    lines.length = 0
    expect(await locate(tiny, closed(folder, { log, offline: true, fetch: never }))).toBeUndefined()
    expect(await locate(tiny, closed(folder, { log, env: { HOME: folder, QUIRE_OFFLINE: '1' }, fetch: never }))).toBeUndefined()
    expect(lines).toEqual([])
  })
})

test('a server that stays silent or answers without end is given up', async () => {
  const lines: string[] = []
  const silent: typeof fetch = (_, init) =>
    new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)))
  const options = { log: (line: string) => lines.push(line), idleMilliseconds: 20 }
  expect(await download(tiny.files[0], { ...options, fetch: silent })).toBeUndefined()
  expect(lines[0]).toContain('nothing arrived for 0.02 s')
  const endless: typeof fetch = async () =>
    new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(50_000)) }))
  expect(await download(tiny.files[0], { ...options, fetch: endless })).toBeUndefined()
  expect(lines.at(-1)).toContain('larger than the file')
})

test('the cache lies where the platform keeps such files', () => {
  expect(cacheFolder({ HOME: '/h' }, 'linux')).toBe('/h/.cache/quire')
  expect(cacheFolder({ HOME: '/h' }, 'darwin')).toBe('/h/Library/Caches/quire')
  expect(cacheFolder({ HOME: '/h', XDG_CACHE_HOME: '/x' }, 'linux')).toBe('/x/quire')
  expect(cacheFolder({ LOCALAPPDATA: '/l' }, 'win32')).toContain('quire')
})

test('addresses and checksums are complete', () => {
  for (const { names, urls, sha256: sum, bytes } of [mnistSource, tinyShakespeareSource, wdbcSource, adultSource].flatMap(
    ({ files }) => files,
  )) {
    expect(names.length * urls.length * bytes).toBeGreaterThan(0)
    expect(sum).toMatch(/^[0-9a-f]{64}$/)
    expect(urls.every((url) => url.startsWith('https://'))).toBe(true)
  }
})

test('UCI tables are put into the form whose checksum is known', async () => {
  // The same three ways in which copies differ: someone else's header, blanks after commas, blank lines at the end.
  const restored = (source: Source, text: string) => new TextDecoder().decode(source.files[0].restore!(bytes(text)))
  expect(restored(wdbcSource, 'ID,Diagnosis,Size\n1,M,2\n')).toMatch(/^id,diagnosis,radius_mean,.*\n1,M,2\n$/)
  expect(restored(wdbcSource, '1,M,2\r\n')).toMatch(/worst\n1,M,2\n$/)
  expect(restored(adultSource, '39, State-gov, x\n\n')).toMatch(/,income\n39,State-gov,x\n$/)
  await expect(parseCsv(restored(wdbcSource, ''))).rejects.toThrow('no rows')
})
