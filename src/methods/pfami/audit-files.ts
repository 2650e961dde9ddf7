import { join } from 'node:path'
import { writeAtomically as writeBytes } from '../../data/files.ts'
import { type NDArray, ndarray } from '../../engine/index.ts'
import { type Figure, makeFolder, writeAtomically, writeJson } from '../../experiment/index.ts'
import { drawFigures } from '../../experiment/report/draw.ts'
import { imageGrid } from '../../kits/generative/index.ts'
import { average, rocCurve } from '../../kits/metrics/index.ts'
import type { Audit } from './audit.ts'
import { conclusion, headline, warnings } from './audit-text.ts'
import { type Neighbours, planesOf } from './neighbours/index.ts'
import type { AttackRow } from './table.ts'

/** The version of report.json's schema. */
const reportVersion = 1

/** Scores of the non-members by attack, in rising order: what single records are compared with. */
export const calibrationFile = 'calibration.json'

export interface FileContext {
  readonly names: readonly string[]
  readonly about: Readonly<Record<string, unknown>>
  /** Records and neighbours that pictures can be made of. */
  readonly pictures?: { readonly records: NDArray; readonly neighbours: Neighbours; readonly range: readonly [number, number] }
}

/** The report as plain data. */
export const reportOf = (audit: Audit, about: FileContext['about']) => ({
  version: reportVersion,
  ...about,
  conclusion: conclusion(audit),
  warnings: warnings(audit),
  members: audit.members,
  nonMembers: audit.nonMembers,
  detectableArea: audit.detectable,
  attacks: audit.rows.map(({ scores: _, errors: __, ...row }) => row),
  notMade: audit.refused,
  blind: audit.blind,
  nullTest: audit.nullTest,
  halves: audit.halves,
  losses: audit.losses,
  notFinite: audit.notFinite,
})

/** report.json, scores.csv, the ROC curves, the densities, the heat map, and a record with its neighbours. Returns their names. */
export async function writeAudit(folder: string, audit: Audit, context: FileContext): Promise<string[]> {
  makeFolder(folder)
  writeJson(join(folder, 'report.json'), reportOf(audit, context.about))
  writeAtomically(join(folder, 'scores.csv'), scoresText(audit, context.names))
  writeJson(
    join(folder, calibrationFile),
    Object.fromEntries(
      audit.rows.map(({ attack, scores }) => [attack, Array.from(scores.filter((_, n) => audit.labels[n] === 0)).sort((a, b) => a - b)]),
    ),
  )
  const names = ['report.json', 'scores.csv', calibrationFile]
  const row = headline(audit)
  const figures = [
    rocFigure(audit),
    ...(row ? [densityFigure(audit, row)] : []),
    ...(audit.fluctuation ? [heatFigure(audit, context)] : []),
  ]
  const { files } = await drawFigures(figures)
  for (const { file, svg } of files.filter(({ file }) => !file.includes('.zh.'))) {
    writeAtomically(join(folder, file), svg)
    names.push(file)
  }
  if (row && context.pictures && planesOf(context.pictures.records.shape.slice(1))) {
    await writeBytes(join(folder, 'record.png'), await recordPicture(audit, row, context.pictures))
    names.push('record.png')
  }
  return names
}

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

function scoresText({ rows, labels }: Audit, names: readonly string[]): string {
  const columns = rows.flatMap(({ attack, errors }) => (errors?.some(Number.isFinite) ? [attack, `${attack} error`] : [attack]))
  const lines = names.map((name, n) => {
    const values = rows.flatMap(({ scores, errors }) => (errors?.some(Number.isFinite) ? [scores[n], errors[n]] : [scores[n]]))
    return [quoted(name), labels[n], ...values].join(',')
  })
  return `${['record', 'member', ...columns].join(',')}\n${lines.join('\n')}\n`
}

