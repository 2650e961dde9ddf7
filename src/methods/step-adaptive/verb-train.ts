import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { makeFolder, writeAtomically, writeJson } from '../../experiment/index.ts'
import {
  bundleDenoiser,
  denoiserOf,
  exportDenoiser,
  parameterCount,
  sample,
  saveBundle,
  saveDiffusionModel,
} from '../../kits/diffusion/index.ts'
import { imageGrid } from '../../kits/generative/index.ts'
import { forgetUnfinished } from '../../train/resumable.ts'
import { verb } from '../method.ts'
import { bandsPicture } from './bands.ts'
import { bundleOf } from './bundle.ts'
import { tryEndpoint } from './llm-advisor.ts'
import { bankText, type Trial } from './memory-bank.ts'
import { advisorOf, baseFolder, checkBase, freshConfig, readBase, readImages } from './own-model.ts'
import { advisorOptions, endpointOf, groupingOf, groupOptions, imageOptions, refuseGiven } from './own-options.ts'
import { type OwnResult, trainOwn } from './own-training.ts'
import { macsOf } from './pruning-plan.ts'

const options = z.object({
  data: z.string().describe('images: a folder (with one subfolder a class, or none), a tar, IDX, .npy, .npz or .safetensors file'),
  out: z.string().describe('the folder of the bundle; the same command goes on with an interrupted training'),
  base: z.string().optional().describe('a trained model to start from, of quire diffusion train; default: one is trained first'),
  network: z.enum(['tiny', 'small', 'base']).optional().describe('size of the base, where none is given (default: tiny)'),
  ...imageOptions,
  ...groupOptions,
  plan: z
    .string()
    .optional()
    .describe('a plan that quire step-adaptive plan has written, perhaps edited, instead of the options of groups'),
  ...advisorOptions,
  steps: z.number().int().min(2).default(2000).describe('updates of both stages; of stage 2, where a base is given'),
  stageOne: z.number().min(0.01).max(0.99).optional().describe('share of the updates for stage 1, where no base is given (default: 0.6)'),
  recipe: z.enum(['weighted', 'equal']).default('weighted').describe('updates of stage 2: more for harder groups, or the same for all'),
  overlap: z.number().min(0).max(0.5).default(0).describe('share of its width that a group is trained beyond its ends'),
  batch: z.number().int().min(1).default(64).describe('images an update'),
  learningRate: z.number().positive().max(1).default(1e-3).describe('peak of each stage'),
  tuningRate: z.number().positive().max(1).optional().describe('peak of stage 2 (default: that of stage 1)'),
  ema: z.number().min(0).max(0.99999).default(0.995).describe('decay of the moving average of the parameters, which is what is kept'),
  uniform: z.boolean().default(false).describe('also train one model for all times with as many updates, to compare with'),
  onnx: z.boolean().default(false).describe('also write one denoising step of each group as an ONNX file'),
  samples: z.number().int().min(1).max(400).default(36).describe('images in the picture of samples'),
  seed: z.number().int().min(0).default(0).describe('of weights, batches and noise'),
})
type Options = z.output<typeof options>

export const trainVerb = verb({
  name: 'train',
  summary: {
    en: 'Trains a bundle of denoisers for groups of time steps on your images, each pruned to its group’s difficulty',
    zh: '在自己的图像上训练按时间步分组的去噪模型束，每个模型按本组难度剪枝',
  },
  positional: 'data',
  options,
  example: 'quire step-adaptive train digits/ --size 7 --groups 3 --advisor magnitude --rounds 1 --steps 60 --uniform --out bundle',
  async run({ options, log, progress, signal }) {
    const { out, seed, network = 'tiny', stageOne = 0.6 } = options
    refuseUnused(options)
    const grouping = groupingOf(options)
    const endpoint = endpointOf(options)
    const images = await readImages(options, log)
    const base = options.base === undefined ? freshConfig(images.train.x.shape.slice(1), network) : await readBase(options.base)
    if ('params' in base) checkBase(base, images, options.base!)
    const trials: Trial[] = []
    const exchanges: string[] = []
    const advisor = advisorOf({
      ...options,
      endpoint,
      mayFallBack: options.allowSearch,
      log,
      keep: (exchange) => exchanges.push(`${JSON.stringify(exchange)}\n`),
    })
    if (endpoint && !options.allowSearch) await tryEndpoint(endpoint, signal)
    makeFolder(out)
    const trained = await trainOwn({
      images,
      base,
      advisor,
      out,
      options: { ...options, ...grouping, stageOne },
      retained: grouping.retained,
      recipe: { options: { ...options, out: undefined }, data: images.sha256, base: 'params' in base ? base.sha256 : base },
      progress,
      onTrial(trial) {
        trials.push(trial)
        if (trial.loss !== undefined) log(`group ${trial.group + 1}, round ${trial.round}: loss ${trial.loss.toFixed(5)}`)
        if (trial.note) log(`group ${trial.group + 1}, round ${trial.round}: ${trial.note}`)
      },
    })
    await write(trained, options, signal)
    writeAtomically(join(out, 'memory_bank.jsonl'), bankText(trials))
    if (exchanges.length > 0) writeAtomically(join(out, 'transcript.jsonl'), exchanges.join(''))
    await forgetUnfinished(out)
    return result(trained, options, seed)
  },
})

