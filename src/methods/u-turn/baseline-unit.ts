import { type NDArray, ndarray } from '../../engine/index.ts'
import type { Findings } from '../../experiment/index.ts'
import { type Denoiser, gaussian, noised } from '../../kits/diffusion/index.ts'
import { momentsOf } from '../../kits/generative/index.ts'
import { average } from '../../kits/metrics/index.ts'
import { type Bench, benchOf, fullRuns, type Quality, qualityOf } from './analyse.ts'
import { levelNear } from './config.ts'
import { sigmaGrid, turningSigma } from './coordinates.ts'
import type { Context, Subject } from './digits-unit.ts'
import { normalityOf } from './normality.ts'
import { gaussianity } from './trajectory.ts'
import { returned } from './u-turn.ts'

/** Samples that need no real start, or no network: what a U-turn has to be better than, with as many evaluations. */
export async function baselineUnit({ config, data, progress }: Context, { denoiser, options }: Subject): Promise<Findings> {
  const bench = await benchOf(denoiser, data, options)
  const index = levelNear(config, config.judged)
  if (config.variant === 'reduced') {
    // As many levels as the U-turn has below its own.
    const { fidValues, ...found } = await fullRuns(bench, config.steps - index)
    return { measurements: found, details: { fidValues } }
  }
  if (config.variant === 'gaussianSamples') return gaussianSamples(bench, data.train)
  const sigma = turningSigma(denoiser, { index }, config.steps)
  const found: (Quality & Record<'copyRate' | 'nfe', number>)[] = []
  for (const [k, seed] of options.seeds.entries()) {
    const onStep = (done: number, total: number) => progress(k + done / total, options.seeds.length, 'sampling')
    const { samples, nfe } = await samplesOf(config.variant, bench, { sigma, seed, mean: bench.gaussian.mean, train: data.train, onStep })
    const { copyRate } = await bench.real.judge(samples)
    found.push({ ...(await qualityOf(bench, samples)), copyRate, nfe })
  }
  const mean = (name: keyof (typeof found)[number]) => average(found.map((each) => each[name]))
  return {
    measurements: { fid: mean('fid'), kid: mean('kid'), copyRate: mean('copyRate'), nfe: found[0].nfe },
    details: { fidValues: found.map(({ fid }) => fid) },
  }
}

/** `count` draws of the Gaussian that fits the training examples. */
async function drawn({ process, shape }: Denoiser, train: NDArray, count: number, seed: number): Promise<NDArray> {
  return gaussian({ process, shape, ...(await momentsOf(train)) }).draw(count, seed)
}

/** Draws of the Gaussian as samples, and whether they, noised, look less Gaussian at low σ, as digits do. */
async function gaussianSamples(bench: Bench, train: NDArray): Promise<Findings> {
  const { denoiser, options, x0 } = bench
  const [seed] = options.seeds
  const samples = await drawn(denoiser, train, x0.shape[0], seed)
  const grid = sigmaGrid(denoiser, options.steps)
  const levels = options.indices.map((index) => ({ sigma: grid[index], ks: gaussianity(noised(denoiser, samples, grid[index], seed)) }))
  const { copyRate } = await bench.real.judge(samples)
  return {
    measurements: {
      ...(await qualityOf(bench, withinRange(samples, denoiser.range))),
      copyRate,
      nfe: 0,
      noisedKsMargin: normalityOf(levels).margin,
    },
  }
}

interface Draw {
  readonly sigma: number
  readonly seed: number
  readonly mean: Float64Array
  readonly train: NDArray
  onStep(done: number, total: number): Promise<void>
}

async function samplesOf(
  variant: Context['config']['variant'],
  { denoiser, x0, options }: Bench,
  { sigma, seed, mean, train, onStep }: Draw,
): Promise<{ samples: NDArray; nfe: number }> {
  const count = x0.shape[0]
  const at = ndarray(
    Float32Array.from(x0.data, (_, i) => mean[i % mean.length]),
    x0.shape,
    'float32',
  )
  const back = async (xu: NDArray) => {
    const { y0, nfe } = await returned(denoiser, xu, sigma, { ...options, seed, onStep })
    return { samples: y0, nfe }
  }
  switch (variant) {
    case 'gaussianStart':
      return back(noised(denoiser, await drawn(denoiser, train, count, seed), sigma, seed))
    case 'noiseStart':
      return back(noised(denoiser, at, sigma, seed))
    case 'halfNoise':
      return back(noised(denoiser, at, sigma / 2, seed))
    default:
      return { samples: x0, nfe: 0 }
  }
}

const withinRange = ({ data, shape }: NDArray, [least, most]: readonly [number, number] = [-1, 1]): NDArray =>
  ndarray(
    Float32Array.from(data, (value) => Math.min(most, Math.max(least, value))),
    shape,
    'float32',
  )
