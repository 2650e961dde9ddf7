import { z } from 'zod'
import { take } from '../../data/index.ts'
import { InputError } from '../../engine/index.ts'
import { type Recorded, recordedIn } from '../../kits/diffusion/files/recorded.ts'
import { denoisingLoss, sample } from '../../kits/diffusion/index.ts'
import { featureNetwork, featureRecipe, type Interval, type Quality, quality, randomFeatureRecipe } from '../../kits/generative/index.ts'
import { verb } from '../../methods/method.ts'
import { errorLines, readImages, split } from './images.ts'
import { sampling } from './sample.ts'
import { meaningOptions, samplingOptions } from './samplers.ts'

/** Every so many-th image is kept back by `train` where nothing is said. */
const usualKeepEvery = 10

export const evaluate = verb({
  name: 'eval',
  summary: {
    en: 'Measures a diffusion model: FID, KID, precision, recall and copies, beside the noise floor, and errors by level of noise',
    zh: '评测扩散模型：FID、KID、精度、召回与复制率，并附噪声下限，以及各噪声水平的误差',
  },
  example: 'quire diffusion eval model --data digits/ --size 14 --count 40 --feature-steps 50',
  positional: 'model',
  options: z.object({
    model: z.string().describe('a model folder or file, a bundle, a run, or an ONNX denoiser'),
    data: z.string().describe('the images that it was trained on, as `train` reads them'),
    size: z.number().int().min(1).max(1024).optional().describe('as in training'),
    grey: z.boolean().default(false).describe('as in training'),
    skipDamaged: z.boolean().default(false).describe('as in training'),
    range: z.array(z.number()).length(2).optional().describe('as in training'),
    keepEvery: z
      .number()
      .int()
      .min(2)
      .optional()
      .describe(`which images it has not seen; default: as the model has recorded, else ${usualKeepEvery}`),
    count: z.number().int().min(2).optional().describe('samples a seed, at most and by default as many as images are kept back'),
    seeds: z.number().int().min(3).max(100).default(3).describe('how many times samples are drawn, for the intervals'),
    featureSteps: z.number().int().min(2).optional().describe('updates of the feature network (default: those of its recipe)'),
    ...samplingOptions,
    ...meaningOptions,
  }),
  async run({ options, log, progress, signal }) {
    const { denoiser, sampler, steps } = await sampling(options)
    const recorded = await recordedIn(options.model)
    const images = await readImages(options, log)
    const shape = images.x.shape.slice(1)
    if (`${shape}` !== `${denoiser.shape}`)
      throw new InputError(`images are [${shape.join(', ')}], the model's [${denoiser.shape.join(', ')}]`, {
        where: options.data,
        fix: 'give --size, or --grey',
      })
    const keepEvery = options.keepEvery ?? recorded?.keepEvery ?? usualKeepEvery
    const seen = seenBy(recorded, images.provenance.sha256, keepEvery)
    const { train, heldOut } = split(images, keepEvery)
    const count = Math.min(options.count ?? heldOut.x.shape[0], heldOut.x.shape[0])
    if (options.count !== undefined && count < options.count)
      log(`${count} samples a seed, not ${options.count}: so many images are kept back`)
    const recipe = images.labels
      ? featureRecipe(shape, options.featureSteps === undefined ? {} : { steps: options.featureSteps })
      : randomFeatureRecipe(shape)
    const network = await featureNetwork(recipe, { images: train.x, labels: train.labels?.data }, { log })
    log(`features: ${network.about}`)
    const labels = denoiser.classes === undefined ? {} : { labels: Int32Array.from({ length: count }, (_, i) => i % denoiser.classes!) }
    const samples = []
    let notFinite = 0
    for (let i = 0; i < options.seeds; i++) {
      const drawn = await sample(denoiser, {
        sampler,
        steps,
        count,
        seed: options.seed + i,
        signal,
        clip: options.clip && denoiser.range !== undefined,
        ...labels,
        ...(denoiser.classes !== undefined && options.guidance > 0 && { guidance: options.guidance }),
        onStep: (step, all) => progress(i + step / all, options.seeds, `seed ${options.seed + i}`),
      })
      notFinite += drawn.notFinite
      samples.push(drawn.x)
    }
    if (notFinite > 0)
      throw new InputError(`${notFinite} samples are not finite, and cannot be scored`, {
        where: options.model,
        fix: 'train longer, or clip',
      })
    const scored = await quality(network, { samples, train: train.x, heldOut: heldOut.x })
    const times = Array.from({ length: 6 }, (_, i) => denoiser.process.atShare((i + 0.5) / 6))
    const errors = {
      train: await denoisingLoss(denoiser, take({ ...train }, 1000), times),
      heldOut: await denoisingLoss(denoiser, heldOut, times),
    }
    const { precision, recall } = scored.precisionRecall
    return {
      lines: [
        `every ${keepEvery}-th image is held out: ${seenText[seen]}`,
        `${scored.n} samples by ${sampler.kind} in ${steps} steps, ${options.seeds} seeds; features of ${network.about}`,
        `FID   ${text(scored.fid)}   (real against real: ${text(scored.floor)})`,
        `KID   ${text(scored.kid)}`,
        `precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`,
        copyText(scored.copies),
        ...errorLines(errors),
      ],
      json: { model: options.model, sampler, steps, seeds: options.seeds, keepEvery, data: seen, ...scored, errors },
    }
  },
})

/** What is known of which images the model has seen. */
const seenText = {
  own: 'the model was trained on the others alone',
  other: 'the model was trained on other data; whether some of these were among them, in either part, is not known',
  unknown: 'the model has not recorded its data; that it was trained on the others alone is taken on trust',
}

/** @throws InputError for another split of the data that the model was trained on: it would have seen most of what is held out. */
function seenBy(recorded: Recorded | undefined, data: string, keepEvery: number): keyof typeof seenText {
  if (recorded?.data === undefined) return 'unknown'
  if (recorded.data !== data) return 'other'
  if (recorded.keepEvery === keepEvery) return 'own'
  throw new InputError(`the model was trained with ${recorded.keepEvery}, and has seen images that ${keepEvery} would hold out`, {
    where: '--keep-every',
    fix: 'leave it out',
  })
}

const text = ({ mean, standardError }: Interval): string => `${mean.toPrecision(4)} ± ${(2 * standardError).toPrecision(2)}`

function copyText({ copyRate, authenticity, heldOut }: Quality['copies']): string {
  const beside = heldOut ? ` (held-out images: ${percent(heldOut.copyRate)})` : ''
  return `${percent(copyRate)} of samples are copies of training images${beside}, ${percent(authenticity)} authentic`
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
