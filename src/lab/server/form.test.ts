import { expect, test } from 'vitest'
import { schemaKeys } from '../../experiment/schema.ts'
import { walk } from '../../experiment/testing/walk.ts'
import { methods } from '../../methods/index.ts'
import { formOf } from './form.ts'

/** What is wrong with the Chinese descriptions of some keys. */
const objections = (keys: readonly string[], settings: Readonly<Record<string, string>>): string[] => [
  ...keys.filter((key) => !Object.hasOwn(settings, key)).map((key) => `${key} has no Chinese description`),
  ...Object.keys(settings).flatMap((key) => (keys.includes(key) ? [] : `${key} is no setting`)),
  ...Object.entries(settings).flatMap(([key, text]) => (/\p{Script=Han}/u.test(text) ? [] : `${key} is not described in Chinese`)),
]

test.each(methods)('$name: each setting is described in Chinese, too', async (method) => {
  const [made, settings] = [await method.experiment(), await method.settings()]
  const keys = schemaKeys(made.config).map(({ key }) => key)
  expect(objections(keys, settings)).toEqual([])
  const { fields } = formOf(made, settings)
  expect(fields.map(({ key, description }) => [key, description.zh])).toEqual(keys.map((key) => [key, settings[key]]))
})

test('a description that is missing, superfluous or not Chinese is found', () => {
  expect(objections(['steps'], { steps: '步数' })).toEqual([])
  expect(objections(['steps', 'noise.scale'], { steps: 'steps', scale: '尺度' })).toEqual([
    'noise.scale has no Chinese description',
    'scale is no setting',
    'steps is not described in Chinese',
  ])
})

test('a setting without a Chinese description has its own words in both languages', () => {
  const { fields } = formOf(walk(), {})
  expect(fields.find(({ key }) => key === 'noise.scale')?.description).toEqual({ en: 'spread of a step', zh: 'spread of a step' })
})
