import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { makeReport } from '../report/report.ts'
import { scratch } from '../testing/comparable.ts'
import { walk } from '../testing/walk.ts'
import { damageOf, evidenceDamage, readManifest, renewManifest } from './manifest.ts'
import { runExperiment } from './run.ts'

let folder = ''

beforeEach(async () => {
  folder = (await runExperiment(walk(), { preset: 'smoke', folder: join(scratch(), 'run') })).folder
})

const damage = () => damageOf(folder, readManifest(folder)!).map(({ path, what }) => `${what} ${path}`)
const at = (path: string) => join(folder, path)

test('a run that came to its end is whole', () => {
  expect(damage()).toEqual([])
  const paths = readManifest(folder)!.files.map(({ path }) => path)
  expect(paths).toEqual(
    expect.arrayContaining([
      'run.json',
      'metrics.jsonl',
      'report.json',
      'report.html',
      'units/straight_walk--seed-0.json',
      'artifacts/ideal--seed-0/place.txt',
      'checkpoints/straight_walk--seed-0--step-000000005.safetensors',
    ]),
  )
  expect(paths).not.toContain('lock')
})

test('the SHA-256 is the one that sha256sum finds', () => {
  // sha256sum of the one byte 5
  const entry = readManifest(folder)!.files.find(({ path }) => path === 'artifacts/ideal--seed-0/place.txt')!
  expect(readFileSync(at(entry.path), 'utf8')).toBe('5')
  expect(entry).toMatchObject({ bytes: 1, sha256: 'ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d' })
})

test.each<[string, () => void, string]>([
  ['one bit', () => flip('units/straight_walk--seed-0.json'), 'changed units/straight_walk--seed-0.json'],
  ['an end cut off', () => truncateSync(at('report.html'), 100), 'changed report.html'],
  ['a line more', () => appendFileSync(at('metrics.jsonl'), '\n'), 'changed metrics.jsonl'],
  ['a file lost', () => rmSync(at('artifacts/ideal--seed-0/place.txt')), 'lost artifacts/ideal--seed-0/place.txt'],
  ['a file more', () => writeFileSync(at('units/x.json'), '{}'), 'added units/x.json'],
])('%s is told by name', (_, spoil, expected) => {
  spoil()
  expect(damage()).toEqual([expected])
})

function flip(path: string): void {
  const bytes = readFileSync(at(path))
  bytes[bytes.length >> 1] ^= 1
  writeFileSync(at(path), bytes)
}

test('a report made again is whole; evidence that was changed stays known', async () => {
  writeFileSync(at('report.md'), 'mine')
  await makeReport(walk(), folder)
  renewManifest(folder)
  expect(damage()).toEqual([])
  appendFileSync(at('metrics.jsonl'), '\n')
  await makeReport(walk(), folder)
  renewManifest(folder)
  expect(evidenceDamage(folder)).toEqual([{ path: 'metrics.jsonl', what: 'changed' }])
})

test('a damaged manifest is an input error', () => {
  truncateSync(at('manifest.json'), 50)
  expect(() => readManifest(folder)).toThrow(/manifest\.json is damaged/)
})

test('an interrupted run has none', () => {
  rmSync(at('manifest.json'))
  expect(readManifest(folder)).toBeUndefined()
})
