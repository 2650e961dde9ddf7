import { join } from 'node:path'
import { z } from 'zod'
import { writeAtomically } from '../../data/files.ts'
import { type TrainingImages, take } from '../../data/index.ts'
import { InputError, type NDArray, ndarray, snapshot } from '../../engine/index.ts'
import { recordOf } from '../../kits/diffusion/files/recorded.ts'
import {
  type Denoiser,
  type DiffusionConfig,
  type DiffusionModel,
  denoiserOf,
  denoisingLoss,
  diffusionTrainer,
  type LevelLoss,
  type Measured,
  macs,
  meanExample,
  parameterCount,
  processNames,
  processOf,
  risingLevels,
  rootMeanSquare,
  sample,
  saveDiffusionModel,
  type TrainerState,
  type TrainingData,
  type TrainingRecipe,
} from '../../kits/diffusion/index.ts'
import { imageGrid } from '../../kits/generative/index.ts'
import { verb } from '../../methods/method.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import { forgetUnfinished, stepResumably } from '../../train/resumable.ts'
import { errorLines, readImages, split } from './images.ts'
import { configFor, networkKinds, sizeNames } from './models.ts'
import { samplerOf } from './samplers.ts'

const options = z.object({
  data: z.string().describe('images: a folder (with one subfolder a class, or none), a tar, IDX, .npy, .npz or .safetensors file'),
  out: z.string().describe('the folder of the trained model; the same command goes on with an interrupted training'),
  size: z.number().int().min(1).max(1024).optional().describe('pixels of a side, to which images are resized (default: their own size)'),
  grey: z.boolean().default(false).describe('read images without colour'),
  skipDamaged: z.boolean().default(false).describe('leave images out that cannot be read'),
  range: z
    .array(z.number())
    .length(2)
    .optional()
    .describe('least and most of arrays of floats; default 0 to 1, or -1 to 1 where some are below 0'),
  process: z
    .enum(processNames)
    .default('edm')
    .describe('how noise is added: edm (Karras et al.), a chain (cosine, linear) or an SDE (vp, subVp, ve)'),
  predict: z.enum(['eps', 'x0', 'v', 'score', 'edm']).optional().describe('what the network predicts; default: edm on σ, else eps'),
  network: z.enum(networkKinds).optional().describe('default: mlp for images of up to 256 values, else unet'),
  networkSize: z.enum(sizeNames).default('small').describe('how large the network is'),
  learnedVariance: z
    .boolean()
    .default(false)
    .describe('of a chain: learn the variance of its steps too (Nichol & Dhariwal), for sampling by ddpm in fewer steps'),
  conditional: z.boolean().default(false).describe('tell the network the class, which a tenth of the examples are not told (guidance)'),
  steps: z.number().int().min(1).default(2000).describe('updates'),
  batch: z.number().int().min(1).default(64).describe('images an update'),
  learningRate: z.number().positive().default(1e-3).describe('its peak; it falls to 0 along a cosine'),
  ema: z.number().min(0).max(0.99999).default(0.999).describe('decay of the moving average of the parameters, which is what is kept'),
  weighting: z.enum(['simple', 'minSnr', 'likelihood', 'vlb']).default('simple').describe('of the losses of different levels of noise'),
  keepEvery: z.number().int().min(2).default(10).describe('every so many-th image is kept back, to measure on'),
  samples: z.number().int().min(1).max(400).default(36).describe('images in the picture of samples'),
  seed: z.number().int().min(0).default(0).describe('of weights, batches and noise'),
})
type Options = z.output<typeof options>

/** How often the held-out loss is taken, and at how many levels. */
const measurements = 8
const levelCount = 8

export const train = verb({
  name: 'train',
  summary: { en: 'Trains a diffusion model on images', zh: '在图像上训练扩散模型' },
  example: 'quire diffusion train digits/ --size 14 --network-size tiny --steps 60 --out model',
  positional: 'data',
  options,
  async run({ options, log, progress, signal }) {
    const { steps, seed, out, keepEvery, range } = options
    const images = await readImages(options, log)
    const { train, heldOut } = split(images, keepEvery)
    const { config, data } = prepared(options, images, train)
    log(`${train.x.shape[0]} images [${config.shape.join(', ')}], ${heldOut.x.shape[0]} kept back; ${countsOf(config)}`)
    const recipe = recipeOf(options)
    const trainer = diffusionTrainer(config, recipe, data, seed)
    const measure = measurement(config, train, heldOut)
    const modelAt = async ({ ema }: TrainerState): Promise<DiffusionModel> => ({ config, params: await snapshot(ema), centre: data.centre })
    let state = trainer.start()
    const history: Measured[] = []
    const began = performance.now()
    const { losses, resumedAt } = await stepResumably({
      folder: out,
      recipe: { config, recipe, data: images.provenance.sha256, range, keepEvery, seed },
      steps,
      async step(k) {
        const next = await trainer.step(state, k)
        state = next.state
        if ((k + 1) % Math.ceil(steps / measurements) !== 0) return next.loss
        history.push(await measure(denoiserOf(await modelAt(state))))
        warn(history, k + 1, log)
        return next.loss
      },
      save: async () => ({ ...(await toArrays({ state })), history: arrayOf(history) }),
      restore(saved) {
        state = fromArrays(saved, { state }, out).state
        history.push(...historyIn(saved.history))
      },
      onStep: (k, loss) => progress(k + 1, steps, `loss ${loss.toFixed(4)}`),
    })
    const stepsPerSecond = (1000 * (steps - resumedAt)) / (performance.now() - began)
    if (resumedAt > 0) log(`gone on with at step ${resumedAt}`)
    const model = await modelAt(state)
    const errors = await measure(denoiserOf(model))
    await saveDiffusionModel(out, model, recordOf({ data: images.provenance.sha256, keepEvery }))
    await write(options, 'losses.json', JSON.stringify({ losses: [...losses], errors, history }))
    await writePicture(denoiserOf(model), options, signal)
    await forgetUnfinished(out)
    const last = losses.slice(-100)
    const loss = last.reduce((sum, each) => sum + each, 0) / last.length
    const lines = [
      `loss ${losses[0].toFixed(4)} → ${loss.toFixed(4)} (mean of the last ${last.length} steps)`,
      ...errorLines(errors),
      `written to ${out}: model.safetensors, config.json, samples.png, losses.json`,
    ]
    const parameters = parameterCount(config.network, config.shape, config.classes)
    return { lines, json: { out, steps, loss, errors, rising: risingLevels(history), parameters, stepsPerSecond } }
  },
})

