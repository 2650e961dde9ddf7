import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { loadTabularOrImages, type OwnData, splitBy, standardize, take } from '../../data/index.ts'
import { evaluate, fold, fromArray, InputError, key, sizeOf } from '../../engine/index.ts'
import { writeAtomically, writeJson } from '../../experiment/index.ts'
import { accuracy, type LayeredParams } from '../../nn/index.ts'
import { adam, type Optimizer, sgd } from '../../optim/index.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import { verb } from '../method.ts'
import { audit } from './audit.ts'
import { type Examples, fitModel } from './fit.ts'
import type { Network } from './network.ts'
import { requireK } from './ranking.ts'
import { type Description, encodeModel, inputsFor, networkOf, weightsFile } from './saved-model.ts'

const trainOptions = z.object({
  data: z.string().describe('a CSV with a header, an image folder (one subfolder a class), IDX, npy or npz'),
  target: z.string().optional().describe('the column to predict, of a CSV; default the last'),
  size: z.number().int().positive().optional().describe('resize images to size × size'),
  k: z.number().int().positive().default(8).describe('how many of the most salient features are to be stable'),
  pairs: z.number().int().positive().default(4).describe('hardest pairs of features that are kept apart (R2ET-mm)'),
  lambda1: z.number().nonnegative().default(0.05).describe('weight of the gap between the top k and the rest'),
  lambda2: z.number().nonnegative().default(0.1).describe("weight of the Hessian's norm"),
  hidden: z.array(z.number().int().positive()).default([32, 32]).describe('widths of the hidden layers'),
  beta: z.number().positive().default(10).describe('sharpness of the softplus activation; 0.5 is smoother, and more stable still'),
  optimizer: z.enum(['adam', 'sgd']).default('adam').describe('what trains it'),
  learningRate: z.number().positive().default(1e-2).describe('of the first training; the second has 0.3 of it'),
  epochs: z.number().int().positive().default(10).describe('passes of the plain first training'),
  again: z.number().int().positive().default(5).describe('passes of the second training, which hardens the explanations'),
  batch: z.number().int().positive().default(128).describe('examples a step'),
  eps: z.number().positive().default(0.5).describe('radius of the attacks that measure it, in standardised features or pixels of 0..1'),
  points: z.number().int().positive().default(100).describe('test examples that are attacked'),
  seed: z.number().int().nonnegative().default(0).describe('decides starting weights and order'),
  out: z.string().default('runs/r2et/model').describe('folder for the weights and the report'),
})
type TrainOptions = z.output<typeof trainOptions>

export const trainVerb = verb({
  name: 'train',
  summary: {
    en: 'Trains a classifier on your table or images whose explanations survive attacks',
    zh: '在自己的表格或图像上训练解释稳定的分类器',
  },
  options: trainOptions,
  example: 'quire r2et train --data credit.csv --target default --k 8 --out runs/r2et/credit',
  async run({ options, log, out, progress }) {
    const own = await loadTabularOrImages(options.data, { target: options.target, size: options.size })
    const about = describe(options, own)
    requireK(options.k, sizeOf(about.image?.slice(1) ?? own.x.shape.slice(1)))
    const { train, test } = split(own, about, options.data)
    const network = networkOf(about)
    log(`${train.x.shape[0]} examples to train on, ${test.x.shape[0]} to test on, ${about.classes.length} classes`)
    const channels = about.image?.[0]
    const judge = async (params: LayeredParams) => {
      const { k, eps, points, seed } = options
      const found = await audit(network, params, take(test, points).x, { k, eps, channels, seed, progress })
      return { accuracy: await accuracyOf(network, params, test), ...found, rows: undefined }
    }
    const common = { network, train, batch: options.batch, seed: options.seed, progress }
    const rate = options.learningRate
    const plain = await fitModel(network.init(fold(key(options.seed), 1)), {
      ...common,
      objective: { k: options.k },
      optimizer: optimizers[options.optimizer](rate),
      epochs: options.epochs,
    })
    const before = await judge(plain)
    log(`plainly trained: ${summaryOf(before)}`)
    const { k, lambda1, lambda2, pairs } = options
    // The plain parameters are judged before training uses them up.
    const hardened = await fitModel(fromArrays(await toArrays(plain), plain), {
      ...common,
      objective: { k, lambda1, lambda2, pairs, channels },
      optimizer: optimizers[options.optimizer](0.3 * rate),
      epochs: options.again,
      firstEpoch: options.epochs,
    })
    const after = await judge(hardened)
    mkdirSync(options.out, { recursive: true })
    writeAtomically(join(options.out, weightsFile), await encodeModel(about, hardened))
    writeJson(join(options.out, 'report.json'), { before, after })
    out(`hardened:        ${summaryOf(after)}`)
    const target = options.target === undefined ? '' : ` --target ${options.target}`
    const lines = [
      `weights: ${join(options.out, weightsFile)}`,
      `next: quire r2et explain ${options.out} --data ${options.data}${target} --row 0 --picture saliency.svg`,
    ]
    return { lines, json: { before, after, out: options.out } }
  },
})

