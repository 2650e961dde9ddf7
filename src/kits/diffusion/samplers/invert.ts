import { InputError, type NDArray, sizeOf } from '../../../engine/index.ts'
import type { Denoiser } from '../denoiser.ts'
import { timeGrid } from '../grid.ts'
import type { SampleOptions } from '../sampling.ts'
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
 * const { x } = await sample(denoiser, { sampler: { kind: 'ddim' }, count: 100, steps: 50, seed: 0, start })
 * x.shape // [100, 2]
 */
export async function invert(denoiser: Denoiser, x: NDArray, options: InvertOptions): Promise<NDArray> {
  const { iterations = 1, clip = false, signal } = options
  checkStates(denoiser, x, 'the data to invert')
  if (!Number.isInteger(iterations) || iterations < 1) throw new InputError(`${iterations} iterations: a whole number from 1 is needed`)
  const times = [...(options.times ?? timeGrid(denoiser.process, options.steps))].reverse()
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

/**
 * Solves for the state at `to` from which DDIM would step down to x at `from`; with y = x / signal, y_to = y + (σ_to − σ_from)·ε̂(y_to). Each iteration puts in
 * the last one's ε̂, or its x̂₀ where that changes less with y: above the scale of data, which is 1 or so.
 */
const inversion =
  (iterations: number): StepPlanner =>
  (process, from, to): Step => {
    const [before, after] = [process.at(from), process.at(to)]
    const scale = after.signal / before.signal
    const grown = (after.noise / after.signal) * (before.signal / before.noise)
    const fraction = 1 - 1 / grown
    const byEps = { a: fraction, b: -fraction * after.signal, c: 1 }
    const byData = { a: 0, b: -after.signal * (grown - 1), c: grown }
    const low = (before.noise / before.signal) * (after.noise / after.signal) < 1
    const moves = Array.from({ length: iterations }, () => ({ time: to, ...(low ? byEps : byData), w: 'start' as const }))
    return { churn: { scale, noise: 0 }, moves }
  }
