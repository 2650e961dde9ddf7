import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { InputError } from '../engine/errors.ts'
import { mergeLayers, parseSettings, resolveConfig } from './config.ts'
import { settingWords } from './report/rows.ts'
import { schemaKeys } from './schema.ts'

const schema = z.object({
  learningRate: z.number().positive().default(0.1).describe('step size'),
  name: z.string().default('a').describe('a name'),
  deep: z
    .object({
      epochs: z.int().default(3).describe('passes'),
      more: z.object({ on: z.boolean().default(true).describe('switch') }).prefault({}),
    })
    .prefault({}),
  sizes: z.array(z.number()).default([1, 2]).describe('widths'),
  words: z.array(z.string()).default([]).describe('words'),
  mode: z.enum(['fast', 'exact']).default('fast').describe('how'),
  limit: z.number().nullable().default(null).describe('or none'),
  kind: z
    .union([z.number(), z.literal('auto')])
    .default('auto')
    .describe('a number, or auto'),
})

const refusal = (settings: string[]): string => {
  try {
    parseSettings(schema, settings)
  } catch (error) {
    expect(error).toBeInstanceOf(InputError)
    return (error as Error).message
  }
  throw new Error('was accepted')
}

describe('settings', () => {
  test.each([
    ['learningRate=0.5', { learningRate: 0.5 }],
    ['learningRate=1e-3', { learningRate: 0.001 }],
    ['name=1e-3', { name: '1e-3' }],
    ['name=', { name: '' }],
    ['name=a=b', { name: 'a=b' }],
    ['deep.epochs=7', { deep: { epochs: 7 } }],
    ['deep.more.on=false', { deep: { more: { on: false } } }],
    ['deep.more.on=yes', { deep: { more: { on: true } } }],
    ['sizes=8,16', { sizes: [8, 16] }],
    ['sizes=[8,16]', { sizes: [8, 16] }],
    ['sizes=', { sizes: [] }],
    ['words=1,b', { words: ['1', 'b'] }],
    ['mode=exact', { mode: 'exact' }],
    ['limit=null', { limit: null }],
    ['limit=4', { limit: 4 }],
    ['kind=auto', { kind: 'auto' }],
    ['kind=3', { kind: 3 }],
  ])('%s', (setting, layer) => expect(parseSettings(schema, [setting])).toEqual(layer))

  test('later ones win, groups merge', () =>
    expect(parseSettings(schema, ['deep.epochs=1', 'deep.more.on=false', 'deep.epochs=2'])).toEqual({
      deep: { epochs: 2, more: { on: false } },
    }))

  test.each([
    ['learningrate=1', /did you mean 'learningRate'/],
    ['epochs=1', /did you mean 'deep.epochs'/],
    ['deep=1', /is a group; set one of deep.epochs, deep.more.on/],
    ['learningRate=fast', /--set learningRate: 'fast' is not a value for it/],
    ['learningRate=', /is not a value/],
    ['learningRate=-1', /Too small/],
    ['deep.epochs=1.5', /'1.5' is not a value/],
    ['deep.more.on=perhaps', /is not a value/],
    ['mode=slow', /one of fast, exact/],
    ['sizes=1,x', /is not a value/],
    ['learningRate', /is not key=value; for example/],
    ['=3', /is not key=value/],
    ['__proto__.x=1', /unknown config key/],
  ])('refuses %s in one line', (setting, message) => {
    expect(refusal([setting])).toMatch(message)
    expect(refusal([setting])).not.toContain('\n')
  })

  test('what a report prints as settings gives the same config', () => {
    const values = fc.record({
      learningRate: fc.double({ min: 1e-9, max: 10, noNaN: true }),
      name: fc.string(),
      mode: fc.constantFrom('fast', 'exact'),
      sizes: fc.array(fc.integer()),
    })
    fc.assert(fc.property(values, (layer) => void expect(parseSettings(schema, settingWords(layer))).toEqual(layer)))
  })
})

describe('configs', () => {
  test('defaults below layers', () => {
    expect(resolveConfig(schema, [{ deep: { epochs: 9 } }, { mode: 'exact' }])).toMatchObject({
      learningRate: 0.1,
      mode: 'exact',
      deep: { epochs: 9, more: { on: true } },
    })
  })
  test('lists are replaced, not merged', () => expect(mergeLayers({ a: [1, 2] }, { a: [3] })).toEqual({ a: [3] }))
  test('an unknown key is refused with the nearest', () =>
    expect(() => resolveConfig(schema, [{ deep: { epoch: 1 } }])).toThrow("did you mean 'deep.epochs'"))
  test('layers are left as they were', () => {
    const layer = { deep: { epochs: 1 } }
    mergeLayers(layer, { deep: { epochs: 2 } })
    expect(layer.deep.epochs).toBe(1)
  })
})

test('keys in short', () => {
  expect(schemaKeys(schema).map(({ key, kind, fallback }) => [key, kind, fallback])).toEqual([
    ['learningRate', 'number', 0.1],
    ['name', 'text', 'a'],
    ['deep.epochs', 'number', 3],
    ['deep.more.on', 'switch', true],
    ['sizes', 'list', [1, 2]],
    ['words', 'list', []],
    ['mode', 'choice', 'fast'],
    ['limit', 'number', null],
    ['kind', 'json', 'auto'],
  ])
  expect(schemaKeys(schema).every(({ description }) => description)).toBe(true)
})
