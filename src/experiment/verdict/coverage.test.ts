import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Cell, coverage, shapes, truth } from '../testing/coverage.ts'
import { minimumRuns } from './enough.ts'

/*
 * The table of docs/verdicts.md is what this test measures; UPDATE=1 npx vitest run src/experiment/verdict/coverage.test.ts writes it.
 */

const seeds = [3, 5, 10] as const
const repeats = 500
/** Three standard errors of a share of 0.9 in 500 repeats. */
const slack = 0.04

const rows: readonly Omit<Cell, 'seeds'>[] = [
  ...shapes.map((shape) => ({ statistic: 'mean' as const, shape, strata: 1 })),
  ...shapes.flatMap((shape) => [1, 5].map((strata) => ({ statistic: 'iqm' as const, shape, strata }))),
  // A matter of ranks alone, so that skewed scores are as good as normal ones.
  ...[1, 5].flatMap((strata) =>
    ([0.5, 0.9] as const).map((probability) => ({ statistic: 'improvement' as const, shape: 'normal' as const, strata, probability })),
  ),
]

const measured = rows.map((row) => ({ row, found: seeds.map((seeds) => coverage({ ...row, seeds }, { repeats })) }))

const name = ({ statistic, shape, strata, probability }: Omit<Cell, 'seeds'>): string =>
  `${statistic}, ${shape}, ${strata} ${probability ?? ''}`

describe('where a claim is judged the interval holds the truth about as often as it says', () => {
  const judged = measured.flatMap(({ row, found }) => found.map((share, i) => ({ row, share, seeds: seeds[i] })))
  const cells = judged.filter(({ row, seeds }) => seeds >= minimumRuns[row.statistic])
  test.each(cells.map((cell) => [`${name(cell.row)}: ${cell.seeds} seeds`, cell] as const))('%s', (_, { row, share }) => {
    // Student's t is exact for normal values, and known to be short for skewed ones: 84 % for three lognormal ones.
    const least = row.statistic !== 'mean' ? 0.9 : row.shape === 'normal' ? 0.95 : 0.84
    expect(share).toBeGreaterThan(least - slack)
    // Few pairs have few values; there the interval is wide rather than short.
    expect(share).toBeLessThanOrEqual(row.statistic === 'improvement' ? 1 : 0.98)
  })
})

test('with three seeds the bootstrap of the interquartile mean is far too short, and that is why it is not judged', () => {
  for (const { row, found } of measured) if (row.statistic === 'iqm') expect(found[0], name(row)).toBeLessThan(0.9)
})

test('the truth of skewed scores is the one in closed form', () => {
  // E[X | between the quartiles] of a lognormal X: 2 √e (Φ(0.67449 − 1) − Φ(−0.67449 − 1)), with Φ(−0.32551) = 0.372397 and Φ(−1.67449) = 0.047018.
  const exact = 2 * Math.exp(0.5) * (0.372397 - 0.047018)
  expect(truth({ statistic: 'iqm', shape: 'skewed', strata: 1, seeds: 3 })).toBeCloseTo(exact, 1.8)
})

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`

const truths = { mean: 'mean', iqm: 'IQM', improvement: 'improvement' } as const

const table = [
  `| statistic | scores | strata | ${seeds.map((n) => `${n} seeds`).join(' | ')} |`,
  `|---|---|---|${seeds.map(() => '---|').join('')}`,
  ...measured.map(({ row, found }) => {
    const shown = found.map((share, i) => (seeds[i] < minimumRuns[row.statistic] ? `(${percent(share)})` : percent(share)))
    return `| ${truths[row.statistic]}${row.probability ? `, P = ${row.probability}` : ''} | ${row.statistic === 'improvement' ? 'any' : row.shape} | ${row.strata} | ${shown.join(' | ')} |`
  }),
].join('\n')

test('docs/verdicts.md has this table', () => {
  const file = join(import.meta.dirname, '..', '..', '..', 'docs', 'verdicts.md')
  const marked = /(<!-- coverage -->\n)[\s\S]*?(\n<!-- \/coverage -->)/
  const text = readFileSync(file, 'utf8')
  if (process.env.UPDATE) writeFileSync(file, text.replace(marked, `$1${table}$2`))
  expect(marked.exec(readFileSync(file, 'utf8'))?.[0]).toContain(table)
})
