import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { InputError } from '../../../engine/errors.ts'
import { runExperiment } from '../../run/run.ts'
import { scratch } from '../../testing/comparable.ts'
import { walk } from '../../testing/walk.ts'
import { type Comparison, compareRuns, type Side } from './comparison.ts'
import { comparisonHtml } from './comparison-html.ts'
import { readSide } from './side.ts'

const run = async (settings: object = {}, seeds?: readonly number[]): Promise<Side> => {
  const folder = join(scratch(), 'run')
  await runExperiment(walk(), { preset: 'small', folder, settings: settings as never, seeds })
  return readSide(folder)
}

let [a, slower]: Side[] = []
let comparison: Comparison

beforeAll(async () => {
  a = await run()
  slower = await run({ drift: 0.75 })
  comparison = compareRuns(a, slower)
})

test('a run and its repeat: nothing but time differs', async () => {
  const same = compareRuns(a, await run())
  expect(same).toMatchObject({ config: [], setup: [], controls: [], lost: [], agreement: { identical: true, differing: 0 } })
  for (const { difference } of same.claims) expect(difference).toMatchObject({ mean: 0, ci95: [0, 0] })
  expect(same.agreement.numbers).toBeGreaterThan(400)
})

describe('a slower walk', () => {
  test('the difference is that of the drift, paired by seed: the same jitter is in both', () => {
    const moves = comparison.claims.find(({ id }) => id === 'moves')!
    expect(moves.difference!.method).toBe('paired')
    expect(moves.difference!.mean).toBeCloseTo(-0.25, 12)
    expect(moves.difference!.ci95![0]).toBeCloseTo(-0.25, 12)
  })

  test('verdicts that change, and what is lost', () => {
    expect(comparison.claims.map(({ id, a: own, b, verdictChanged }) => [id, own!.verdict, b!.verdict, verdictChanged])).toEqual([
      ['moves', 'holds', 'fails', true],
      ['faster', 'holds', 'fails', true],
    ])
    expect(comparison.lost).toEqual(['moves', 'faster'])
    expect(compareRuns(slower, a).lost).toEqual([])
  })

  test('the config key that is another one', () => expect(comparison.config).toEqual([{ key: 'drift', a: '1', b: '0.75' }]))

  test('every number of the walk itself differs; those of the arms that set their own drift do not', () => {
    const { identical, differing, onlyA, onlyB } = comparison.agreement
    // Two measurements and two curves of 20 points, of three seeds; the ideal walk, too, takes the run's drift.
    expect({ identical, differing, onlyA, onlyB }).toEqual({ identical: false, differing: 4 * 42, onlyA: 0, onlyB: 0 })
  })

  test('the page has every claim, both values, and figures side by side, in both languages', async () => {
    const html = await comparisonHtml(comparison, a, slower)
    for (const text of ['claim-moves', 'figure-place-a', 'figure-place-b', 'paired by seed', '按种子配对', '-0.25 [-0.25, -0.25]'])
      expect(html).toContain(text)
    expect(html).not.toMatch(/undefined|NaN|\[object/)
    const [first, second] = ['a', 'b'].map((side) => html.slice(html.indexOf(`<figure id="figure-place-${side}"`)).split('</figure>')[0])
    const ticks = (figure: string) => [...figure.matchAll(/<text[^>]*>([-\d.]+)<\/text>/g)].map(([, tick]) => tick)
    expect(ticks(first).length).toBeGreaterThan(5)
    expect(ticks(second)).toEqual(ticks(first))
  })
})

test('other seeds are two samples, and the setup says so', async () => {
  const { claims, setup } = compareRuns(a, await run({}, [5, 6, 7]))
  expect(claims[0].difference!.method).toBe('welch')
  expect(setup).toEqual([{ key: 'seeds', a: '0, 1, 2', b: '5, 6, 7' }])
})

test('runs of two methods are refused in one line', () =>
  expect(() => compareRuns(a, { ...slower, report: { ...slower.report, method: 'swim' } })).toThrow(InputError))
