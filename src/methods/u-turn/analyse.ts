import { InputError, type NDArray } from '../../engine/index.ts'
import { type Denoiser, sample } from '../../kits/diffusion/index.ts'
import {
  type CopyDetector,
  copyDetector,
  type FeatureNetwork,
  type Features,
  fid,
  kid,
  predictedClasses,
} from '../../kits/generative/index.ts'
import { average } from '../../kits/metrics/index.ts'
import { onSigma, sigmaGrid } from './coordinates.ts'
import { type Correlation, meanSquare, scoreNorm, uTurnCorrelation } from './correlations.ts'
import { chanceAgreement, memorisationTime, speciationTime } from './critical-times.ts'
import { fitGaussian, type GaussianFit, gTurn } from './g-turn.ts'
import { dependence } from './independence.ts'
import { type Provenance, provenanceOf } from './pairs.ts'
import { type RealData, startsOf } from './real-data.ts'
import { gaussianity, type TrajectoryPoint, trajectoryOf } from './trajectory.ts'
import { denoised, type ReturnOptions, samplerConfig, uTurn } from './u-turn.ts'

/** What a set of samples is like beside the held-out examples. */
export interface Quality {
  readonly fid: number
  readonly kid: number
}

/** All U-turns of one σ: means over sampling seeds. */
export interface UTurnPoint extends Provenance, Quality {
  readonly sigma: number
  readonly nfe: number
  /** Centred, and as the paper's code has it. */
  readonly correlation: number
  readonly raw: number
  /** The correlation of the fitted Gaussian's U-turns. */
  readonly gaussian: number
  /** E‖D(x_u)‖² / E‖x₀‖², which an exact SDE's raw correlation equals. */
  readonly identity: number
  /** NaN without classes. */
  readonly sameClass: number
  /** σ‖s‖/√d at x_u. */
  readonly scoreNorm: number
  /** Share of coordinates of x_u that are not Gaussian. */
  readonly ks: number
  /** FID by sampling seed. */
  readonly fidValues: readonly number[]
  /** Values of the last step's estimates that were clipped, a sample. */
  readonly clipped: number
}

/** A σ to generate with, and why. */
export interface Recommendation {
  readonly sigma: number
  readonly nfe: number
  /** Evaluations of a full run over those of the U-turn. */
  readonly speedUp: number
  /** The largest of correlation, agreement of classes and self-similarity as multiples of their bars; at most 1. */
  readonly dependence: number
  readonly fid: number
}

export interface UTurnReport {
  readonly sampler: ReturnOptions['sampler']
  readonly steps: number
  readonly samples: number
  readonly sigmas: readonly number[]
  readonly points: readonly UTurnPoint[]
  /** From pure noise on the same grid. */
  readonly full: Quality & { readonly nfe: number; readonly fidValues: readonly number[]; readonly copyRate: number }
  /** FID of the starts themselves against held-out examples: nothing can be told from real below it. */
  readonly floor: number
  /** SHA-256 of the network whose features FID and KID rest on. */
  readonly features: string
  readonly dominant: number
  readonly meanShare: number
  readonly chance: number
  /** σ of memorisation; NaN where it is outside of the sweep. */
  readonly memorisation: number
  /** σ of speciation; NaN without classes, or outside of the sweep. */
  readonly speciation: number
  /** The least σ whose samples are independent of their starts; absent where none of the sweep's are. */
  readonly recommended?: Recommendation
  readonly trajectory: readonly TrajectoryPoint[]
}

export interface AnalyseOptions extends Omit<ReturnOptions, 'seed'> {
  /** Indices into the grid of `steps` levels at which U-turns are made. */
  readonly indices: readonly number[]
  /** Real examples that start, and samples of the full run. */
  readonly samples: number
  /** Noise is drawn anew with each. */
  readonly seeds: readonly number[]
  /** Judges quality, and classes where it was trained on them. */
  readonly network: FeatureNetwork
  /** Subsets of KID. */
  readonly kidSubsets?: number
  /** What is done at the moment. */
  note?(what: string): void
}

/** What does not depend on σ, found once. */
export interface Bench {
  readonly denoiser: Denoiser
  readonly x0: NDArray
  readonly started: ArrayLike<number>
  readonly gaussian: GaussianFit
  readonly real: CopyDetector
  readonly heldOut: Features
  readonly classes?: Int32Array
  readonly chance: number
  readonly options: AnalyseOptions
}

/** What follows from real examples alone, for as long as they are there: several benches share them. */
const known = new WeakMap<NDArray, { readonly gaussian: Promise<GaussianFit>; readonly real: Promise<CopyDetector> }>()