const optimizers: Readonly<Record<TrainOptions['optimizer'], (learningRate: number) => Optimizer>> = {
  adam: (learningRate) => adam({ learningRate }),
  sgd: (learningRate) => sgd({ learningRate, momentum: 0.9 }),
}

interface Summary {
  readonly accuracy: number
  readonly worst: number
  readonly random: number
  readonly chance: number
}

const summaryOf = ({ accuracy, worst, random, chance }: Summary): string =>
  `accuracy ${accuracy.toFixed(4)}; of the top k ${(100 * worst).toFixed(1)} % survive the worst attack, ${(100 * random).toFixed(1)} % random points (chance ${(100 * chance).toFixed(1)} %)`

/** Tables are standardised by their training rows; pixels stay in 0..1. */
function describe({ hidden, beta, k }: TrainOptions, own: OwnData): Description {
  const width = sizeOf(own.x.shape.slice(1))
  const common = { hidden, beta, k, classes: [...own.classes] }
  if (own.imageShape) {
    const { channels, height, width: columns } = own.imageShape
    const flat = { mean: new Array<number>(width).fill(0), deviation: new Array<number>(width).fill(1) }
    return { ...common, featureNames: [], image: [channels, height, columns], ...flat }
  }
  const training = own.test ? { x: own.x, y: own.y } : splitBy<Examples>({ x: own.x, y: own.y }, partOf).train
  const { mean, std } = standardize(training.x)
  const featureNames = own.featureNames ?? Array.from({ length: width }, (_, i) => `feature ${i}`)
  return { ...common, featureNames: [...featureNames], mean: [...mean], deviation: [...std] }
}

const partOf = (index: number): 'train' | 'test' => (index % 5 === 0 ? 'test' : 'train')

/** The data's own test part, or every fifth example. */
function split(own: OwnData, about: Description, where: string): { train: Examples; test: Examples } {
  const x = inputsFor(about, own, where)
  if (own.test) return { train: { x, y: own.y }, test: { x: inputsFor(about, { ...own, ...own.test }, where), y: own.test.y } }
  if (x.shape[0] < 10) throw new InputError(`${x.shape[0]} examples are too few to train and test on`, { where, fix: 'give at least 10' })
  return splitBy<Examples>({ x, y: own.y }, partOf)
}

async function accuracyOf(network: Network, params: LayeredParams, { x, y }: Examples): Promise<number> {
  const logits = await evaluate(network.apply(params, fromArray(x)))
  if (logits.shape[1] > 1) return accuracy(logits, fromArray(y)).item()
  const values = await logits.data()
  return Array.from(y.data).filter((label, row) => values[row] > 0 === (label === 1)).length / y.data.length
}
