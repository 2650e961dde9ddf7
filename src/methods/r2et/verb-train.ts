import { join } from 'node:path'
import { z } from 'zod'
import { stepsPerEpoch, take } from '../../data/index.ts'
import { evaluate, fromArray, jit, reshape, type Tensor } from '../../engine/index.ts'
import { shellCommand, writeAtomically, writeJson } from '../../experiment/index.ts'
import { encodeWeights, groupOption, saveClassifier, weightsFile } from '../../kits/classifier/index.ts'
import type { LayeredParams } from '../../nn/index.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import { verb } from '../method.ts'
import { optimizerHelp, optimizerNamed, optimizerSettings } from '../optimizers.ts'
import { audit } from './audit.ts'
import { baseStart, freshStart, type Start } from './base.ts'
import { curvatures } from './curvature.ts'
import { type Examples, fitModel } from './fit.ts'
import type { Network } from './network.ts'
import type { ObjectiveOptions } from './objective.ts'
import { requireK } from './ranking.ts'
import { rowRecords } from './row-records.ts'
import { predicted } from './saliency.ts'
import { nameIn, subjectSchema } from './subject.ts'

const methodNames = ['r2et-mm', 'r2et', 'r2et-code', 'r2et-mm-no-h', 'r2et-no-h', 'est-h', 'at', 'vanilla'] as const
const norms = Object.keys(curvatures) as [keyof typeof curvatures, ...(keyof typeof curvatures)[]]

const trainOptions = z.object({
  data: z.string().describe('a CSV with a header, an image folder (one subfolder a class), IDX, npy or npz'),
  target: z.string().optional().describe('the column to predict, of a CSV; default the last'),
  group: groupOption,
  size: z.number().int().positive().optional().describe('resize images to size × size'),
  impute: z.boolean().default(false).describe('fill missing values in, instead of refusing them'),
  base: z.string().optional().describe('go on from this classifier (a folder or an ONNX file) instead of training a perceptron first'),
  smooth: z.number().positive().optional().describe("put softplus of this sharpness in the place of the base's ReLU, whose Hessian is 0"),
  k: z.number().int().positive().default(8).describe('how many of the most salient features are to be stable'),
  method: z.enum(methodNames).default('r2et-mm').describe('what the second training minimises'),
  pairs: z.number().int().positive().default(4).describe('hardest pairs of features that r2et-mm keeps apart'),
  form: z.enum(['linear', 'exp']).default('linear').describe('a pair counts by its gap, or by −exp(−gap)'),
  normalize: z.enum(['none', 'l1']).default('none').describe('whether gaps are those of the map divided by its sum'),
  lambda1: z.number().nonnegative().default(0.05).describe('weight of the gap between the top k and the rest'),
  lambda2: z.number().nonnegative().default(0.1).describe("weight of the Hessian's norm"),
  hessian: z
    .enum(norms)
    .default('sign')
    .describe(
      "its norm: along the gradient's signs (Est-H), that by a difference of gradients, Frobenius (Exact-H), largest eigenvalue (SSR)",
    ),
  adaptive: z.boolean().default(false).describe('scale both terms so that they count about λ times the loss'),
  weightDecay: z.number().nonnegative().default(0).describe('L2 penalty of both trainings'),
  hidden: z.array(z.number().int().positive()).default([32, 32]).describe('widths of the hidden layers'),
  beta: z.number().positive().default(10).describe('sharpness of the softplus activation; 0.5 is smoother, and more stable still'),
  optimizer: z.string().default('adam').describe(optimizerHelp),
  learningRate: z.number().positive().default(1e-2).describe('of the first training; the second has 0.3 of it'),
  epochs: z.number().int().positive().default(10).describe('passes of the plain first training'),
  again: z.number().int().positive().default(5).describe('passes of the second training, which hardens the explanations'),
  batch: z.number().int().positive().default(128).describe('examples a step'),
  eps: z.number().positive().default(0.5).describe('radius of the attacks that measure it, in standardised features or pixels of 0..1'),
  points: z.number().int().positive().default(100).describe('test examples that are attacked'),
  seed: z.number().int().nonnegative().default(0).describe('decides starting weights and order'),
  out: z.string().default('runs/r2et/model').describe('folder for the classifier and the reports'),
})
type TrainOptions = z.output<typeof trainOptions>

/** What a verb's caller sees of its work. */
interface Watcher {
  log(line: string): void
  out(line: string): void
  progress(done: number, total: number): Promise<void>
}

export const trainVerb = verb({
  name: 'train',
  summary: {
    en: 'Trains a classifier on your table or images whose explanations survive attacks, or hardens one that you have',
    zh: '在自己的表格或图像上训练解释稳定的分类器，或加固已有的分类器',
  },
  options: trainOptions,
  example: 'quire r2et train --data credit.csv --target default --k 8 --out runs/r2et/credit',
  async run({ options, ...watcher }) {
    optimizerSettings(options.optimizer)
    if (options.base === undefined) return harden(await freshStart(options, watcher.log), options, watcher)
    const { base, data, target, group, impute, k, smooth } = options
    const start = await baseStart(base, subjectSchema.parse({ model: base, data, target, group, impute, k, smooth }), watcher.log)
    // Both kinds of parameters are trees of tensors, which is all that training asks of them.
    return harden(start as Start<LayeredParams>, { ...options, epochs: 0 }, watcher)
  },
})

