import { expect, test } from 'vitest'
import { parseSettings } from '../experiment/config.ts'
import { presetConfig } from '../experiment/experiment.ts'
import type { Experiment } from '../experiment/index.ts'
import { schemaKeys } from '../experiment/schema.ts'
import { inLanguage, type Label, noted } from '../experiment/text.ts'
import { methods } from './index.ts'

/** Some of the configs that a method may have: of its presets, and with each switch and each choice the other way. */
function configsOf(made: Experiment): unknown[] {
  const words = schemaKeys(made.config).flatMap(({ key, kind, choices = ['true', 'false'] }) =>
    kind === 'choice' || kind === 'switch' ? choices.map((choice) => `${key}=${choice}`) : [],
  )
  return [
    ...Object.keys(made.presets).map((preset) => presetConfig(made, preset as never)),
    ...words.map((word) => made.config.parse(parseSettings(made.config, [word]))),
  ]
}

/** A label with an English word in it needs a Chinese one; names and formulas are the same everywhere. */
const isChinese = (label: Label): boolean =>
  !/\b[a-z]{3,}\b/.test(inLanguage(label, 'en')) || /\p{Script=Han}/u.test(inLanguage(label, 'zh'))

test.each(methods)('$name: what is trained has a Chinese name, too', async (method) => {
  const made = await method.experiment()
  const arms = new Map(configsOf(made).flatMap((config) => made.arms(config as never).map(({ id, label }) => [id, label])))
  expect(arms.size).toBeGreaterThan(10)
  expect([...arms].filter(([, label]) => !isChinese(label))).toEqual([])
})

test('an English name is found', () => {
  const labels: Label[] = [
    'LoRA',
    'no restart',
    { en: 'no restart', zh: 'no restart' },
    { en: 'no restart', zh: '不重启' },
    noted('SP', 'Bank'),
  ]
  expect(labels.map(isChinese)).toEqual([true, false, false, true, true])
})
