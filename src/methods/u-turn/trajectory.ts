import { type NDArray, ndarray } from '../../engine/index.ts'
import type { Denoiser } from '../../kits/diffusion/index.ts'
import { sample } from '../../kits/diffusion/index.ts'
import { ksGaussianity } from '../../kits/generative/index.ts'
import { average } from '../../kits/metrics/index.ts'
import { onSigma, sigmaGrid } from './coordinates.ts'
import { autocorrelation, meanSquare, scoreNorm } from './correlations.ts'
import { denoised, type ReturnOptions, samplerConfig } from './u-turn.ts'

/** One level of a full run from pure noise. */
export interface TrajectoryPoint {
  readonly sigma: number
  /** Correlation with the noise that the run began with, and with the sample that it ended with; raw, as the paper has them. */
  readonly forward: number
  readonly reverse: number
  /** Share of coordinates that are not Gaussian. */
  readonly ks: number
  /** σ‖s‖/√d. */
  readonly scoreNorm: number
  /** √E‖D‖², relative to the last level's. */
  readonly estimateNorm: number
}

/** Samples of one Kolmogorov-Smirnov test, as in the paper; fewer where there are fewer. */
const tested = 256

/**
 * What a full run from pure noise looks like on its way, level by level: the paper's curves.
 *
 * @throws InputError for fewer than 64 samples, which the test for normality needs.
 * @example
 * import { gaussian, processOf } from 'quire/diffusion'
 *
 * const process = processOf({ kind: 'edm', sigmas: [0.02, 40], train: [-1.2, 1.2] })
 * const exact = gaussian({ process, mean: [0, 0], covariance: 1 })
 * const points = await trajectoryOf(exact, { sampler: 'ode', steps: 6, count: 64, seed: 0 })
 * points.length // 6
 */
export async function trajectoryOf(denoiser: Denoiser, options: ReturnOptions & { readonly count: number }): Promise<TrajectoryPoint[]> {
  const own = onSigma(denoiser)
  const times = sigmaGrid(own, options.steps)
  const { count, steps, seed, clip, onStep, signal } = options
  const keep = times.map((_, index) => index)
  const { kept } = await sample(own, { sampler: samplerConfig(options), count, steps, times, seed, keep, clip, onStep, signal })
  const states = keep.map((index) => kept.get(index)!)
  const forward = autocorrelation(states, 'forward')
  const reverse = autocorrelation(states, 'reverse')
  const points: TrajectoryPoint[] = []
  for (const [k, sigma] of times.slice(0, -1).entries()) {
    const estimate = await denoised(own, states[k], sigma, clip)
    const point = { sigma, forward: forward[k], reverse: reverse[k], ks: gaussianity(states[k]) }
    points.push({ ...point, scoreNorm: scoreNorm(states[k], estimate, sigma), estimateNorm: Math.sqrt(meanSquare(estimate)) })
  }
  const last = points[points.length - 1].estimateNorm
  return points.map((point) => ({ ...point, estimateNorm: point.estimateNorm / last }))
}

/** The mean over groups of 256 samples: one group's share of 196 coordinates varies by 0.01 or more. */
export function gaussianity(x: NDArray): number {
  const count = x.shape[0]
  const groups = Math.max(1, Math.floor(count / tested))
  const size = Math.min(count, tested)
  const area = x.data.length / count
  const group = (k: number) => ndarray(x.data.subarray(k * size * area, (k + 1) * size * area), [size, area], x.dtype)
  return average(Array.from({ length: groups }, (_, k) => ksGaussianity(group(k)).fraction))
}
