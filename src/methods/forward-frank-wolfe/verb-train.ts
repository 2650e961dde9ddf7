import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { createBatcher, loadTabularOrImages } from '../../data/index.ts'
import { evaluate, fromArray, InputError, key, NotFiniteError, tanh } from '../../engine/index.ts'
import { readSafetensors, writeSafetensors } from '../../engine/safetensors.ts'
import { writeAtomically } from '../../experiment/index.ts'
import {
  type ClassifierCard,
  type Examples,
  exampleShape,
  groupOption,
  ownExamples,
  saveClassifier,
  weightsFile,
} from '../../kits/classifier/index.ts'
import { accuracy, crossEntropy, type LayeredParams, lecunNormal, type Model, mlp } from '../../nn/index.ts'
import type { Optimizer } from '../../optim/index.ts'
import { fromArrays, type TrainState, toArrays, trainStep } from '../../train/index.ts'
import { verb } from '../method.ts'
import { type Chosen, optimizerHelp, optimizerNamed, optimizerSettings } from '../optimizers.ts'
import { parseAveraging } from './averaging.ts'
import { parseConstraint } from './constraint-text.ts'
import { absoluteRadii, movedInside, onMatrices } from './constraints.ts'
import { distributions } from './directions.ts'
import { forwardFrankWolfe } from './forward-frank-wolfe.ts'
import { frankWolfe } from './frank-wolfe.ts'
import { nonzeroShare } from './sparsity.ts'

const trainOptions = z.object({
  data: z.string().describe('a CSV with a header, a folder of images (one subfolder a class), IDX, npy, npz or safetensors'),
  target: z.string().optional().describe('the column to predict, of a CSV; default the last'),
  group: groupOption,
  size: z.number().int().positive().optional().describe('resize images to size × size'),
  network: z.enum(['logistic', 'mlp']).default('mlp').describe('what is trained'),
  hidden: z.array(z.number().int().positive()).default([64]).describe('widths of the hidden layers of an mlp, with tanh between them'),
  constraint: z
    .string()
    .default('l2:init=3')
    .describe('the set of each weight matrix: l1|l2|linf|lp|ksparse|simplex|nuclear with r=, d= or init=; or none'),
  gradient: z.enum(['forward', 'reverse']).default('forward').describe('derivatives by forward mode, or by back-propagation'),
  averaging: z.string().default('0.9').describe('none, mokhtari, or the exponent of (k + 1)^-exponent'),
  directions: z.number().int().positive().default(1).describe('forward-mode evaluations a step'),
  distribution: z.enum(distributions).default('gaussian').describe('of the directions'),
  steps: z.number().int().positive().default(20_000).describe('training steps'),
  batch: z.number().int().positive().default(128).describe('examples a step'),
  warmStart: z.number().nonnegative().default(20).describe('k0 of the step size 2/(k + 2 + k0)'),
  freeRate: z.number().positive().optional().describe('learning rate of biases, which are free; default: the step size'),
  optimizer: z
    .string()
    .optional()
    .describe(`a rival that trains it instead: ${optimizerHelp.replace('what trains it: ', '')}`),
  start: z.string().optional().describe('weights to start from (safetensors, as train writes them); moved into the set if need be'),
  seed: z.number().int().nonnegative().default(0).describe('decides starting weights, order and directions'),
  out: z.string().default('runs/forward-frank-wolfe/model').describe('folder for the weights, the ONNX model and the metrics'),
})
type TrainOptions = z.output<typeof trainOptions>

export const trainVerb = verb({
  name: 'train',
  summary: {
    en: 'Trains a classifier whose weights stay in a convex set, without a backward pass',
    zh: '在凸约束内训练分类器，无需反向传播',
  },
  options: trainOptions,
  positional: 'data',
  example:
    'quire forward-frank-wolfe train digits.csv --target class --hidden 32 --constraint l2:r=12 --steps 4000 --out runs/forward-frank-wolfe/digits',
  async run({ options, log, out, progress }) {
    const { data, target, group, size, steps, batch, seed } = options
    const choose = optimizerOf(options)
    const { card, train, test } = ownExamples(await loadTabularOrImages(data, { target, group, size }), { where: data, log })
    log(`${train.y.shape[0]} examples to train on, ${test.y.shape[0]} to test on, ${card.classes.length} classes`)
    const model = modelOf(options, card)
    const fresh = await evaluate(model.init(key(seed)))
    const { optimizer, params: first } = await choose(await startFrom(options, fresh), fresh, log)
    const metrics: string[] = []
    const { params, stopped } = await trained(model, optimizer, first, {
      steps,
      batcher: createBatcher(train, { size: Math.min(batch, train.y.shape[0]), seed, last: 'wrap' }),
      progress,
      onLook: async (step, loss, current) => {
        const right = await accuracyOn(model, current, test)
        metrics.push(JSON.stringify({ step, loss, accuracy: right }))
        log(`step ${step}: loss ${loss.toFixed(4)}, test accuracy ${right.toFixed(4)}`)
      },
    })
    mkdirSync(options.out, { recursive: true })
    writeAtomically(join(options.out, weightsFile), writeSafetensors(await toArrays(params)))
    writeAtomically(join(options.out, 'metrics.jsonl'), `${metrics.join('\n')}\n`)
    await saveClassifier(options.out, card, (x) => model.apply(params, x))
    if (stopped)
      throw new InputError(stopped.message, {
        fix: `the last weights before that are in ${options.out}; use another constraint or --free-rate`,
      })
    const found = { accuracy: await accuracyOn(model, params, test), nonzero: await nonzeroShare(params).item() }
    out(
      `test accuracy ${found.accuracy.toFixed(4)}, ${(100 * found.nonzero).toFixed(1)} % of the parameters above a thousandth of the largest`,
    )
    return { lines: [`written: ${options.out}`], json: { ...found, steps, evaluations: steps * options.directions, out: options.out } }
  },
})

