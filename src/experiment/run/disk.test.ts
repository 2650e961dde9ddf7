import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { InputError } from '../../engine/errors.ts'
import { scratch } from '../testing/comparable.ts'
import { failAt, mend } from '../testing/faults.ts'
import { makeFolder, operations, readJson, writeAtomically } from './disk.ts'

afterEach(mend)

test('writes, and leaves nothing else behind', () => {
  const folder = scratch()
  writeAtomically(join(folder, 'a.txt'), 'one')
  writeAtomically(join(folder, 'a.txt'), new TextEncoder().encode('two'))
  expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('two')
  expect(readdirSync(folder)).toEqual(['a.txt'])
})

test('syncs the content before the name appears, and the folder after', () => {
  const order: string[] = []
  for (const name of Object.keys(operations) as (keyof typeof operations)[]) {
    const original = operations[name] as (...given: unknown[]) => unknown
    operations[name] = ((...given: unknown[]) => {
      order.push(name)
      return original(...given)
    }) as never
  }
  writeAtomically(join(scratch(), 'a.txt'), 'x')
  expect(order).toEqual(['open', 'write', 'sync', 'close', 'rename', 'open', 'sync', 'close'])
})

test('goes on after a short write', () => {
  const path = join(scratch(), 'a.txt')
  const write = operations.write
  operations.write = ((file: number, bytes: Uint8Array, at: number) => write(file, bytes, at, 1)) as typeof operations.write
  writeAtomically(path, 'many bytes')
  expect(readFileSync(path, 'utf8')).toBe('many bytes')
})

describe('a fault at any moment leaves the old file whole', () => {
  const moments = ['open', 'write', 'sync', 'close', 'rename']
  test.each(moments.map((_, i) => i + 1))('operation %d', (k) => {
    const folder = scratch()
    const path = join(folder, 'a.txt')
    writeFileSync(path, 'old')
    failAt(k, 'ENOSPC')
    expect(() => writeAtomically(path, 'new')).toThrow(InputError)
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(['a.txt'])
  })
})

test('says what to do when the disk is full', () => {
  failAt(2, 'ENOSPC')
  expect(() => writeAtomically(join(scratch(), 'a'), 'x')).toThrow(/cannot be used \(ENOSPC\); free some disk space/)
})

test('a folder with a name of one letter is made in the working folder, and what holds it is synced', () => {
  const home = process.cwd()
  process.chdir(scratch())
  try {
    makeFolder('a')
    makeFolder(join('b', 'c'))
    expect(readdirSync('.').sort()).toEqual(['a', 'b'])
    expect(readdirSync('b')).toEqual(['c'])
  } finally {
    process.chdir(home)
  }
})

test('a defect stays a defect', () => {
  failAt(1, 'EBADF')
  expect(() => writeAtomically(join(scratch(), 'a'), 'x')).not.toThrow(InputError)
})

test('torn and missing JSON is undefined', () => {
  const folder = scratch()
  writeFileSync(join(folder, 'torn.json'), '{"a": 1')
  expect(readJson(join(folder, 'torn.json'))).toBeUndefined()
  expect(readJson(join(folder, 'none.json'))).toBeUndefined()
})
