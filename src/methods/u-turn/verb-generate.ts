import { join } from 'node:path'
import { z } from 'zod'
import { rows, writeNpy } from '../../data/index.ts'
import { InputError } from '../../engine/index.ts'
import { writeSafetensors } from '../../engine/safetensors.ts'
import { makeFolder, writeAtomically, writeJson } from '../../experiment/index.ts'
import { copyDetector, imageGrid } from '../../kits/generative/index.ts'
import { verb } from '../method.ts'
import { readAnalysis, recommendedSigma, requireAnalysisOf } from './analysis-file.ts'
import { onSigma } from './coordinates.ts'
import { uTurnCorrelation } from './correlations.ts'
import { fitGaussian } from './g-turn.ts'
import { independenceBars } from './independence.ts'
import { provenanceOf } from './pairs.ts'
import { splitReal, startsOf } from './real-data.ts'
import { loadSubject, modelHelp, subjectOptions } from './subject.ts'
import { uTurn } from './u-turn.ts'
import { isImage } from './verb-analyse.ts'
import { returnOptions, samplingOf, wayBack } from './way-back.ts'

const generateOptions = z.object({
  model: z.string().describe(modelHelp),
  data: z.string().describe('real examples to start from, as of analyse; three tenths are left out'),
  sigma: z.number().positive().optional().describe('σ of the U-turns; default: what --analysis recommends'),
  analysis: z.string().optional().describe('the folder of an analysis of this model: U-turns return as there'),
  count: z.number().int().min(1).max(1_000_000).default(64).describe('samples; starts are used again where there are fewer'),
  ...subjectOptions,
  ...returnOptions,
  out: z.string().default('runs/u-turn/samples').describe('folder for samples.npy, samples.safetensors, samples.png and report.json'),
})

/** Samples in the picture. */
const shown = 100

export const generateVerb = verb({
  name: 'generate',
  summary: {
    en: 'Samples by U-turns from real examples, and says how much of them was copied',
    zh: '由真实样本折返生成新样本，并报告复制程度',
  },
  options: generateOptions,
  positional: 'model',
  example: 'quire u-turn generate gaussian --data digits/ --size 14 --sigma 10 --count 16 --out runs/u-turn/samples',
  async run({ options, log, progress, signal }) {
    const { count, seed, out } = options
    const analysis = options.analysis === undefined ? undefined : await readAnalysis(options.analysis)
    const sigma = options.sigma ?? (analysis && recommendedSigma(analysis))
    if (sigma === undefined)
      throw new InputError('nothing says where to turn', { where: '--sigma', fix: 'give --sigma, or --analysis FOLDER' })
    const way = wayBack(options, analysis)
    const { denoiser, hash, images } = await loadSubject(options, log)
    if (analysis) requireAnalysisOf(hash, analysis)
    const data = splitReal(images!.x)
    const starts = startsOf(data, count, seed)
    const started = Uint32Array.from({ length: count }, (_, i) => starts.rows[i % starts.rows.length])
    const x0 = rows({ x: data.train }, started).x
    const onStep = (done: number, total: number) => progress(done, total)
    const turned = await uTurn(denoiser, x0, { ...samplingOf(way, options), seed, signal, sigma, onStep })
    const { mean } = await fitGaussian(data.train)
    const found = await provenanceOf(turned.y0, await copyDetector(data.train), started)
    const correlation = uTurnCorrelation(x0, turned.y0, mean).centred
    const report = { sigma: turned.sigma, count, ...way, seed, nfe: turned.nfe, correlation, ...found, starts: [...started] }
    makeFolder(out)
    writeAtomically(join(out, 'samples.npy'), writeNpy(turned.y0))
    writeAtomically(join(out, 'samples.safetensors'), writeSafetensors({ samples: turned.y0 }, { sigma: String(turned.sigma) }))
    const picture = isImage(denoiser.shape)
    if (picture) {
      const some = rows(
        { x: turned.y0 },
        Array.from({ length: Math.min(shown, count) }, (_, i) => i),
      ).x
      writeAtomically(join(out, 'samples.png'), await imageGrid(some, { range: denoiser.range }))
    }
    writeJson(join(out, 'report.json'), report)
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
    const [least, most] = onSigma(denoiser).process.times
    return {
      lines: [
        `${count} samples from σ ${turned.sigma.toPrecision(4)} (the model knows ${least.toPrecision(3)} to ${most.toPrecision(3)}), ${turned.nfe} evaluations each`,
        `copies ${percent(found.copyRate)}; nearest to their own start ${percent(found.self)}; authentic ${percent(found.authenticity)}; correlation with their starts ${correlation.toFixed(3)}`,
        ...(correlation > independenceBars.correlation
          ? ['warning: these samples depend on their starts: a larger --sigma, or --sampler churn, makes them independent']
          : []),
        `written: ${out}/samples.npy, samples.safetensors, ${picture ? 'samples.png, ' : ''}report.json`,
      ],
      json: report,
    }
  },
})
