import { InputError, type NDArray, sizeOf } from '../../../engine/index.ts'
import type { Denoiser } from '../denoiser.ts'
import type { SampleOptions } from '../sampling.ts'
import { defaultTimes } from './grid.ts'
import { noiseUses, normalNoise } from './noise.ts'
import type { Step, StepPlanner } from './plan.ts'
import { checkStates, emptyStates, fillFrom, store } from './states.ts'
import { blocksOf, plannedJourney, Walk } from './walk.ts'

export interface InvertOptions extends Pick<SampleOptions, 'steps' | 'labels' | 'guidance' | 'clip' | 'signal'> {
  /** The grid of `sample`, decreasing, which is walked upwards. Default: that of `ddim` with `steps`. */
  readonly times?: readonly number[]
  /** Evaluations a step. 1 is DDIM inversion; more solve for the state from which `ddim` would have stepped, in the limit exactly. Default: 1. */
  readonly iterations?: number
}

/**
 * DDIM inversion (Song, Meng & Ermon 2021, section 5.3): the noise, at the first time of the grid, from which `ddim` with η = 0 makes `x`. Clipping is off
 * unless asked for: a clipped step has no inverse.
 *
 * @param x float32 [count, ...shape], as the user has it
 * @returns noisy data of x's shape at `times[0]`: a start for `sample`
 * @example
 * const process = processOf({ kind: 'vp', betas: [0.1, 20] })
 * const denoiser = gaussian({ process, mean: [1, 0], covariance: 0.5 })
 * const noise = await invert(denoiser, denoiser.draw(100, 0), { steps: 50 })
 * const start = { x: noise, time: process.times[1] }
 * await sample(denoiser, { sampler: { kind: 'ddim' }, count: 100, steps: 50, seed: 0, start }) // what was inverted, nearly
 */
export async function invert(denoiser: Denoiser, x: NDArray, options: InvertOptions): Promise<NDArray> {
  const { iterations = 1, clip = false, signal } = options
  checkStates(denoiser, x, 'the data to invert')
  if (!Number.isInteger(iterations) || iterations < 1) throw new InputError(`${iterations} iterations: a whole number from 1 is needed`)
  const times = [...(options.times ?? defaultTimes(denoiser.process, 'ddim', options.steps))].reverse()
  const [count] = x.shape
  const walk = new Walk(denoiser, { ...options, clip }, normalNoise(0, noiseUses.sampling, sizeOf(denoiser.shape)))
  const plan = times.slice(1).map((to, k) => inversion(iterations)(denoiser.process, times[k], to, times.length - 1))
  const into = emptyStates(denoiser, count)
  const blocks = blocksOf(walk, 0, count)
  for (const block of blocks) fillFrom(denoiser, block, x, times[0])
  await plannedJourney(walk, plan, 0).go(blocks, async () => signal?.throwIfAborted())
  store(denoiser, blocks, times.at(-1)!, into)
  return into
}

/** Solves x = scale·x_from + (noise_to − scale·noise_from)·ε̂(x) at `to`, above `from`, beginning with x = scale·x_from: each iteration asks at `to`. */
const inversion =
  (iterations: number): StepPlanner =>
  (process, from, to): Step => {
    const [before, after] = [process.at(from), process.at(to)]
    const scale = after.signal / before.signal
    const eps = (after.noise - scale * before.noise) / after.noise
    const moves = Array.from({ length: iterations }, () => ({ time: to, a: eps, b: -eps * after.signal, c: 1, w: 'start' as const }))
    return { churn: { scale, noise: 0 }, moves }
  }
