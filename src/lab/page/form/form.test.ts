import { expect, test } from 'vitest'
import type { FormField, RunForm } from '../../api.ts'
import { commandOf, fieldProblem, grouped, parseSeeds, presetWords, refusedField, requestOf } from './form.ts'

const field = (kind: FormField['kind'], more: Partial<FormField> = {}): FormField => ({
  key: 'k',
  kind,
  description: { en: '', zh: '' },
  fallback: 1,
  ...more,
})

test.each<[FormField, string, string | undefined]>([
  [field('number'), '1e-3', undefined],
  [field('number'), ' .5 ', undefined],
  [field('number'), '', undefined],
  [field('number'), '1,5', 'This is not a number.'],
  [field('number'), '0x10', 'This is not a number.'],
  [field('number'), 'Infinity', 'This is not a number.'],
  [field('number'), '1e999', 'This is not a number.'],
  [field('number'), '-1e999', 'This is not a number.'],
  [field('number'), 'null', 'This is not a number.'],
  [field('number', { fallback: null }), 'null', undefined],
  [field('json'), 'null', undefined],
  [field('number', { whole: true }), '2.5', 'It must be a whole number.'],
  [field('number', { whole: true }), '2e1', undefined],
  [field('number', { least: 1 }), '0', 'It must be at least 1.'],
  [field('number', { most: 1 }), '1.01', 'It must be at most 1.'],
  [field('choice', { choices: ['a', 'b'] }), 'c', 'This is none of the choices.'],
  [field('json'), '{"a":1}', undefined],
  [field('json'), '{a:1}', 'This is not JSON.'],
  [field('text'), 'anything; rm -rf', undefined],
])('%o with %s: %s', (given, word, problem) => {
  expect(fieldProblem(given, word)?.en).toBe(problem)
})

test('seeds: a count, one alone, or the preset’s', () => {
  expect(parseSeeds('3')).toEqual({ seeds: [0, 1, 2] })
  expect(parseSeeds('#7')).toEqual({ seeds: [7] })
  expect(parseSeeds(' ')).toEqual({})
  expect(parseSeeds('--seeds 2')).toEqual({ seeds: [0, 1] })
  expect(parseSeeds('--seed=4')).toEqual({ seeds: [4] })
  expect(parseSeeds('0, 1,2')).toEqual({ seeds: [0, 1, 2] })
  for (const word of ['1,2', '5000']) expect(parseSeeds(word)).toHaveProperty('problem')
})

test.each([
  ['0', "'0' is not a whole number of at least 1"],
  ['-1', "'-1' is not a whole number of at least 1"],
  ['1.5', "'1.5' is not a whole number of at least 1"],
  ['all', "'all' is not a whole number of at least 1"],
  ['--seeds 1e3', "'1e3' is not a whole number of at least 1"],
  ['#', "'' is not a whole number of at least 0"],
  ['--seed x', "'x' is not a whole number of at least 0"],
])('seeds %s are refused in the words of the command line', (word, message) => expect(parseSeeds(word).problem?.en).toBe(message))

const form: RunForm = {
  presets: [{ name: 'small', seeds: 3, config: { epochs: 5, logreg: { rate: 0.1, penalty: 'l1' } } }],
  fields: [
    field('number', { key: 'epochs', fallback: 10 }),
    field('number', { key: 'logreg.rate', fallback: 1, least: 0 }),
    field('text', { key: 'logreg.penalty', fallback: 'l2' }),
    field('list', { key: 'sizes', fallback: [1, 2] }),
  ],
}

const filled = { method: 'ramda', preset: 'small' as const, seeds: '', settings: {} }

test('only what was changed is asked for, and the command says the same', () => {
  const changed = { ...filled, seeds: '2', settings: { 'logreg.rate': ' 0.2 ', epochs: '', 'logreg.penalty': "it's" } }
  expect(requestOf(form, changed)).toEqual({
    method: 'ramda',
    preset: 'small',
    seeds: [0, 1],
    settings: { 'logreg.rate': '0.2', 'logreg.penalty': "it's" },
  })
  expect(commandOf(changed)).toBe("npx quire run ramda --preset small --seeds 2 --set logreg.rate=0.2 --set 'logreg.penalty=it'\\''s'")
  expect(requestOf(form, filled)).toEqual({ method: 'ramda', preset: 'small' })
  expect(commandOf({ ...filled, seeds: '#4' })).toBe('npx quire run ramda --preset small --seed 4')
})

test('what cannot be right is not asked for', () => {
  expect(requestOf(form, { ...filled, settings: { 'logreg.rate': '-1' } })).toBeUndefined()
  expect(requestOf(form, { ...filled, seeds: 'x' })).toBeUndefined()
})

test('what the server refused is found by its words for where', () => {
  const refused = (where?: string) => refusedField(form, { message: "'x' is not a value for it", where, fix: 'expected number' })
  expect(refused('--set logreg.rate')).toEqual({ key: 'logreg.rate', words: "'x' is not a value for it: expected number" })
  expect(refused('epochs')?.key).toBe('epochs')
  for (const where of ['--set', 'rate', undefined]) expect(refused(where)).toBeUndefined()
  expect(refusedField(form)).toBeUndefined()
})

test('a field shows what the preset has for it, else its own default', () => {
  expect(Object.fromEntries(presetWords(form, 'small'))).toEqual({
    epochs: '5',
    'logreg.rate': '0.1',
    'logreg.penalty': 'l1',
    sizes: '[1,2]',
  })
})

test('fields stand in the groups of their keys', () => {
  expect([...grouped(form.fields)].map(([group, fields]) => [group, fields.map(({ key }) => key)])).toEqual([
    ['', ['epochs', 'sizes']],
    ['logreg', ['logreg.rate', 'logreg.penalty']],
  ])
})
