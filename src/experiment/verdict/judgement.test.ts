import { describe, expect, test } from 'vitest'
import type { Claim, Control, UnitRecord } from '../definition.ts'
import { judgeClaims, judgeControls, outcomeOf, worstControl } from './judgement.ts'
import type { Results } from './results.ts'

const unit = (arm: string, seed: number, score: number): UnitRecord => ({
  unit: `${arm}--seed-${seed}`,
  arm,
  seed,
  measurements: { score },
  series: {},
  seconds: 1,
  peakBytes: 1,
})

/** Ten seeds of an arm, one apart. */
const units = (arm: string, first: number, count = 10) => Array.from({ length: count }, (_, seed) => unit(arm, seed, first + seed))

const score = ({ measurements }: UnitRecord) => measurements.score
const claim: Claim = {
  id: 'better',
  statement: { en: 'It is better', zh: '更好' },
  paper: { value: 1, unit: '', where: '' },
  arm: 'own',
  baseline: { arm: 'rival', value: score },
  measure: score,
  threshold: 0.5,
  direction: 'atLeast',
  statistic: 'improvement',
}
const control = (id: string): Control => ({ id, arm: id, breaks: ['better'], broken: { en: id, zh: id } })
const results = (...all: UnitRecord[][]): Results => ({
  config: {},
  arms: ['own', 'rival'].map((id) => ({ id, label: `the ${id}`, kind: 'method' })),
  units: all.flat(),
})

test('an improvement is judged against every seed of the baseline', () => {
  const [{ judgement, baseline }] = judgeClaims({ claims: [claim] }, results(units('own', 5), units('rival', 0)))
  // Of 100 pairs (5 + i, j) those with 5 + i > j: 5 + 6 + 7 + 8 + 9 + 5 · 10 and five ties.
  expect(judgement).toMatchObject({ verdict: 'holds', statistic: 'improvement', estimate: (85 + 2.5) / 100 })
  expect(baseline).toMatchObject({ name: 'the rival', mean: 4.5, n: 10 })
})

test('a baseline that diverged spoils the improvement', () => {
  const diverged = { ...unit('rival', 0, 0), measurements: {}, diverged: 'NaN' }
  const [{ judgement }] = judgeClaims({ claims: [claim] }, results(units('own', 5), [diverged, ...units('rival', 0).slice(1)]))
  expect(judgement).toMatchObject({ verdict: 'fails', reason: 'notFinite' })
})

describe('the control that comes nearest to passing', () => {
  const judged = (...all: [string, number][]) =>
    judgeControls(
      { claims: [claim], controls: all.map(([id]) => control(id)) },
      results(units('rival', 0), ...all.map(([id, first]) => units(id, first))),
    )
  test('of two that fail is the one nearer to the bar', () =>
    expect(worstControl(claim, judged(['far', -20], ['near', -8]))?.control.id).toBe('near'))
  test('is one that does not fail, if there is one', () =>
    expect(worstControl(claim, judged(['near', -8], ['same', 0], ['far', -20]))?.control.id).toBe('same'))
  test('turns with the direction', () => {
    const lower: Claim = { ...claim, statistic: 'mean', direction: 'atMost', threshold: -30 }
    const controls = judgeControls(
      { claims: [lower], controls: [control('a'), control('b')] },
      results(units('a', 0), units('b', -10), units('rival', 0)),
    )
    expect(worstControl(lower, controls)?.control.id).toBe('b')
  })
  test('is none where there is none', () => expect(worstControl(claim, [])).toBeUndefined())
})

test('too few runs of a control are no fault of it, but nothing is decided', () => {
  const few = results(units('own', 20), units('rival', 0), units('broken', -20, 4))
  const claims = judgeClaims({ claims: [claim] }, few)
  const controls = judgeControls({ claims: [claim], controls: [control('broken')] }, few)
  expect(controls[0].judgement).toMatchObject({ verdict: 'undecided', reason: 'tooFewRuns' })
  expect(outcomeOf(claims, controls)).toBe('undecided')
})
