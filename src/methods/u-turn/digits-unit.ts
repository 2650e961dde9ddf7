import type { Findings, UnitContext } from '../../experiment/index.ts'
import { encodeModel } from '../../kits/diffusion/files/model-file.ts'
import { type Denoiser, type DiffusionModel, denoiserOf, gaussian, modelFile, processOf } from '../../kits/diffusion/index.ts'
import { featureNetwork, featureRecipe, imageRows, momentsOf } from '../../kits/generative/index.ts'
import type { AnalyseOptions } from './analyse.ts'
import { baselineUnit } from './baseline-unit.ts'
import { type Config, levelNear } from './config.ts'
import type { Digits } from './digits.ts'
import { identityUnit } from './identity-unit.ts'
import { startsOf } from './real-data.ts'
import { turnRows } from './strip.ts'
import { sweepUnit } from './sweep-unit.ts'
import { lossCurve, type Trained, trainedDenoiser } from './trained.ts'

export type Context = UnitContext<Config, Digits>

/** What a unit samples, with how and by whom it is judged. */
export interface Subject {
  readonly denoiser: Denoiser
  readonly options: AnalyseOptions
}

/** Sampling seeds of a training seed: others for each, the same ones for its method, baselines and controls. */
const samplingSeeds = ({ seed, config }: Context): number[] => Array.from({ length: config.samplingSeeds }, (_, k) => 100 * seed + k)

/** The denoiser of the Gaussian that is fitted to the digits: what an affine score would do. Its estimates are not clipped, or it would not be affine. */
async function affineDenoiser({ data, config: { sigmas } }: Pick<Context, 'data' | 'config'>): Promise<Denoiser> {
  const process = processOf({ kind: 'edm', sigmas: [sigmas.least, sigmas.most], train: [-1.2, 1.2] })
  const { mean, covariance } = await momentsOf(data.train)
  return gaussian({ process, mean, covariance, shape: data.train.shape.slice(1) })
}

/** Variants that sample no network. */
const networkless: ReadonlySet<Config['variant']> = new Set(['affine', 'gaussianSamples', 'starts'])

async function subjectOf(context: Context): Promise<Subject & { readonly trained?: Trained }> {
  const { config, data, progress, signal } = context
  const recipe = featureRecipe(data.train.shape.slice(1), { steps: config.features.steps })
  const network = await featureNetwork(
    recipe,
    { images: data.train, labels: data.labels },
    { progress: (done, total) => progress(done, total, 'features') },
  )
  const trained = networkless.has(config.variant) ? undefined : await trainedDenoiser(context)
  const options: AnalyseOptions = {
    sampler: config.sampler,
    steps: config.steps,
    churn: { amount: config.churn, sigmas: [0.05, 50], noise: 1.003 },
    indices: [...new Set(config.turns.map((sigma) => levelNear(config, sigma)))],
    samples: config.samples,
    seeds: samplingSeeds(context),
    network,
    signal,
  }
  return {
    denoiser: trained ? denoiserOf(trained.model) : await affineDenoiser(context),
    options,
    ...(trained && { trained }),
  }
}

/** Trains the denoiser of a seed, or finds it trained, and samples it as the arm says. */
export async function digitsUnit(context: Context): Promise<Findings> {
  const { trained, ...subject } = await subjectOf(context)
  for (const { step, loss } of trained ? lossCurve(trained.losses) : []) context.log(step, { loss })
  if (trained && context.arm.id === keeper && context.seed === 0) await keep(context, trained.model, subject)
  switch (context.config.variant) {
    case 'identity':
      return identityUnit(context, subject)
    case 'sweep':
    case 'isotropic':
    case 'affine':
    case 'shuffled':
      return sweepUnit(context, subject)
    default:
      return baselineUnit(context, subject)
  }
}

/** The first arm, which trains for all of them; its first seed leaves its model and a picture in the run folder. */
export const keeper = 'digits/churn'

/** σ of the picture. */
const shownSigmas = [0.5, 1, 2, 6.4]

async function keep({ artifact, data }: Context, model: DiffusionModel, { denoiser, options }: Subject): Promise<void> {
  await artifact(modelFile, await encodeModel(model))
  const rows = await turnRows(denoiser, startsOf(data, shownStarts, 0).x, { ...options, seed: 0, sigmas: shownSigmas })
  await artifact('turns.png', await imageRows(rows))
}

const shownStarts = 10
