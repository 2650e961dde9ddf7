import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { aligned, makeFolder, writeAtomically, writeJson } from '../../experiment/index.ts'
import { drawFigures } from '../../experiment/report/draw.ts'
import { karrasSigmas } from '../../kits/diffusion/index.ts'
import { imageRows, intervalOf } from '../../kits/generative/index.ts'
import { verb } from '../method.ts'
import { type AnalyseOptions, analyseUTurn, type UTurnPoint, type UTurnReport } from './analyse.ts'
import { onSigma } from './coordinates.ts'
import { independenceBars } from './independence.ts'
import { judgeFor } from './judge.ts'
import { splitReal, startsOf } from './real-data.ts'
import { reportFigures } from './report-figures.ts'
import { turnRows } from './strip.ts'
import { loadSubject, modelHelp, subjectOptions } from './subject.ts'
import { returnOptions, samplingOf, wayBack } from './way-back.ts'

const analyseOptions = z.object({
  model: z.string().describe(modelHelp),
  data: z.string().describe('real examples: images in a folder (one subfolder a class, or none), a tar, IDX, .npy, .npz or .safetensors'),
  ...subjectOptions,
  ...returnOptions,
  sigmas: z
    .array(z.number().positive())
    .min(1)
    .optional()
    .describe('σ to turn at, each at the nearest level; default: twelve over the range'),
  samples: z.number().int().min(64).default(1000).describe('real examples that start; fewer where there are fewer'),
  seeds: z.number().int().min(1).max(100).default(1).describe('draws of noise; from 3 on FID has an interval'),
  features: z.string().optional().describe('a feature network for FID and classes; default: trained on the labels, or random without'),
  out: z.string().default('runs/u-turn/analysis').describe('folder for report.json, curves.csv, run.csv and pictures'),
})

/** Levels that are turned at when nobody says which. */
const swept = 12

export const analyseVerb = verb({
  name: 'analyse',
  summary: {
    en: 'How far must real images be noised so that a model gives back others, and which σ to generate with',
    zh: '真实图像需加噪多少，模型才会给出不同的样本；以及推荐用于生成的 σ',
  },
  options: analyseOptions,
  positional: 'model',
  example: 'quire u-turn analyse gaussian --data digits/ --size 14 --samples 128 --out runs/u-turn/analysis',
  async run({ options, log, progress, signal }) {
    const { out, seed } = options
    const way = wayBack(options)
    const { denoiser, hash, images } = await loadSubject(options, log)
    const data = splitReal(images!.x, images!.labels?.data)
    if (!data.labels) log('the data have no classes: the speciation time is not reported, and features are random')
    const network = await judgeFor(data, { features: options.features, log, progress })
    const indices = indicesOf(options.sigmas, way.steps, onSigma(denoiser).process.times)
    const analysis: AnalyseOptions = {
      ...samplingOf(way, options),
      network,
      signal,
      indices,
      samples: options.samples,
      seeds: Array.from({ length: options.seeds }, (_, k) => seed + k),
    }
    let done = 0
    const note = (what: string): void => void progress(done++, indices.length + 2, what).catch(() => {})
    const found = await analyseUTurn(denoiser, data, { ...analysis, note, onStep: async () => signal.throwIfAborted() })
    // Of which model, and by which way back: what generate goes by.
    const report = { model: hash, ...way, ...found }
    makeFolder(out)
    writeJson(join(out, 'report.json'), report)
    writeAtomically(join(out, 'curves.csv'), csvOf(report.points))
    writeAtomically(join(out, 'run.csv'), csvOf(report.trajectory))
    const written = ['report.json', 'curves.csv', 'run.csv']
    for (const { file, svg } of (await drawFigures(reportFigures(report))).files.filter(({ file }) => !file.includes('.zh.'))) {
      writeAtomically(join(out, file), svg)
      written.push(file)
    }
    if (isImage(denoiser.shape)) {
      const rows = await turnRows(denoiser, startsOf(data, shownStarts, seed).x, { ...analysis, seed, sigmas: shownLevels(report) })
      writeAtomically(join(out, 'turns.png'), await imageRows(rows, { range: denoiser.range }))
      written.push('turns.png')
    }
    return { lines: [...linesOf(report), `written: ${out}/${written.join(', ')}`], json: report }
  },
})

/** Examples in the picture, and the correlations of which it shows one level each. */
const [shownStarts, shownCorrelations] = [10, [0.98, 0.75, 0.5, 0.25, 0]] as const

