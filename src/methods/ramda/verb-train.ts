import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { loadTabularOrImages, type OwnData, stepsPerEpoch } from '../../data/index.ts'
import { writeAtomically, writeJson } from '../../experiment/index.ts'
import { type ClassifierCard, encodeWeights, groupOption, ownExamples, saveClassifier, weightsFile } from '../../kits/classifier/index.ts'
import { toArrays } from '../../train/index.ts'
import { verb } from '../method.ts'
import { optimizerHelp, optimizerNamed, optimizerSettings } from '../optimizers.ts'
import { initialParams, trainClassifier } from './classifier.ts'
import { classifierOf, type Description, regularizerIn } from './saved-model.ts'
import { equalStages } from './schedule.ts'
import { structureReport } from './structure.ts'

export const trainOptions = z.object({
  data: z.string().describe('an image folder (one subfolder a class), a CSV with a header, IDX, npy or npz'),
  target: z.string().optional().describe('the column to predict, of a CSV; default the last'),
  group: groupOption,
  size: z.number().int().positive().optional().describe('resize images to size × size'),
  network: z.enum(['logistic', 'mlp', 'convnet']).default('mlp').describe('what is trained'),
  hidden: z.array(z.number().int().positive()).default([128, 64]).describe('widths of the hidden layers of an mlp'),
  optimizer: z.string().default('ramda').describe(optimizerHelp),
  regularizer: z.enum(['group-lasso', 'l1', 'nuclear']).default('group-lasso').describe('which structure is asked for'),
  groups: z.enum(['input', 'output']).default('input').describe('whether inputs or outputs of a layer vanish as a whole'),
  lambda: z.number().nonnegative().default(1e-3).describe('weight of the regularizer: more is sparser'),
  learningRate: z.number().positive().default(1e-2).describe('before the first milestone'),
  momentum: z.number().positive().max(1).default(0.1).describe('c of the averaging'),
  epochs: z.number().int().positive().default(40).describe('passes through the training part'),
  batch: z.number().int().positive().default(128).describe('examples a step'),
  seed: z.number().int().nonnegative().default(0).describe('decides starting weights and order'),
  out: z.string().default('runs/ramda/model').describe('folder for the weights and the structure'),
})
type TrainOptions = z.output<typeof trainOptions>

export const trainVerb = verb({
  name: 'train',
  summary: { en: 'Trains a structured-sparse classifier on your images or table', zh: '在自己的图像或表格上训练结构化稀疏的分类器' },
  options: trainOptions,
  example: 'quire ramda train --data digits/ --network mlp --lambda 0.001 --epochs 40 --batch 32 --out runs/ramda/digits',
  async run({ options: given, log, out, progress }) {
    const { options, defaults, averaged } = settled(given)
    const own = await loadTabularOrImages(options.data, { target: options.target, group: options.group, size: options.size })
    const { card, train, test } = ownExamples(own, { images: 'alike', where: options.data, log })
    const about = describe(options, own, card)
    const model = classifierOf(about)
    const regularizer = regularizerIn(about)
    const steps = stepsPerEpoch(train.x.shape[0], { size: options.batch })
    log(`${train.x.shape[0]} examples to train on, ${test.x.shape[0]} to test on, ${own.classes.length} classes`)
    const hint = averaged ? tooShort(options, steps) : undefined
    if (hint) log(hint)
    const { optimizer, params: start } = await optimizerNamed(options.optimizer, {
      params: await initialParams(model, options.seed),
      steps: options.epochs * steps,
      learningRate: options.learningRate,
      milestones: equalStages(options.epochs, stages, steps),
      defaults,
      seed: options.seed,
      warn: log,
    })
    let last = { accuracy: 0, sparsity: 0 }
    const { params } = await trainClassifier({
      model,
      optimizer,
      start,
      regularizer,
      train,
      test,
      epochs: options.epochs,
      batch: options.batch,
      seed: options.seed,
      progress,
      onEpoch: (epoch, values) => {
        last = values
        log(
          `epoch ${epoch}: loss ${values.loss.toFixed(4)}, accuracy ${values.accuracy.toFixed(4)}, sparsity ${values.sparsity.toFixed(4)}`,
        )
      },
    })
    const arrays = await toArrays(params)
    const structure = structureReport(arrays, regularizer)
    mkdirSync(options.out, { recursive: true })
    writeAtomically(join(options.out, weightsFile), await encodeWeights(params, about))
    writeJson(join(options.out, 'structure.json'), structure)
    await saveClassifier(options.out, card, (x) => model.apply(params, x))
    out(`test accuracy ${last.accuracy.toFixed(4)}, weighted group sparsity ${structure.sparsity.toFixed(4)}`)
    const lines = [`weights: ${join(options.out, weightsFile)}`, `next: quire ramda compact ${options.out} --onnx small.onnx`]
    return { lines, json: { accuracy: last.accuracy, sparsity: structure.sparsity, out: options.out } }
  },
})

/**
 * The options with what the optimizer's text says of the same things, and those that the text may leave out. RAMDA's c is called momentum; what
 * other optimizers call so is something else.
 */
export function settled(options: TrainOptions) {
  const { optimizer, regularizer, groups, lambda, learningRate, momentum } = options
  const { name } = optimizerSettings(optimizer)
  const averaged = name === 'ramda' || name === 'rmda'
  const defaults = { regularizer, groups, lambda, learningRate, ...(averaged && { momentum }) }
  const { settings } = optimizerSettings(optimizer, defaults)
  return { options: { ...options, ...settings } as TrainOptions, defaults, averaged }
}

/** c grows from its start to 1 in the last stage; if that has too few steps, W never becomes What and has no exact zero. */
function tooShort({ momentum, epochs }: TrainOptions, stepsPerEpoch: number): string | undefined {
  const begin = equalStages(epochs, stages, stepsPerEpoch).at(-1) ?? 0
  const [left, needed] = [epochs * stepsPerEpoch - begin, Math.ceil(momentum ** -2)]
  if (left >= needed) return undefined
  const enough = Math.ceil((needed * stages) / stepsPerEpoch)
  return `the last of ${stages} stages has ${left} steps, ${needed} are needed before weights become exactly zero: try --epochs ${enough}, or a smaller --batch`
}

/** Stages of training, each with a tenth of the learning rate of the one before. */
const stages = 4

const kinds = { 'group-lasso': 'groupLasso', l1: 'l1', nuclear: 'nuclear' } as const

const describe = (
  { network, hidden, regularizer, lambda, groups }: TrainOptions,
  own: OwnData,
  { classes, mean, deviation }: ClassifierCard,
): Description => ({
  network,
  hidden,
  inputShape: [...own.x.shape.slice(1)],
  classes,
  mean,
  deviation,
  regularizer: { kind: kinds[regularizer], lambda, ...(regularizer === 'group-lasso' && { group: groups }) },
})
