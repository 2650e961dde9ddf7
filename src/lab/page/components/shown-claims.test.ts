import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Report } from '../../../experiment/report/report.ts'
import type { KeptRun } from '../../api.ts'
import { claimsOfKept, claimsOfReport } from './shown-claims.ts'

const { measured } = JSON.parse(readFileSync('src/methods/ramda/measured.json', 'utf8')) as { measured: KeptRun }

test('a kept run’s claims are told in both languages where the method tells them, and in the words that were kept where it does not', () => {
  const known = { id: measured.claims[0].id, statement: { en: 'A', zh: '甲' }, baseline: { en: 'B', zh: '乙' } }
  const shown = claimsOfKept(measured, { claims: [known as never] })
  expect(shown.map(({ id }) => id)).toEqual(measured.claims.map(({ id }) => id))
  expect(shown[0].statement).toEqual({ en: 'A', zh: '甲' })
  expect(shown[0].baseline?.name).toEqual({ en: 'B', zh: '乙' })
  expect(shown[1].statement).toEqual({ en: measured.claims[1].statement, zh: measured.claims[1].statement })
  const kept = measured.claims[1].baseline!
  expect(shown[1].baseline).toEqual({ ...kept, name: { en: kept.name, zh: kept.name } })
})

test('a report’s baselines are told in both languages, of reports from before that in the words that they have', () => {
  const [{ baseline, ...claim }] = measured.claims
  const named = (nameZh?: string) =>
    claimsOfReport({ claims: [{ ...claim, baseline: { ...baseline, nameZh } }], controls: [] } as unknown as Report)[0].baseline?.name
  expect(named('丙')).toEqual({ en: baseline!.name, zh: '丙' })
  expect(named()).toEqual({ en: baseline!.name, zh: baseline!.name })
})

test('a report from before statistics were named is of means', () => {
  const [{ statistic: _, ...claim }] = measured.claims
  const { estimate: __, ...numbers } = claim.measured
  const old = { claims: [{ ...claim, measured: numbers, statementZh: '甲', control: null }], controls: [] } as unknown as Report
  const [shown] = claimsOfReport(old)
  expect(shown.statistic).toBe('mean')
  expect(shown.measured.estimate).toBe(numbers.mean)
})

test('of several controls the one is shown that does not fail, else the one that came nearest', () => {
  const [claim] = measured.claims
  const control = (id: string, estimate: number, failsAsItShould: boolean) => ({
    ...measured.controls[0],
    id,
    claim: claim.id,
    failsAsItShould,
    measured: { ...measured.controls[0].measured, estimate },
  })
  const nearestOf = (...controls: ReturnType<typeof control>[]) => claimsOfKept({ ...measured, controls }, { claims: [] })[0]
  expect(claim.direction).toBe('atLeast')
  expect(nearestOf(control('far', 0, true), control('near', 0.4, true)).control?.id).toBe('near')
  expect(nearestOf(control('passes', 0, false), control('near', 0.4, true)).control?.id).toBe('passes')
  expect(nearestOf().control).toBeNull()
})
