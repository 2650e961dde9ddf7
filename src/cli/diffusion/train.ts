import { join } from 'node:path'
import { z } from 'zod'
import { writeAtomically } from '../../data/files.ts'
import type { TrainingImages } from '../../data/index.ts'
import { InputError } from '../../engine/index.ts'
import {
  type Denoiser,
  type DiffusionConfig,
  denoiserOf,
  denoisingLoss,
  diffusionTrainer,
  type LevelLoss,
  macs,
  meanExample,
  parameterCount,
  risingLevels,
  rootMeanSquare,
  sample,
  saveDiffusionModel,
  type TrainingData,
  type TrainingRecipe,
} from '../../kits/diffusion/index.ts'
import { imageGrid } from '../../kits/generative/index.ts'
import { verb } from '../../methods/method.ts'
import { forgetUnfinished, trainResumably } from '../../train/resumable.ts'
import { readImages, split } from './images.ts'
import { configFor, networkKinds, processNames, sizeNames } from './models.ts'
import { samplerOf } from './samplers.ts'

const options = z.object({
  data: z.string().describe('images: a folder (with one subfolder a class, or none), a tar, IDX, .npy, .npz or .safetensors file'),
  out: z.string().describe('the folder of the trained model; the same command goes on with an interrupted training'),
  size: z.number().int().min(1).max(1024).optional().describe('pixels of a side, to which images are resized (default: their own size)'),
  grey: z.boolean().default(false).describe('read images without colour'),
  skipDamaged: z.boolean().default(false).describe('leave images out that cannot be read'),
  process: z
    .enum(processNames)
    .default('edm')
    .describe('how noise is added: edm (Karras et al.), a chain (cosine, linear) or an SDE (vp, subVp, ve)'),
  predict: z.enum(['eps', 'x0', 'v', 'score', 'edm']).optional().describe('what the network predicts; default: edm on σ, else eps'),
  network: z.enum(networkKinds).optional().describe('default: mlp for images of up to 256 values, else unet'),
  width: z.enum(sizeNames).default('tiny').describe('how large the network is'),
  conditional: z.boolean().default(false).describe('tell the network the class, which a tenth of the examples are not told (guidance)'),
  steps: z.number().int().min(1).default(2000).describe('updates'),
  batch: z.number().int().min(1).default(64).describe('images an update'),
  learningRate: z.number().positive().default(1e-3).describe('its peak; it falls to 0 along a cosine'),
  ema: z.number().min(0).max(0.99999).default(0.999).describe('decay of the moving average of the parameters, which is what is kept'),
  weighting: z.enum(['simple', 'minSnr', 'likelihood']).default('simple').describe('of the losses of different levels of noise'),
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
  example: 'quire diffusion train digits --size 14 --width nano --steps 60 --out model',
  positional: 'data',
  options,
  async run({ options, log, progress, signal }) {
    const images = await readImages(options, log)
    const { train, heldOut } = split(images, options.keepEvery)
    const { config, data } = prepared(options, images, train)
    log(`${train.x.shape[0]} images [${config.shape.join(', ')}], ${heldOut.x.shape[0]} kept back; ${countsOf(config)}`)
    const recipe: TrainingRecipe = {
      ...recipeOf(options),
      ...(options.conditional && { labelDropout: 0.1 }),
    }
    const trainer = diffusionTrainer(config, recipe, data, options.seed)
    const levels = levelsOf(config)
    const history: LevelLoss[][] = []
    const every = Math.max(1, Math.floor(options.steps / measurements))
    const began = performance.now()
    const { state, losses, resumedAt } = await trainResumably({
      folder: options.out,
      recipe: { config, recipe, data: images.provenance.sha256, seed: options.seed },
      steps: options.steps,
      start: () => trainer.start(),
      async step(state, k) {
        const next = await trainer.step(state, k)
        if ((k + 1) % every !== 0) return next
        history.push(await denoisingLoss(denoiserOf({ config, params: next.state.ema, centre: data.centre }), heldOut, levels))
        warn(history, k + 1, log)
        return next
      },
      onStep: (k, loss) => progress(k + 1, options.steps, `loss ${loss.toFixed(4)}`),
    })
    if (resumedAt > 0) log(`gone on with at step ${resumedAt}`)
    const seconds = (performance.now() - began) / 1000
    const model = { config, params: state.ema, centre: data.centre }
    await saveDiffusionModel(options.out, model, { data: images.provenance.sha256, keepEvery: String(options.keepEvery) })
    const denoiser = denoiserOf(model)
    const byLevel = await denoisingLoss(denoiser, heldOut, levels)
    await write(options, 'losses.json', JSON.stringify({ losses: [...losses], heldOut: byLevel, history }))
    await writePicture(denoiser, options, signal)
    await forgetUnfinished(options.out)
    const last = losses.slice(-100).reduce((sum, loss, _, all) => sum + loss / all.length, 0)
    return {
      lines: [
        `loss ${losses[0].toFixed(4)} → ${last.toFixed(4)} (mean of the last ${Math.min(100, losses.length)} steps)`,
        'held-out error of the clean image, by level of noise:',
        ...byLevel.map(
          ({ sigma, x0, x0Error }) => `  σ ${sigma.toPrecision(3).padEnd(8)} ${x0.toExponential(2)} ± ${(2 * x0Error).toExponential(1)}`,
        ),
        `written to ${options.out}: model.safetensors, config.json, samples.png, losses.json`,
      ],
      json: {
        out: options.out,
        steps: options.steps,
        loss: last,
        heldOut: byLevel,
        rising: risingLevels(history),
        parameters: parameterCount(config.network, config.shape, config.classes),
        stepsPerSecond: (options.steps - resumedAt) / seconds,
      },
    }
  },
})

const recipeOf = ({ steps, batch, learningRate, ema, weighting }: Options): TrainingRecipe => ({
  steps,
  batch,
  learningRate,
  ema,
  weighting,
  warmup: Math.min(100, Math.floor(steps / 10)),
})

/** The config, and the data as it wants them: centred where σ_data is part of it. */
function prepared(options: Options, { classes, x }: TrainingImages, train: TrainingData): { config: DiffusionConfig; data: TrainingData } {
  const { process, predict, network, width, conditional } = options
  if (conditional && !classes)
    throw new InputError('there are no classes', {
      where: options.data,
      fix: 'put the images of each class into a subfolder, or leave --conditional out',
    })
  const [, channels, height, across] = x.shape
  const plain = configFor([channels, height, across], { process, predict, network, size: width })
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

/** Times at equal shares of training's draws. */
function levelsOf(config: DiffusionConfig): number[] {
  const { process } = denoiserOf({ config, params: {} })
  return Array.from({ length: levelCount }, (_, i) => process.atShare((i + 0.5) / levelCount))
}

function warn(history: readonly LevelLoss[][], step: number, log: (line: string) => void): void {
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
