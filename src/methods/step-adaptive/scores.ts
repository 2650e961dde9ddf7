import { take } from '../../data/index.ts'
import type { NDArray } from '../../engine/index.ts'
import { denoisingLoss, processOf, sample, timeGrid } from '../../kits/diffusion/index.ts'
import { featureNetwork, featureRecipe, fid, fidFloor, kid, type TrainedFeatureNetwork } from '../../kits/generative/index.ts'
import { average } from '../../kits/metrics/index.ts'
import { groupAt } from './budget.ts'
import type { Config } from './config.ts'
import type { Digits } from './data.ts'
import type { StepGroup } from './groups.ts'
import { modelConfig } from './tasks.ts'
import type { TrainedArm } from './train-arm.ts'

/** Held-out loss of ε by time, all evenly spaced. */
export interface LossCurve {
  readonly times: readonly number[]
  readonly losses: readonly number[]
}

/** Mean squared error of ε on held-out examples, with noise that is the same for all arms. */
export async function lossCurve(
  { denoiser }: Pick<TrainedArm, 'denoiser'>,
  { heldOut }: Digits,
  { evaluation }: Config,
): Promise<LossCurve> {
  const { process } = denoiser
  const times = Array.from({ length: evaluation.times }, (_, i) => process.atShare((i + 0.5) / evaluation.times))
  const examples = evaluation.examples > 0 ? take({ x: heldOut }, evaluation.examples) : { x: heldOut }
  const found = await denoisingLoss(denoiser, examples, times)
  return { times, losses: found.map(({ eps }) => eps) }
}

/** The mean over each group's times. */
export const lossByGroup = ({ times, losses }: LossCurve, groups: readonly StepGroup[]): number[] =>
  groups.map((_, group) => average(losses.filter((_, i) => groupAt(groups, times[i]) === group)))

/** What samples of an arm are like. */
export interface SampleScores {
  /** Of each sampling seed. */
  readonly fids: readonly number[]
  /** Kernel inception distance of the first seed's samples. */
  readonly kid: number
  /** Multiply-accumulates of one sample. */
  readonly macs: number
  /** Values that the last step clipped, and samples that are not finite, of all seeds. */
  readonly clipped: number
  readonly notFinite: number
  /** The first samples of the first seed. */
  readonly shown: NDArray
}

/** Sampling seeds of `same-model`, which no other arm has. */
const otherSeeds = 1000

const shownSamples = 64

export async function sampleScores(
  arm: TrainedArm,
  digits: Digits,
  config: Config,
  progress: (done: number, total: number) => Promise<void>,
): Promise<SampleScores> {
  const { steps, count, seeds } = config.sampling
  const network = await featuresOf(digits, config)
  const real = await network.features(digits.heldOut)
  const first = config.variant === 'same-model' ? otherSeeds : 0
  const fids: number[] = []
  let [clipped, notFinite] = [0, 0]
  let firstSamples: { x: NDArray; kid: number } | undefined
  for (let seed = 0; seed < seeds; seed++) {
    const samples = await sample(arm.denoiser, {
      sampler: { kind: 'ddim', eta: 1 },
      steps,
      count,
      seed: first + seed,
      onStep: (done, total) => progress(seed * total + done, seeds * total),
    })
    clipped += samples.clipped
    notFinite += samples.notFinite
    const features = await network.features(samples.x)
    fids.push((await fid(features, real)).value)
    firstSamples ??= { x: samples.x, kid: (await kid(features, real)).value }
  }
  const times = timeGrid(processOf(modelConfig(config.task).process), steps).slice(0, -1)
  return {
    fids,
    kid: firstSamples!.kid,
    macs: times.reduce((sum, time) => sum + arm.macsAt(time), 0),
    clipped,
    notFinite,
    shown: take({ x: firstSamples!.x }, shownSamples).x,
  }
}

/** FID of real training digits against held-out ones, as many of both. */
export async function noiseFloor(digits: Digits, config: Config): Promise<number> {
  const network = await featuresOf(digits, config)
  const [train, heldOut] = [await network.features(digits.train), await network.features(digits.heldOut)]
  const { mean } = await fidFloor(train, heldOut, { n: Math.min(train.rows.shape[0], heldOut.rows.shape[0]) })
  return mean
}

/** The network that FID and KID are computed with: trained on the labels of the training digits, the same for all seeds. */
export const featuresOf = ({ train, labels }: Digits, config: Config): Promise<TrainedFeatureNetwork> =>
  featureNetwork(featureRecipe(modelConfig(config.task).shape, { steps: config.featureSteps }), {
    images: train,
    labels: labels.data as ArrayLike<number>,
  })
