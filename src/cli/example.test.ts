import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Verb } from '../methods/method.ts'
import { exampleHelp, exampleLines } from './example.ts'
import { requireFilePlace, requirePlace } from './outputs.ts'

const verbs = [
  ['fit', 'quire walk fit digits.csv --out runs/walk'],
  ['cut', 'quire walk cut runs/walk --onnx small.onnx'],
  ['try', 'quire walk try small.onnx --data digits/'],
  ['list', 'quire walk list'],
].map(([name, example]) => ({ name, example }) as Verb)

test('before an example stand the samples and the examples of other verbs that write what it reads', () => {
  expect(exampleLines(verbs, verbs[2])).toEqual([
    'quire sample digits/',
    'quire sample digits.csv',
    verbs[0].example,
    verbs[1].example,
    verbs[2].example,
  ])
  expect(exampleLines(verbs, verbs[3])).toEqual([verbs[3].example])
  expect(exampleHelp(verbs, verbs[3])).toBe('\nExample: quire walk list')
})

test('verbs that read what each other write do not go round in circles', () => {
  const circle = ['quire a b x --out y', 'quire a c y --out x'].map((example) => ({ example }) as Verb)
  expect(exampleLines(circle, circle[0])).toEqual([circle[1].example, circle[0].example])
})

test('a place for results is refused before any work where it cannot be one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quire-place-'))
  writeFileSync(join(folder, 'file'), '')
  requirePlace(folder, '--out')
  requirePlace(join(folder, 'not', 'yet', 'there'), '--out')
  for (const [path, message] of [
    ['', /--out: no folder is named; give a folder/],
    [join(folder, 'file'), /file is a file/],
    [join(folder, 'file', 'x'), /cannot be used \(ENOTDIR\)/],
    [join(folder, 'x'.repeat(5000)), /cannot be used \(ENAMETOOLONG\)/],
  ] as const)
    expect(() => requirePlace(path, '--out')).toThrow(message)
})

test('a file for results may be there already, a folder may not stand in its place', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quire-place-'))
  writeFileSync(join(folder, 'file'), '')
  requireFilePlace(join(folder, 'file'), '--out')
  requireFilePlace(join(folder, 'not', 'yet', 'there'), '--out')
  expect(() => requireFilePlace(folder, '--out')).toThrow(/is a folder; give a file/)
  expect(() => requireFilePlace(join(folder, 'file', 'x'), '--out')).toThrow(/file is a file/)
  expect(() => requireFilePlace(' ', '--out')).toThrow(/no folder is named/)
})
