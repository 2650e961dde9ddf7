import { expect, test } from 'vitest'
import { nearest, unknownName } from './nearest.ts'

const options = ['--preset', '--seeds', '--seed', '--set', '--out', '--resume', '--device', '--json', '--dry-run', '--data']

test.each([
  ['--sedes', '--seeds'],
  ['--pre', '--preset'],
  ['--dryrun', '--dry-run'],
  ['--JSON', '--json'],
  ['--datas', '--data'],
  ['--xyzzy', undefined],
  ['--st', '--set'],
])('%s → %s', (typed, known) => expect(nearest(typed, options)).toBe(known))

test('exchanged letters of a short word', () => expect(nearest('rnu', ['run', 'runs', 'list'])).toBe('run'))
test('names the nearest', () =>
  expect(unknownName('preset', 'smal', ['smoke', 'small']).message).toBe(
    "unknown preset 'smal'; did you mean 'small'? (known: smoke, small)",
  ))
test('lists all where nothing is near', () =>
  expect(unknownName('preset', 'zzz', ['smoke', 'small'], 'run').message).toBe("run: unknown preset 'zzz'; known: smoke, small"))
test('says that there are none', () => expect(unknownName('verb', 'zzz', []).message).toBe("unknown verb 'zzz'; known: none"))
