import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { InputError } from '../../engine/errors.ts'
import { scratch } from '../testing/comparable.ts'
import { lock, lockHolder } from './lock.ts'

test('one at a time', () => {
  const folder = scratch()
  const release = lock(folder)
  expect(lockHolder(folder)?.pid).toBe(process.pid)
  expect(() => lock(folder)).toThrow(InputError)
  expect(() => lock(folder)).toThrow(`process ${process.pid} on ${hostname()} is working in this run folder`)
  release()
  expect(existsSync(join(folder, 'lock'))).toBe(false)
  lock(folder)()
})

test.each([
  ['of a dead process', () => JSON.stringify({ pid: spawnSync('true').pid, host: hostname() })],
  ['whose process number another one has now', () => JSON.stringify({ pid: process.pid, host: hostname(), born: '1' })],
  ['torn while it was written', () => '{"pid": 1'],
  ['empty', () => ''],
])('a lock %s is taken over', (_, content) => {
  const folder = scratch()
  writeFileSync(join(folder, 'lock'), content())
  expect(lockHolder(folder)).toBeUndefined()
  const release = lock(folder)
  expect(JSON.parse(readFileSync(join(folder, 'lock'), 'utf8')).pid).toBe(process.pid)
  release()
})

test('a lock of another machine is respected', () => {
  const folder = scratch()
  writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: 1, host: 'elsewhere' }))
  expect(() => lock(folder)).toThrow(/process 1 on elsewhere.*remove .*lock/)
})