/** Curves on two logarithmic scales, where the few records lie that can be told with confidence. */
function rocFigure({ rows, labels, nonMembers }: Audit): Figure {
  const least = 1 / (2 * nonMembers)
  const line = (row: AttackRow): [number, number][] =>
    rocCurve(row.scores, labels)
      .filter(({ falsePositiveRate, truePositiveRate }) => falsePositiveRate >= least && truePositiveRate > 0)
      .map(({ falsePositiveRate, truePositiveRate }): [number, number] => [falsePositiveRate, truePositiveRate])
  return {
    id: 'roc',
    title: { en: 'True positives against false positives', zh: '真阳性率与假阳性率' },
    kind: 'line',
    xLabel: { en: 'false positive rate', zh: '假阳性率' },
    yLabel: { en: 'true positive rate', zh: '真阳性率' },
    xScale: 'log',
    yScale: 'log',
    series: [
      ...rows.map((row) => ({ label: row.attack, points: line(row) })),
      { label: { en: 'chance', zh: '随机' }, points: [[least, least] as const, [1, 1] as const] },
      { label: { en: 'FPR 1 %', zh: '假阳性率 1 %' }, points: [[0.01, least] as const, [0.01, 1] as const] },
    ],
    ariaDescription: { en: 'Curves above the diagonal find members', zh: '对角线以上的曲线能找到成员' },
  }
}

const bins = 24

function densityFigure({ labels }: Audit, { attack, scores }: AttackRow): Figure {
  const sorted = scores.slice().sort()
  const [low, high] = [sorted[Math.floor(sorted.length * 0.01)], sorted[Math.floor(sorted.length * 0.99)]]
  const width = (high - low) / bins || 1
  const density = (label: number): [number, number][] => {
    const own = scores.filter((_, n) => labels[n] === label)
    return Array.from({ length: bins }, (_, b): [number, number] => {
      const within = own.filter((score) => score >= low + b * width && score < low + (b + 1) * width).length
      return [low + (b + 0.5) * width, within / own.length / width]
    })
  }
  return {
    id: 'densities',
    title: { en: `Scores of ${attack}`, zh: `${attack} 的得分` },
    kind: 'line',
    xLabel: { en: 'score', zh: '得分' },
    yLabel: { en: 'density', zh: '密度' },
    series: [
      { label: { en: 'members', zh: '成员' }, points: density(1) },
      { label: { en: 'non-members', zh: '非成员' }, points: density(0) },
    ],
    ariaDescription: { en: 'How far the scores of the two sides overlap', zh: '两侧得分的重叠程度' },
  }
}

function heatFigure({ fluctuation, labels }: Audit, { about }: FileContext): Figure {
  const { records, rows, strengths, data } = fluctuation!
  const mean = (label: number, i: number, j: number) =>
    average(
      Array.from({ length: records }, (_, n) => n).flatMap((n) => (labels[n] === label ? [data[(n * rows + i) * strengths + j]] : [])),
    )
  // Rows are drawn in the order of their names.
  const names = ((about.rows as readonly string[] | undefined) ?? []).map((name) =>
    name.replace(/\d+/, (digits) => digits.padStart(4, '0')),
  )
  return {
    id: 'fluctuation',
    title: { en: 'Mean fluctuation of members less that of non-members', zh: '成员与非成员的平均波动之差' },
    kind: 'heatmap',
    xLabel: { en: 'neighbour, from weak to strong', zh: '邻居，由弱到强' },
    yLabel: { en: 'row', zh: '行' },
    series: [
      {
        label: { en: 'difference', zh: '差' },
        points: Array.from({ length: rows * strengths }, (_, k): [string, string, number] => {
          const [i, j] = [Math.floor(k / strengths), k % strengths]
          return [String(j), names[i] ?? String(i), mean(1, i, j) - mean(0, i, j)]
        }),
      },
    ],
    ariaDescription: { en: 'Where members fluctuate more than others', zh: '成员波动大于非成员之处' },
  }
}

/** The record with the largest score and its neighbours. */
async function recordPicture(
  _: Audit,
  { scores }: AttackRow,
  { records, neighbours, range }: NonNullable<FileContext['pictures']>,
): Promise<Uint8Array> {
  const [, ...shape] = records.shape
  const size = records.data.length / records.shape[0]
  const place = scores.indexOf(Math.max(...scores))
  const own = ndarray(Float32Array.from(records.data.subarray(place * size, (place + 1) * size)), [1, ...shape], 'float32')
  const { data } = neighbours.versions(own, { ids: [place], row: 0 })
  const { channels, height, width } = planesOf(shape)!
  const images = ndarray(Float32Array.from(data), [data.length / size, channels, height, width], 'float32')
  return imageGrid(images, {
    columns: 1 + neighbours.strengths.length,
    range,
    labels: ['record', ...neighbours.strengths.map((s) => s.toFixed(2))],
  })
}