function shownLevels({ points }: UTurnReport): number[] {
  const nearestTo = (wanted: number) =>
    points.reduce((best, point) => (Math.abs(point.correlation - wanted) < Math.abs(best.correlation - wanted) ? point : best)).sigma
  return [...new Set(shownCorrelations.map(nearestTo))]
}

export const isImage = (shape: readonly number[]): boolean => shape.length === 3 && [1, 3].includes(shape[0])

/** The levels nearest to the σ that were asked for, or as many over the whole range. */
function indicesOf(sigmas: readonly number[] | undefined, steps: number, [least, most]: readonly [number, number]): number[] {
  if (!sigmas) return [...new Set(Array.from({ length: swept }, (_, i) => Math.round((i * (steps - 1)) / (swept - 1))))]
  const levels = karrasSigmas({ count: steps, least, most })
  return sigmas.map((sigma) => {
    if (!(sigma >= least * 0.999 && sigma <= most * 1.001))
      throw new InputError(`σ ${sigma} is outside of the range that the model was trained on`, {
        where: '--sigmas',
        fix: `give numbers from ${Number(least.toPrecision(4))} to ${Number(most.toPrecision(4))}`,
      })
    const distances = levels.map((level) => Math.abs(Math.log(level / sigma)))
    return distances.indexOf(Math.min(...distances))
  })
}

/** One row an entry; lists are left out. */
function csvOf(rows: readonly object[]): string {
  const names = Object.entries(rows[0]).flatMap(([name, value]) => (typeof value === 'number' ? [name] : []))
  return `${[names, ...rows.map((row) => names.map((name) => (row as Record<string, number>)[name]))].map((cells) => cells.join(',')).join('\n')}\n`
}

const percent = (share: number): string => (Number.isNaN(share) ? '' : `${(100 * share).toFixed(1)} %`)

/** The table of the sweep, the critical times, the recommendation, and what FID alone would have said. */
function linesOf(report: UTurnReport): string[] {
  const { points, full, floor, features, memorisation, speciation, dominant } = report
  const row = (point: UTurnPoint) => [
    `  ${point.sigma.toPrecision(3)}`,
    String(point.nfe),
    ...[point.correlation, point.gaussian].map((value) => value.toFixed(3)),
    ...[point.sameClass, point.self, point.copyRate].map(percent),
    fidText(point),
    point.kid.toFixed(3),
  ]
  return [
    `U-turns of ${report.samples} real examples, ${report.sampler}; FID on ${features === 'none' ? 'the numbers themselves' : `features ${features.slice(0, 12)}`}, real against real ${floor.toFixed(3)}:`,
    ...aligned([
      ['  σ', 'NFE', 'correlation', 'Gaussian', 'same class', 'own start nearest', 'copies', 'FID', 'KID'],
      ...points.map(row),
      ['  full run', String(full.nfe), '', '', '', '', percent(full.copyRate), fidText(full), full.kid.toFixed(3)],
    ]),
    `memory of the single example ends at σ ${timeText(memorisation)}; memory of the class at σ ${timeText(speciation)} (√λ of the dominant direction: ${dominant.toPrecision(3)})`,
    ...recommendationLines(report),
  ]
}

/** With two standard errors of the mean, from three draws of noise on. */
function fidText({ fid, fidValues }: Pick<UTurnPoint, 'fid' | 'fidValues'>): string {
  if (fidValues.length < 3) return fid.toFixed(3)
  return `${fid.toFixed(3)} ± ${(2 * intervalOf(fidValues).standardError).toFixed(3)}`
}

const timeText = (sigma: number): string => (Number.isNaN(sigma) ? 'outside of what was swept, or without classes' : sigma.toPrecision(3))

function recommendationLines({ recommended, points }: UTurnReport): string[] {
  const lowest = points.reduce((best, point) => (point.fid < best.fid ? point : best))
  const isCopied = lowest.correlation > independenceBars.correlation
  const warning = `the lowest FID, ${lowest.fid.toFixed(3)}, is that of σ ${lowest.sigma.toPrecision(3)}, where samples keep ${percent(lowest.correlation)} of their starts: FID rewards copying`
  const more = isCopied ? [warning] : []
  if (!recommended)
    return ['no σ of the sweep gives samples that are independent of their starts: more levels, or --sampler churn or sde, may', ...more]
  const { sigma, nfe, speedUp, fid } = recommended
  return [
    `generate with σ ${sigma.toPrecision(4)}: independent samples by ${nfe} evaluations, a full run's divided by ${speedUp.toFixed(2)}, FID ${fid.toFixed(3)}`,
    ...more,
  ]
}
