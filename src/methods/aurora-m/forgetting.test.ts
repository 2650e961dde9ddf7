import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forgettingOf, type StageScores } from './forgetting.ts'

const bits = fc.double({ min: 0.1, max: 10, noNaN: true })
const matrix = fc
  .array(fc.record({ eng: bits, code: bits, fin: bits }), { minLength: 2, maxLength: 5 })
  .map((rows) => rows.map((bitsPerByte, i): StageScores => ({ stage: `s${i}`, bitsPerByte })))

test('gain and forgetting are opposite; the worst is at least both forgetting and zero; transfer is the mean of the old', () => {
  fc.assert(
    fc.property(matrix, (stages) => {
      const { domains, backwardTransfer } = forgettingOf(stages, ['eng', 'code'])
      for (const { gain, forgetting, worstForgetting } of Object.values(domains)) {
        expect(gain + forgetting).toBe(0)
        expect(worstForgetting).toBeGreaterThanOrEqual(Math.max(forgetting, 0))
      }
      expect(backwardTransfer).toBeCloseTo((domains.eng.forgetting + domains.code.forgetting) / 2, 12)
    }),
  )
})

test('a matrix by hand: what rose in between and fell again was forgotten on the way', () => {
  const stages = [
    { stage: 'base', bitsPerByte: { eng: 3, fin: 6 } },
    { stage: 'CAP', bitsPerByte: { eng: 2.5, fin: 3 } },
    { stage: 'CAT', bitsPerByte: { eng: 2.75, fin: 3.5 } },
  ]
  const { domains, backwardTransfer } = forgettingOf(stages, ['eng'])
  expect(domains.eng).toEqual({ gain: 0.25, forgetting: -0.25, worstForgetting: 0.25 })
  expect(domains.fin).toEqual({ gain: 2.5, forgetting: -2.5, worstForgetting: 0.5 })
  expect(backwardTransfer).toBe(-0.25)
})

test('no training leaves zeros', () => {
  const row = { eng: 3.1, fin: 5.2 }
  const { domains } = forgettingOf(
    [
      { stage: 'base', bitsPerByte: row },
      { stage: 'CAT', bitsPerByte: { ...row } },
    ],
    ['eng'],
  )
  for (const change of Object.values(domains)) expect(Object.values(change).every((value) => Math.abs(value) === 0)).toBe(true)
})

test('a stage that lacks a domain is named', () => {
  const stages: StageScores[] = [
    { stage: 'base', bitsPerByte: { eng: 3, fin: 6 } },
    { stage: 'CAT', bitsPerByte: { eng: 3 } },
  ]
  expect(() => forgettingOf(stages, ['eng'])).toThrow("stage CAT was not evaluated on 'fin'")
  expect(() => forgettingOf(stages.slice(0, 1), ['eng'])).toThrow('before and one after')
})