/** Refuses options of a choice that was not made. */
function refuseUnused({ plan, groups, by, retained, meanShare, base, network, stageOne }: Options): void {
  if (plan !== undefined) refuseGiven({ groups, by, retained, meanShare }, 'with --plan')
  if (base !== undefined) refuseGiven({ network, stageOne }, 'with --base')
}

async function write(
  { base, groups, specialists, uniform }: OwnResult,
  { out, onnx, samples, seed }: Options,
  signal: AbortSignal,
): Promise<void> {
  const bundle = bundleOf(specialists)
  await saveBundle(out, bundle)
  await saveDiffusionModel(join(out, baseFolder), base)
  if (uniform) await saveDiffusionModel(join(out, 'uniform'), uniform)
  if (onnx) for (const [i, { model }] of specialists.entries()) await exportDenoiser(join(out, `group-${i}.onnx`), denoiserOf(model))
  const denoiser = bundleDenoiser(bundle)
  const steps = denoiser.process.config.kind === 'discrete' ? Math.min(50, denoiser.process.config.steps) : 50
  const { x } = await sample(denoiser, { sampler: { kind: 'ddim', eta: 1 }, steps, count: samples, seed, signal })
  const isImage = denoiser.shape.length === 3 && [1, 3].includes(denoiser.shape[0])
  if (isImage) writeAtomically(join(out, 'samples.png'), await imageGrid(x, { range: denoiser.range }))
  writeAtomically(
    join(out, 'groups.svg'),
    await bandsPicture(
      denoiser.process,
      groups,
      specialists.map(({ macs }) => macs / macsOf(base)),
    ),
  )
}

function result({ base, specialists, uniform, steps }: OwnResult, { out }: Options, seed: number) {
  const total = macsOf(base)
  const groups = specialists.map(({ from, to, share, steps, macs, flagged, pruning }) => ({
    from,
    to,
    share,
    steps,
    macs,
    flagged,
    pruning,
  }))
  writeJson(join(out, 'groups.json'), { groups, base: total, seed })
  const off = groups.filter(({ pruning }) => pruning && !pruning.isWithin)
  const flagged = groups.filter(({ flagged }) => flagged)
  if (flagged.length === groups.length)
    throw new InputError(`every group's training went to infinity: ${flagged[0].flagged}`, { where: out, fix: 'lower --tuning-rate' })
  const parameters = specialists.reduce(
    (sum, { model: { config } }) => sum + parameterCount(config.network, config.shape, config.classes),
    0,
  )
  const mean = specialists.reduce((sum, { macs }) => sum + macs, 0) / specialists.length / total
  const one = parameterCount(base.config.network, base.config.shape, base.config.classes)
  return {
    lines: [
      ...groups.map(
        ({ from, to, macs, steps }, i) =>
          `group ${i + 1}, times from ${from} to before ${to}: ${macs} multiply-accumulates (${((100 * macs) / total).toFixed(1)} %), ${steps} updates`,
      ),
      ...flagged.map(({ from, flagged }) => `the group from ${from} keeps the base: ${flagged}`),
      ...off.map(
        ({ from, pruning }) => `the group from ${from} misses its budget of ${Math.round(pruning!.target)}: units cannot be cut finer`,
      ),
      `in the mean ${(100 * mean).toFixed(1)} % of the base's operations; ${parameters} parameters on disk for ${one} of one model`,
      `written to ${out}: routing.json, a model a group, samples.png, groups.svg`,
      uniform
        ? `next: quire step-adaptive compare ${out} --with ${join(out, 'uniform')} --data …`
        : `next: quire step-adaptive sample ${out} --out samples`,
    ],
    json: { out, groups, meanShare: mean, parameters, baseParameters: one, steps: { stageOne: steps[0], stageTwo: steps[1] } },
  }
}