async function harden<P>(start: Start<P>, options: TrainOptions, { log, out, progress }: Watcher) {
  const { network, card, train, test, shape } = start
  const { k, eps, points, seed } = options
  const channels = card.image?.[0] ?? 1
  requireK(k, train.x.shape[1] / channels)
  log(`${train.x.shape[0]} examples to train on, ${test.x.shape[0]} to test on, ${card.classes.length} classes`)
  const attacked = take(test, points)
  const judge = async (params: P) => {
    const { rows, ...shares } = await audit(network, params, attacked.x, { k, eps, saliency: { channels }, seed, progress })
    return { accuracy: await accuracyOf(network, params, test), ...shares, rows }
  }
  const common = { network, train, batch: options.batch, seed, progress }
  const { weightDecay } = options
  const phase = async (params: P, epochs: number, learningRate: number, objective: ObjectiveOptions, firstEpoch = 0): Promise<P> => {
    const steps = epochs * stepsPerEpoch(train.x.shape[0], { size: options.batch })
    const chosen = await optimizerNamed(options.optimizer, { params, steps, learningRate, seed, warn: log })
    return fitModel(chosen.params, { ...common, objective, optimizer: chosen.optimizer, epochs, firstEpoch })
  }
  const plain = options.epochs === 0 ? start.params : await phase(start.params, options.epochs, options.learningRate, { k, weightDecay })
  const { rows: _, ...before } = await judge(plain)
  log(`as it was: ${summaryOf(before)}`)
  // Training uses its parameters up.
  const objective = { k, weightDecay, saliency: { channels }, ...objectives[options.method](options) }
  const copied = fromArrays(await toArrays(plain), plain)
  const params = await phase(copied, options.again, 0.3 * options.learningRate, objective, options.epochs)
  const { rows, ...after } = await judge(params)
  await saveClassifier(options.out, card, (x) => network.apply(params, flatten(x)))
  if (shape) writeAtomically(join(options.out, weightsFile), await encodeWeights(params, { ...shape, k }))
  writeJson(join(options.out, 'report.json'), { before, after })
  const records = rowRecords(rows, { card, nameOf: (feature) => nameIn(card, feature) }, attacked.y)
  writeAtomically(join(options.out, 'rows.jsonl'), records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  out(`hardened:  ${summaryOf(after)}`)
  const { data: path, target, group } = options
  const data = shellCommand(
    Object.entries({ data: path, target, group }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value])),
  )
  const lines = [
    `classifier: ${options.out}`,
    `next: quire r2et explain ${options.out} ${data} --row 0 --picture saliency.svg`,
    `      quire r2et audit ${options.out} ${data}`,
  ]
  return { lines, json: { before, after, out: options.out } }
}

const flatten = (x: Tensor): Tensor => reshape(x, [x.shape[0], -1])

const objectives: Readonly<Record<TrainOptions['method'], (options: TrainOptions) => Omit<ObjectiveOptions, 'k'>>> = {
  'r2et-mm': (options) => ({ ...gapOf(options), ...hessianOf(options), pairs: options.pairs }),
  r2et: (options) => ({ ...gapOf(options), ...hessianOf(options) }),
  'r2et-code': (options) => ({ ...gapOf(options), ...hessianOf(options), pairs: 'code' }),
  'r2et-mm-no-h': (options) => ({ ...gapOf(options), pairs: options.pairs }),
  'r2et-no-h': (options) => gapOf(options),
  'est-h': (options) => hessianOf(options),
  at: ({ eps }) => ({ adversarial: eps }),
  vanilla: () => ({}),
}

const gapOf = ({ lambda1, form, normalize, adaptive }: TrainOptions) => ({ lambda1, form, normalize, adaptive })
const hessianOf = ({ lambda2, hessian, adaptive }: TrainOptions) => ({ lambda2, curvature: hessian, adaptive })

interface Summary {
  readonly accuracy: number
  readonly worst: number
  readonly random: number
  readonly chance: number
}

const summaryOf = ({ accuracy, worst, random, chance }: Summary): string =>
  `accuracy ${accuracy.toFixed(4)}; of the top k ${(100 * worst).toFixed(1)} % survive the worst attack, ${(100 * random).toFixed(1)} % random points (chance ${(100 * chance).toFixed(1)} %)`

async function accuracyOf<P>(network: Network<P>, params: P, { x, y }: Examples): Promise<number> {
  const classes = await evaluate(jit((params: P, x: Tensor) => predicted(network.apply(params, x)))(params, fromArray(x)))
  const labels = await classes.data()
  return Array.from(y.data).filter((label, row) => labels[row] === label).length / y.data.length
}
