import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { InputError } from '../../engine/errors.ts'
import type { LocateOptions } from '../locate.ts'

/* What several tests of this folder need. Not part of the library. */

/** Runs a test in a fresh folder that holds the given files. */
export async function inFolder<T>(files: Record<string, Uint8Array | string>, test: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'quire-data-'))
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), content)
    }
    return await test(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** No network, no environment, and a working folder with nothing beside it, unless a test says so. */
export const closed = (folder: string, more: LocateOptions = {}): LocateOptions => ({
  cwd: `${folder}/work`,
  env: { HOME: folder },
  fetch: () => Promise.reject(new TypeError('fetch failed')),
  ...more,
})

/** Damages good files at random and demands that reading them succeeds or throws an InputError, and nothing else. */
export function expectOnlyInputErrors(good: readonly Uint8Array[], read: (bytes: Uint8Array) => unknown, runs = 1000): void {
  const change = fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'set', 'cut', 'insert', 'remove'))
  const property = fc.property(fc.constantFrom(...good), fc.array(change, { minLength: 1, maxLength: 4 }), (original, changes) => {
    const bytes = Array.from(original)
    for (const [position, value, kind] of changes) {
      const at = position % (bytes.length + 1)
      if (kind === 'set' && at < bytes.length) bytes[at] = value
      if (kind === 'cut') bytes.length = at
      if (kind === 'insert') bytes.splice(at, 0, value)
      if (kind === 'remove') bytes.splice(at, 1)
    }
    try {
      read(Uint8Array.from(bytes))
    } catch (error) {
      if (!(error instanceof InputError)) throw error
    }
  })
  fc.assert(property, { numRuns: runs, interruptAfterTimeLimit: 10_000 })
}

interface ZipOptions {
  deflate?: boolean
  comment?: string
  method?: number
  flags?: number
}

/** A ZIP file, put together from the published layout. As NumPy does, the local headers hold no sizes. */
export function zip(
  members: Record<string, Uint8Array>,
  { deflate = false, comment = '', method, flags = 0 }: ZipOptions = {},
): Uint8Array {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  for (const [name, content] of Object.entries(members)) {
    const packed = deflate ? deflateRawSync(content) : Buffer.from(content)
    const offset = parts.reduce((sum, part) => sum + part.length, 0)
    const code = method ?? (deflate ? 8 : 0)
    parts.push(
      record(30, [
        [0, 4, 0x04034b50],
        [4, 2, 20],
        [6, 2, flags],
        [8, 2, code],
        [26, 2, name.length],
      ]),
      Buffer.from(name),
      packed,
    )
    const fields: Field[] = [
      [0, 4, 0x02014b50],
      [8, 2, flags],
      [10, 2, code],
      [16, 4, crc32(content)],
      [20, 4, packed.length],
    ]
    directory.push(record(46, [...fields, [24, 4, content.length], [28, 2, name.length], [42, 4, offset]]), Buffer.from(name))
  }
  const body = Buffer.concat(parts)
  const central = Buffer.concat(directory)
  const count = Object.keys(members).length
  const end: Field[] = [
    [0, 4, 0x06054b50],
    [8, 2, count],
    [10, 2, count],
    [12, 4, central.length],
    [16, 4, body.length],
    [20, 2, comment.length],
  ]
  return Buffer.concat([body, central, record(22, end), Buffer.from(comment)])
}

type Field = [offset: number, width: number, value: number]

function record(size: number, fields: Field[]): Buffer {
  const buffer = Buffer.alloc(size)
  for (const [offset, width, value] of fields) buffer.writeUIntLE(value, offset, width)
  return buffer
}

/** A USTAR archive of these files, as GNU tar writes it; names over 100 characters by its 'L' entries. */
export function tar(files: Record<string, Uint8Array>): Uint8Array {
  const entry = (name: string, content: Uint8Array, type: string): Uint8Array[] => {
    const header = Buffer.alloc(512)
    header.write(name.slice(0, 100), 0)
    for (const [at, text] of [
      [100, '0000644\0'],
      [108, '0000000\0'],
      [116, '0000000\0'],
      [124, `${content.length.toString(8).padStart(11, '0')}\0`],
      [136, '00000000000\0'],
      [148, ' '.repeat(8)],
      [156, type],
      [257, 'ustar\x0000'],
    ] as const)
      header.write(text, at)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return [header, content, new Uint8Array((512 - (content.length % 512)) % 512)]
  }
  const parts = Object.entries(files).flatMap(([name, content]) => [
    ...(name.length > 100 ? entry('././@LongLink', new TextEncoder().encode(`${name}\0`), 'L') : []),
    ...entry(name, content, '0'),
  ])
  return Buffer.concat([...parts, new Uint8Array(1024)])
}