function factsOf(train: NDArray): NonNullable<ReturnType<typeof known.get>> {
  const found = known.get(train) ?? { gaussian: fitGaussian(train), real: copyDetector(train) }
  known.set(train, found)
  return found
}

/** Prepares the judging of samples of a model. @throws InputError for fewer than 64 samples. */
export async function benchOf(denoiser: Denoiser, data: RealData, options: AnalyseOptions): Promise<Bench> {
  const { rows: started, x: x0 } = startsOf(data, options.samples, options.seeds[0])
  if (started.length < 64)
    throw new InputError(`${started.length} samples are too few to say whether anything is Gaussian`, { fix: 'give at least 64' })
  const { network } = options
  const classes = network.logits && (await predictedClasses(network, x0))
  const { gaussian, real } = factsOf(data.train)
  return {
    denoiser: onSigma(denoiser),
    x0,
    started,
    gaussian: await gaussian,
    real: await real,
    heldOut: await network.features(data.heldOut),
    ...(classes && { classes }),
    chance: classes ? chanceAgreement(classes) : Number.NaN,
    options,
  }
}

export async function qualityOf({ heldOut, options: { network, kidSubsets = 20 } }: Bench, samples: NDArray): Promise<Quality> {
  const features = await network.features(samples)
  return { fid: (await fid(features, heldOut)).value, kid: (await kid(features, heldOut, { subsets: kidSubsets })).value }
}

/** What came back, held against what started. */
export async function judged(bench: Bench, y0: NDArray): Promise<Provenance & Quality & Correlation & { readonly sameClass: number }> {
  const { x0, gaussian, real, started, classes, options } = bench
  const found = classes && (await predictedClasses(options.network, y0))
  const agreeing = found?.reduce((count, value, i) => count + Number(value === classes?.[i]), 0)
  return {
    ...uTurnCorrelation(x0, y0, gaussian.mean),
    ...(await provenanceOf(y0, real, started)),
    ...(await qualityOf(bench, y0)),
    sameClass: agreeing === undefined ? Number.NaN : agreeing / x0.shape[0],
  }
}

/** U-turns of all starts at one level, by every sampling seed. `pair` may exchange what came back before it is judged. */
export async function pointAt(bench: Bench, index: number, pair: (y0: NDArray) => NDArray = (y0) => y0): Promise<UTurnPoint> {
  const { denoiser, x0, gaussian, options } = bench
  const { seeds, sampler } = options
  const found: (Awaited<ReturnType<typeof judged>> & Record<'sigma' | 'nfe' | 'clipped' | 'identity' | 'scoreNorm' | 'ks', number>)[] = []
  for (const seed of seeds) {
    const { sigma, xu, y0, nfe, clipped } = await uTurn(denoiser, x0, { ...options, seed, index })
    const estimate = await denoised(denoiser, xu, sigma, options.clip)
    found.push({
      ...{ ...(await judged(bench, pair(y0))), sigma, nfe, clipped: clipped / x0.shape[0] },
      identity: meanSquare(estimate) / meanSquare(x0),
      scoreNorm: scoreNorm(xu, estimate, sigma),
      ks: gaussianity(xu),
    })
  }
  const mean = (of: (each: (typeof found)[number]) => number) => average(found.map(of))
  const { sigma, nfe } = found[0]
  return {
    sigma,
    nfe,
    correlation: mean(({ centred }) => centred),
    raw: mean(({ raw }) => raw),
    gaussian: gTurn(gaussian.spectrum, [sigma], sampler === 'ode' ? 'ode' : 'sde')[0],
    identity: mean(({ identity }) => identity),
    sameClass: mean(({ sameClass }) => sameClass),
    self: mean(({ self }) => self),
    copyRate: mean(({ copyRate }) => copyRate),
    authenticity: mean(({ authenticity }) => authenticity),
    fid: mean(({ fid }) => fid),
    kid: mean(({ kid }) => kid),
    scoreNorm: mean(({ scoreNorm }) => scoreNorm),
    ks: mean(({ ks }) => ks),
    fidValues: found.map(({ fid }) => fid),
    clipped: mean(({ clipped }) => clipped),
  }
}

/** Full runs from pure noise, as many samples as there are starts, by every sampling seed. */
export async function fullRuns({ denoiser, options, ...bench }: Bench, steps = options.steps): Promise<UTurnReport['full']> {
  const { seeds, clip, onStep, signal } = options
  const found: (Quality & Record<'copyRate' | 'nfe', number>)[] = []
  for (const seed of seeds) {
    const times = sigmaGrid(denoiser, steps)
    const whole = { sampler: samplerConfig(options), count: bench.x0.shape[0], steps, times, seed, clip, onStep, signal }
    const { x, evaluations } = await sample(denoiser, whole)
    const { copyRate } = await bench.real.judge(x)
    found.push({ ...(await qualityOf({ denoiser, options, ...bench }, x)), copyRate, nfe: evaluations })
  }
  return {
    nfe: found[0].nfe,
    fid: average(found.map(({ fid }) => fid)),
    kid: average(found.map(({ kid }) => kid)),
    copyRate: average(found.map(({ copyRate }) => copyRate)),
    fidValues: found.map(({ fid }) => fid),
  }
}

