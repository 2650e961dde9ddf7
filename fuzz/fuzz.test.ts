import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { InputError } from '../src/engine/errors.ts'
import { campaign } from './campaign.ts'
import { collectGarbage, tryCase } from './case.ts'
import { type Reader, readers } from './readers.ts'

const found = join(import.meta.dirname, 'found')
const foundFor = (name: string): string[] => (existsSync(join(found, name)) ? readdirSync(join(found, name)) : [])

describe.each(readers)('$name', (reader) => {
  test('takes damaged files as it should', async () => expect((await campaign(reader, { cases: 200, seed: 2 })).found).toBeUndefined())

  const files = foundFor(reader.name)
  if (files.length > 0)
    test.each(files)(
      'takes %s, which was found once',
      async (file) => void (await tryCase(reader, readFileSync(join(found, reader.name, file)))),
    )
})

test('what was found belongs to a reader', () => {
  for (const name of existsSync(found) ? readdirSync(found) : []) expect(readers.map((reader) => reader.name)).toContain(name)
})

describe('a reader is found out that', () => {
  const toy = (read: Reader['read']): Reader => ({ name: 'toy', good: async () => [new Uint8Array(64).fill(1)], read })
  const refuse = (what: string) => {
    throw new InputError(what, { where: 'toy' })
  }
  const unlike = (bytes: Uint8Array): boolean => bytes[9] !== 1

  test.each<[string, string, Reader['read']]>([
    ['breaks', 'not iterable', (bytes) => unlike(bytes) && [...(undefined as unknown as [])]],
    ['says no place', 'says no place', (bytes) => unlike(bytes) && refuse('is damaged')],
    [
      'names no file',
      'names no file',
      (bytes) => {
        if (unlike(bytes)) throw new InputError('byte 9: not 1')
      },
    ],
    ['believes a size', 'bytes of memory', (bytes) => unlike(bytes) && new Uint8Array(2 ** 27)],
    ['takes long', 'took 1.', (bytes) => unlike(bytes) && new Promise((resolve) => setTimeout(resolve, 1100))],
  ])('%s', async (_, message, read) => {
    // Of the tests before: what is freed meanwhile would hide what the reader takes.
    collectGarbage()
    const error = await tryCase(toy(read), new Uint8Array(64)).then(
      () => 'taken as it should be',
      (error: Error) => error.message,
    )
    expect(error).toContain(message)
  })

  test('and one damage is kept, the others are taken back', async () => {
    const { found } = await campaign(
      toy((bytes) => unlike(bytes) && refuse('is damaged')),
      { cases: 500, seed: 3 },
    )
    expect(found?.error).toContain('says no place')
    expect([...found!.bytes].filter((byte) => byte !== 1).length).toBeLessThanOrEqual(16)
  })

  test('or refuses a good file', async () => {
    await expect(
      campaign(
        toy(() => refuse('byte 0: no')),
        { cases: 1, seed: 1 },
      ),
    ).rejects.toThrow('refuses a good file')
  })
})