const recipeOf = ({ steps, batch, learningRate, ema, weighting, conditional }: Options): TrainingRecipe => ({
  steps,
  batch,
  learningRate,
  ema,
  weighting,
  warmup: Math.min(100, Math.floor(steps / 10)),
  ...(conditional && { labelDropout: 0.1 }),
})

/** The config, and the data as it wants them: centred where σ_data is part of it. */
function prepared(options: Options, { classes, x }: TrainingImages, train: TrainingData): { config: DiffusionConfig; data: TrainingData } {
  const { process, predict, network, networkSize, conditional, learnedVariance } = options
  if (conditional && !classes)
    throw new InputError('there are no classes', {
      where: options.data,
      fix: 'put the images of each class into a subfolder, or leave --conditional out',
    })
  const [, channels, height, across] = x.shape
  const plain = configFor([channels, height, across], { process, predict, network, size: networkSize, learnedVariance })
  const centre = plain.predict === 'edm' ? meanExample(train.x) : undefined
  const config: DiffusionConfig = {
    ...plain,
    ...(centre && { sigmaData: rootMeanSquare(train.x, centre) }),
    ...(conditional && { classes: classes!.length }),
  }
  return { config, data: { ...train, centre } }
}

const countsOf = ({ network, shape, classes }: DiffusionConfig): string =>
  `${network.kind} of ${parameterCount(network, shape, classes)} parameters, ${macs(network, shape, classes)} multiply-accumulates an image`

/** Measures a model on as many training images as are kept back, at times of equal shares of training's draws. */
function measurement(config: DiffusionConfig, train: TrainingData, heldOut: TrainingData): (denoiser: Denoiser) => Promise<Measured> {
  const process = processOf(config.process)
  const times = Array.from({ length: levelCount }, (_, i) => process.atShare((i + 0.5) / levelCount))
  const known = take({ ...train }, heldOut.x.shape[0])
  return async (denoiser) => ({
    train: await denoisingLoss(denoiser, known, times),
    heldOut: await denoisingLoss(denoiser, heldOut, times),
  })
}

/** The numbers of a loss, in their order in a file. */
const lossNumbers = ['time', 'sigma', 'x0', 'eps', 'x0Error'] as const satisfies (keyof LevelLoss)[]

/** Measurements as an array to save: [measurements, in training and held out, levels, numbers of a loss]. */
function arrayOf(history: readonly Measured[]): NDArray {
  const levels = history.flatMap(({ train, heldOut }) => [...train, ...heldOut])
  const numbers = levels.flatMap((level) => lossNumbers.map((name) => level[name]))
  return ndarray(Float64Array.from(numbers), [history.length, 2, levelCount, lossNumbers.length], 'float64')
}

function historyIn({ data, shape }: NDArray): Measured[] {
  const lossAt = (row: number) =>
    Object.fromEntries(lossNumbers.map((name, i) => [name, data[row * lossNumbers.length + i]])) as unknown as LevelLoss
  const lossesFrom = (first: number) => Array.from({ length: levelCount }, (_, level) => lossAt(first + level))
  return Array.from({ length: shape[0] }, (_, i) => ({
    train: lossesFrom(2 * i * levelCount),
    heldOut: lossesFrom((2 * i + 1) * levelCount),
  }))
}

function warn(history: readonly Measured[], step: number, log: (line: string) => void): void {
  const rising = risingLevels(history)
  if (rising.length === 0) return
  const at = rising
    .map(({ sigma, least, last }) => `σ ${sigma.toPrecision(3)} (${least.toPrecision(3)} → ${last.toPrecision(3)})`)
    .join(', ')
  log(`warning: step ${step}: the held-out error rises at ${at}; the model begins to remember its images`)
}

const write = (options: Options, name: string, text: string): Promise<void> =>
  writeAtomically(join(options.out, name), new TextEncoder().encode(`${text}\n`))

async function writePicture(denoiser: Denoiser, { samples: count, seed, out }: Options, signal: AbortSignal): Promise<void> {
  const labels = denoiser.classes === undefined ? {} : { labels: Int32Array.from({ length: count }, (_, i) => i % denoiser.classes!) }
  const { x } = await sample(denoiser, { ...samplerOf(denoiser, { eta: 0 }), count, seed, signal, ...labels })
  await writeAtomically(join(out, 'samples.png'), await imageGrid(x))
}
