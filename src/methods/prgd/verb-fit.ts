import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { writeAtomically, writeJson } from '../../experiment/index.ts'
import { verb } from '../method.ts'
import { applyStandard, type Classifier, classifierFile, classifierOnnx, onRawFeatures, standardizedBy } from './classifier-file.ts'
import { accuracyOf, signExamples } from './examples.ts'
import { type MarginResult, type MaxMarginOptions, maxMargin, type Status, separatorNames } from './max-margin.ts'
import { dataOptions, readExamples } from './own-examples.ts'

/** Options of every verb that trains. */
export const trainingOptions = {
  steps: z.number().int().positive().default(2000).describe('gradient steps; of the perceptron, passes'),
  learningRate: z.number().positive().optional().describe('η; default: the best of 1, 2, 4, 8, 16'),
  warmup: z.number().int().positive().default(100).describe('normalized steps before the norm begins to grow'),
  interval: z.number().int().positive().default(5).describe('τ: steps between two rescalings'),
  growth: z.number().positive().default(1e5).describe('what the norm grows by in all, spread over the steps'),
  rho: z.number().positive().optional().describe('ρ: instead of growth, what the norm is multiplied with at each rescaling'),
  standardize: z.boolean().default(false).describe('measure margins on features of mean 0 and deviation 1'),
}
const training = z.object(trainingOptions)
export type TrainingOptions = z.output<typeof training>

export const optionsOf = ({ steps, learningRate = undefined, warmup, interval, growth, rho }: TrainingOptions): MaxMarginOptions => ({
  steps,
  learningRate: learningRate ?? 'auto',
  warmup,
  schedule: rho === undefined ? { kind: 'budget', growth, interval } : { kind: 'exponential', rho, interval },
})

const advice: Readonly<Record<Status, string>> = {
  converged: 'the certificate leaves next to nothing to gain',
  frozen: 'the norm grew faster than the direction could follow; give more steps, less growth or a larger learning rate',
  'radius-limit': 'the norm is so large that steps are lost in rounding; give less growth',
  unfinished: 'more steps would help',
  'not-separable': 'no plane separates these classes, as a weighted mean of the signed examples, which is zero, proves',
  'not-separated': 'no separating plane was found, nor a proof that there is none; give more steps',
}

/** `0.0648 of at most 0.0649; converged: …` */
export const marginLine = ({ margin, upperBound, status }: MarginResult): string =>
  `margin ${margin.toPrecision(8)}, of at most ${upperBound.toPrecision(8)}; ${status}: ${advice[status]}`

export const fitVerb = verb({
  name: 'fit',
  summary: {
    en: 'Separates two classes by a large margin, and says how far from the largest it can be',
    zh: '以大间隔分开两类，并说明与最大间隔最多相差多少',
  },
  options: z.object({
    ...dataOptions,
    method: z.enum(separatorNames).default('prgd').describe('what separates; svm is the exact solver'),
    ...trainingOptions,
    out: z.string().default('runs/prgd/fit').describe('folder for the classifier (JSON, ONNX) and the curve'),
  }),
  positional: 'data',
  example: 'quire prgd fit digits.csv --target class --positive 3 --negative 8 --steps 2000 --out runs/prgd/three-eight',
  async run({ options, log, progress }) {
    const own = await readExamples(options)
    log(`${own.y.length} examples, ${own.x.shape[1]} features: ${own.positive} against ${own.negative}`)
    const standardized = options.standardize ? standardizedBy(own.x) : undefined
    const { z, scale } = signExamples(standardized ? applyStandard(own.x, standardized) : own.x, own.y)
    const found = await maxMargin(z, { ...optionsOf(options), method: options.method, progress })
    const raw = onRawFeatures(found.weights, standardized)
    const accuracy = accuracyOf(Float64Array.of(...raw.weights, raw.bias), own.x, own.y)
    const { trajectory, weights: _, ...facts } = found
    const summary = { ...facts, scale, accuracy }
    const classifier: Classifier = {
      positive: own.positive,
      negative: own.negative,
      ...raw,
      featureNames: own.featureNames && [...own.featureNames],
      standardized,
    }
    mkdirSync(options.out, { recursive: true })
    writeJson(join(options.out, classifierFile), { ...classifier, ...summary })
    writeAtomically(join(options.out, 'classifier.onnx'), classifierOnnx(raw, own))
    if (trajectory) writeAtomically(join(options.out, 'curve.jsonl'), curveLines(trajectory))
    return {
      lines: [
        marginLine(found),
        `accuracy on these examples ${accuracy.toFixed(4)}, ${found.support.length} of them within 1 % of the margin`,
        `written: ${options.out}`,
        `next: quire prgd certify ${options.data} --classifier ${options.out}`,
      ],
      json: { ...classifier, ...summary, out: options.out },
    }
  },
})

/** One line a step. */
function curveLines({ margin, radius, logLoss }: NonNullable<MarginResult['trajectory']>): string {
  const lines = [...margin].map((value, t) => JSON.stringify({ t, margin: value, radius: radius[t], logLoss: logLoss[t] }))
  return `${lines.slice(1).join('\n')}\n`
}