const modelOf = ({ network, hidden }: TrainOptions, card: ClassifierCard): Model<LayeredParams> =>
  mlp({
    sizes: [exampleShape(card).reduce((a, b) => a * b, 1), ...(network === 'mlp' ? hidden : []), card.classes.length],
    activation: tanh,
    weight: lecunNormal,
  })

async function startFrom({ start }: TrainOptions, like: LayeredParams): Promise<LayeredParams> {
  if (start === undefined) return like
  const bytes = await readFile(start).catch((cause) => {
    throw new InputError('there are no such weights', { where: start, fix: 'give a file that train wrote', cause })
  })
  return fromArrays(readSafetensors(bytes, start).tensors, like, start)
}

type Choose = (start: LayeredParams, fresh: LayeredParams, warn: (line: string) => void) => Promise<Chosen<LayeredParams>>

/** What trains, and from where: the method of the options, from inside its sets, or a rival by name. Whatever is wrong with the options is said at once. */
function optimizerOf(options: TrainOptions): Choose {
  const { optimizer: rival, steps, seed, directions, distribution, freeRate } = options
  if (rival !== undefined) {
    optimizerSettings(rival)
    return (params, _, warn) => optimizerNamed(rival, { params, steps, learningRate: 0.01, seed, warn })
  }
  const averaging = parseAveraging(options.averaging)
  const set = parseConstraint(options.constraint)
  return async (start, fresh, warn) => {
    const constraints = await absoluteRadii(fresh, onMatrices(set))
    const common = { constraints, averaging, stepSize: { warmStart: options.warmStart }, freeRate }
    const forward = options.gradient === 'forward'
    const optimizer = forward ? forwardFrankWolfe({ ...common, directions, distribution, seed }) : frankWolfe(common)
    return { optimizer: optimizer as Optimizer, params: await movedInside(start, constraints, { warn }) }
  }
}

interface Training {
  readonly steps: number
  readonly batcher: ReturnType<typeof createBatcher<Examples>>
  progress(done: number, total: number, note?: string): Promise<void>
  onLook(step: number, loss: number, params: LayeredParams): Promise<void>
}

/** Looks at the test examples in the course of training. */
const looks = 20

/** Trains to the end, or until a loss is not finite: then with the parameters before that step, which are as feasible as all. */
async function trained(
  model: Model<LayeredParams>,
  optimizer: Optimizer,
  first: LayeredParams,
  { steps, batcher, progress, onLook }: Training,
): Promise<{ params: LayeredParams; stopped?: NotFiniteError }> {
  const step = trainStep((p: LayeredParams, { x, y }) => crossEntropy(model.apply(p, x), y), optimizer)
  let state: TrainState<LayeredParams> = await evaluate(step.init(first))
  const buffer = batcher.at(0)
  let total = 0
  const every = Math.max(1, Math.round(steps / looks))
  for (let k = 0; k < steps; k++) {
    try {
      const { loss, ...next } = await step(state, batcher.at(k, buffer))
      state = { params: next.params, optimizer: next.optimizer }
      total += loss
    } catch (error) {
      if (error instanceof NotFiniteError) return { params: state.params, stopped: error }
      throw error
    }
    if ((k + 1) % every === 0) {
      await onLook(k + 1, total / every, state.params)
      total = 0
    }
    await progress(k + 1, steps)
  }
  return { params: state.params }
}

const accuracyOn = (model: Model<LayeredParams>, params: LayeredParams, { x, y }: Examples): Promise<number> =>
  accuracy(model.apply(params, fromArray(x)), fromArray(y)).item()
