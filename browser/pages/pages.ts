import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure } from '../../src/experiment/index.ts'
import { compareRuns } from '../../src/experiment/report/comparison/comparison.ts'
import { comparisonHtml } from '../../src/experiment/report/comparison/comparison-html.ts'
import { readSide } from '../../src/experiment/report/comparison/side.ts'
import { runExperiment } from '../../src/experiment/run/run.ts'
import { scratch } from '../../src/experiment/testing/comparable.ts'
import { walk } from '../../src/experiment/testing/walk.ts'

const title = (en: string, zh: string) => ({ title: { en, zh }, ariaDescription: { en: `${en} as expected`, zh: `${zh}，符合预期` } })

/** Points of a curve: more than a page lists, and than it draws. */
export const manyPoints = 10_000

/** One figure of each kind beside the walk's own, one of them large, one without data. */
const figures: readonly Figure[] = [
  {
    id: 'many',
    ...title('Many points', '许多点'),
    kind: 'line',
    xScale: 'log',
    xLabel: { en: 'step', zh: '步' },
    yLabel: 'm',
    series: ['a', 'b', 'c'].map((label, k) => ({
      label: { en: `curve ${label}`, zh: `曲线 ${label}` },
      points: Array.from({ length: manyPoints }, (_, i) => [i + 1, Math.sin(i / 300 + k)] as const),
    })),
  },
  {
    id: 'cloud',
    ...title('A cloud', '点云'),
    kind: 'scatter',
    xLabel: 'x',
    yLabel: 'y',
    series: ['a', 'b'].map((label, k) => ({ label, points: Array.from({ length: 9 }, (_, i) => [i, (i * i + k) % 7] as const) })),
  },
  {
    id: 'bars',
    ...title('Bars <with> "marks" & more', '柱'),
    kind: 'bar',
    xLabel: 'method',
    yLabel: 'value',
    series: [{ label: 's', points: [['a <b>', 1] as const, ['ours', 3] as const], band: [['ours', 2, 4] as const] }],
  },
  {
    id: 'map',
    ...title('A map', '热图'),
    kind: 'heatmap',
    xLabel: 'x',
    yLabel: 'y',
    series: [{ label: 's', points: [0, 1, 2, 3].map((i) => [i % 2, Math.floor(i / 2), i] as const) }],
  },
  { id: 'nothing', ...title('Nothing', '空'), kind: 'line', xLabel: 'x', yLabel: 'y', series: [] },
]

/** A report on generated data with every kind of figure, and the comparison of it with a run that fails its claims. */
export async function makePages(): Promise<{ folder: string; report: string; comparison: string }> {
  const own = walk({ real: false })
  const definition = {
    ...own,
    figures: (results: Parameters<NonNullable<typeof own.figures>>[0]) => [...own.figures!(results), ...figures],
  }
  const about = { title: 'On walking', arxiv: '0000.00000', summary: { en: 'Walks.', zh: '行走。' } }
  const folder = scratch()
  const [a, b] = [join(folder, 'a'), join(folder, 'b')]
  await runExperiment(definition, { preset: 'small', folder: a, about })
  await runExperiment(definition, { preset: 'small', folder: b, about, settings: { drift: 0.7, explode: true } })
  const sides = [readSide(a), readSide(b)] as const
  const comparison = join(folder, 'comparison.html')
  writeFileSync(comparison, await comparisonHtml(compareRuns(...sides), ...sides))
  return { folder: a, report: join(a, 'report.html'), comparison }
}