/**
 * The critical times of a sweep.
 *
 * @example
 * const points = [0.1, 10].map((sigma, i) => ({ sigma, self: 1 - i, sameClass: 1 - 0.9 * i })) as never
 * criticalTimes(points, 0.1).memorisation.toFixed(2) // '1.00'
 */
export function criticalTimes(points: readonly UTurnPoint[], chance: number): Pick<UTurnReport, 'memorisation' | 'speciation'> {
  const ascending = [...points].sort((a, b) => a.sigma - b.sigma)
  const sigmas = ascending.map(({ sigma }) => sigma)
  return {
    memorisation: memorisationTime({ sigmas, values: ascending.map(({ self }) => self) }),
    speciation: Number.isNaN(chance) ? Number.NaN : speciationTime({ sigmas, values: ascending.map(({ sameClass }) => sameClass) }, chance),
  }
}

/**
 * The least σ whose samples are independent of where they started, as are those of every larger one.
 *
 * @example
 * const points = [1, 10].map((sigma) => ({ sigma, correlation: 0.3 / sigma, self: 0, sameClass: 0.1, nfe: 20, fid: 1 })) as never
 * recommend(points, 0.1, 40)?.sigma // 10
 */
export function recommend(points: readonly UTurnPoint[], chance: number, fullNfe: number): Recommendation | undefined {
  const descending = [...points].sort((a, b) => b.sigma - a.sigma)
  const dependent = descending.findIndex((point) => dependence(point, chance) > 1)
  const last = descending[(dependent < 0 ? descending.length : dependent) - 1]
  if (!last) return undefined
  const { sigma, nfe, fid } = last
  return { sigma, nfe, speedUp: fullNfe / nfe, dependence: dependence(last, chance), fid }
}

/**
 * How far a model's samples must be noised to come back as others: U-turns of real examples over a sweep of σ, with correlations, memory, classes, quality and
 * the Gaussian test, the critical times, and the σ to generate with.
 *
 * Starts are real training examples, quality is measured against held-out ones.
 *
 * @throws InputError for data of another shape or scale than the model's, fewer than 64 samples, an index beyond the grid, or samples that are not finite.
 * @example
 * import { digitImages, generateDigits } from 'quire/data'
 * import { processOf, trainingSet } from 'quire/diffusion'
 * import { featureNetwork, randomFeatureRecipe } from 'quire/generative'
 *
 * const { train, heldOut } = digitImages(generateDigits({ count: 120, seed: 0 }), { side: 14 })
 * const process = processOf({ kind: 'edm', sigmas: [0.02, 40], train: [-0.4, 1.6] })
 * const memory = trainingSet({ process, x: train.x, range: [-1, 1] })
 * const network = await featureNetwork(randomFeatureRecipe([1, 14, 14]), { images: train.x })
 * const data = { train: train.x, heldOut: heldOut.x }
 * const report = await analyseUTurn(memory, data, { sampler: 'ode', steps: 6, indices: [0, 4], samples: 64, seeds: [0], network })
 * report.points.length // 2
 */
export async function analyseUTurn(denoiser: Denoiser, data: RealData, options: AnalyseOptions): Promise<UTurnReport> {
  const { indices, steps, samples, sampler, network, seeds, note } = options
  const bench = await benchOf(denoiser, data, options)
  const points: UTurnPoint[] = []
  for (const index of [...new Set(indices)].sort((a, b) => a - b)) {
    note?.(`U-turns at level ${index} of ${steps}`)
    points.push(await pointAt(bench, index))
  }
  note?.('full runs from pure noise')
  const full = await fullRuns(bench)
  note?.('a full run, level by level')
  const { gaussian, chance } = bench
  return {
    ...{ sampler, steps, samples: Math.min(samples, bench.started.length), sigmas: points.map(({ sigma }) => sigma), points, full },
    floor: (await qualityOf(bench, bench.x0)).fid,
    features: network.hash,
    dominant: gaussian.dominant,
    meanShare: gaussian.meanShare,
    chance,
    ...criticalTimes(points, chance),
    recommended: recommend(points, chance, full.nfe),
    trajectory: await trajectoryOf(denoiser, { ...options, seed: seeds[0], count: Math.min(samples, trajectorySamples) }),
  }
}

/** Four groups of 256. */
const trajectorySamples = 1024
