import { join } from 'node:path'
import { z } from 'zod'
import { loadTabularOrImages } from '../../data/index.ts'
import { cast, evaluate, fromArray, InputError, ndarray, reshape, sizeOf, type Tensor } from '../../engine/index.ts'
import { makeFolder, writeAtomically, writeJson } from '../../experiment/index.ts'
import { type Examples, encodeWeights, groupOption, ownExamples, saveClassifier, weightsFile } from '../../kits/classifier/index.ts'
import { accuracy } from '../../nn/index.ts'
import { verb } from '../method.ts'
import { optimizerSettings } from '../optimizers.ts'
import { isNetworkRule, type LabelledExamples, networkRules, type TrainedNetwork, trainHomogeneous } from './network-training.ts'

export const trainVerb = verb({
  name: 'train',
  summary: {
    en: 'Trains a network without biases on all classes, then widens its normalized margin',
    zh: '在所有类别上训练无偏置网络，再扩大其归一化间隔',
  },
  options: z.object({
    data: z.string().describe('a CSV with a header, a folder of images (one subfolder a class), IDX, npy, npz or safetensors'),
    target: z.string().optional().describe('the column to predict, of a CSV; default the last'),
    group: groupOption,
    size: z.number().int().positive().optional().describe('resize images to size × size'),
    hidden: z.array(z.number().int().positive()).default([64]).describe('widths of the hidden layers'),
    rule: z
      .string()
      .default('prgd')
      .describe(
        `what widens the margin: ${networkRules.join(', ')}, or another optimizer by name on the plain loss, such as adam:learningRate=1e-3`,
      ),
    epochs: z.number().int().positive().default(300).describe('passes, at most, until every training example is right'),
    batch: z.number().int().positive().default(128).describe('examples a step of these passes'),
    plainLearningRate: z.number().positive().default(0.5).describe('learning rate of these passes, and of rule gd'),
    steps: z.number().int().positive().default(1000).describe('steps on all examples that widen the margin'),
    learningRate: z.number().positive().default(1e-3).describe('η of normalized steps'),
    growth: z.number().min(1).default(3).describe('what the norm of all weights grows by in all'),
    interval: z.number().int().positive().default(10).describe('τ: steps between two rescalings'),
    rescaled: z.enum(['all', 'lastLayer']).default('all').describe('the weights whose norm grows'),
    seed: z.number().int().nonnegative().default(0).describe('decides starting weights and order'),
    out: z.string().default('runs/prgd/network').describe('folder for the weights, the ONNX model and the curve'),
  }),
  positional: 'data',
  example: 'quire prgd train digits.csv --target class --hidden 64 --steps 1000 --growth 3 --out runs/prgd/network',
  async run({ options, log, out, progress }) {
    if (!isNetworkRule(options.rule)) optimizerSettings(options.rule)
    const own = await loadTabularOrImages(options.data, { target: options.target, group: options.group, size: options.size })
    const parts = ownExamples(own, { table: 'none', images: 'none', where: options.data, log })
    const largest = (parts.train.x.data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    if (!(largest > 0)) throw new InputError('all features are zero', { where: options.data, fix: 'give examples that differ' })
    const [train, test] = [scaledRows(parts.train, largest), scaledRows(parts.test, largest)]
    log(`${train.y.shape[0]} examples to train on, ${test.y.shape[0]} to test on, ${own.classes.length} classes`)
    const { hidden, seed, epochs, batch, plainLearningRate } = options
    const curve: string[] = []
    const trained = await trainHomogeneous({
      train,
      classes: own.classes.length,
      hidden,
      seed,
      separate: { epochs, batch, learningRate: plainLearningRate },
      widen: { ...options, batch: 0 },
      onMargin: (step, margin) => curve.push(JSON.stringify({ step, margin })),
      progress,
    })
    const { margin } = trained
    const right = await accuracy(trained.model.apply(trained.params, fromArray(test.x)), fromArray(test.y)).item()
    makeFolder(options.out)
    const about = {
      classes: [...own.classes],
      hidden,
      inputs: train.x.shape[1],
      divisor: largest,
      margin,
      epochs: trained.epochs,
      accuracy: right,
    }
    writeAtomically(join(options.out, weightsFile), await encodeWeights(trained.params, about))
    const single = await inSingle(trained)
    await saveClassifier(options.out, { ...parts.card, mean: [0], deviation: [largest] }, single)
    writeAtomically(join(options.out, 'margin.jsonl'), `${curve.join('\n')}\n`)
    writeJson(join(options.out, 'network.json'), about)
    if (margin.before <= 0) out(`after ${trained.epochs} epochs some training examples are still wrong: give more epochs or wider layers`)
    return {
      lines: [
        `normalized margin ${margin.before.toExponential(3)} after ${trained.epochs} epochs, ${margin.after.toExponential(3)} after ${options.steps} steps of ${options.rule}`,
        `test accuracy ${right.toFixed(4)}`,
        `written: ${options.out}`,
      ],
      json: { ...about, out: options.out },
    }
  },
})

/** x [n, ...] as float64 [n, features], divided by a number. */
const scaledRows = ({ x: { shape, data }, y }: Examples, divisor: number): LabelledExamples => ({
  x: ndarray(
    Float64Array.from(data, (value) => value / divisor),
    [shape[0], sizeOf(shape.slice(1))],
    'float64',
  ),
  y,
})

/** The network with weights in float32, as its file holds them: scaled inputs [n, ...] → logits. */
async function inSingle({ model, params }: TrainedNetwork): Promise<(x: Tensor) => Tensor> {
  const single = await evaluate({ layers: params.layers.map((weight) => cast(weight, 'float32')) })
  return (x) => model.apply(single, reshape(x, [x.shape[0], sizeOf(x.shape.slice(1))]))
}
