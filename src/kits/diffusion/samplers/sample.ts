import { InputError, sizeOf } from '../../../engine/index.ts'
import type { Denoiser } from '../denoiser.ts'
import type { SampleOptions, Samples } from '../sampling.ts'
import { type Grid, gridOf } from './grid.ts'
import { type NoiseSource, noiseUses, normalNoise } from './noise.ts'
import { pcPlan } from './pc.ts'
import type { Step } from './plan.ts'
import { checkSampler, plannerOf } from './planners.ts'
import { rk45Journey } from './rk45.ts'
import { checkStates, emptyStates, fillFrom, fillFromPrior, store } from './states.ts'
import { type Block, blockRowsOf, blocksOf, plannedJourney, Walk } from './walk.ts'

/**
 * Samples from a model, by any sampler and in any process. Sample i is a function of the options, the seed and i: neither `batch` nor `count` changes a bit
 * of it, on one machine with one number of threads. States that are given and returned are noisy data, signal · x₀ + noise · ε with x₀ as the user has it:
 * the model's centre is in them.
 *
 * @throws InputError for times outside of the process, a start at none of the grid's times, labels that the model does not know, or numbers that a sampler
 * cannot have.
 * @example
 * const process = processOf({ kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] })
 * const denoiser = gaussian({ process, mean: [1, 0], covariance: 0.5 })
 * const { x, evaluations } = await sample(denoiser, { sampler: { kind: 'heun' }, count: 100, steps: 18, seed: 0 })
 * evaluations // 35
 */
export async function sample(denoiser: Denoiser, options: SampleOptions): Promise<Samples> {
  const { count, start, keep = [], batch = 256, sampler, seed, signal } = options
  checkSampler(sampler)
  const grid = gridOf(denoiser.process, options)
  checkOptions(denoiser, options, grid)
  const noise = normalNoise(seed, noiseUses.sampling, sizeOf(denoiser.shape))
  const walk = new Walk(denoiser, options, noise)
  const journey =
    sampler.kind === 'rk45'
      ? rk45Journey(walk, grid, sampler, keep)
      : plannedJourney(walk, await planOf(denoiser, options, grid, noise), grid.begin)

  const x = emptyStates(denoiser, count)
  const kept = new Map(keep.map((index) => [index, emptyStates(denoiser, count)]))
  const storeAll = (blocks: readonly Block[], index: number): void => {
    for (const into of [kept.get(index), index === grid.times.length - 1 ? x : undefined])
      if (into) store(denoiser, blocks, grid.times[index], into)
  }
  const rows = walk.rows * Math.ceil(batch / walk.rows)
  const total = journey.stops.length * Math.ceil(count / rows)
  let [clipped, evaluations, done] = [0, 0, 0]
  for (let first = 0; first < count; first += rows) {
    const blocks = blocksOf(walk, first, Math.min(count, first + rows))
    for (const block of blocks) {
      if (start) fillFrom(denoiser, block, start.x, start.time)
      else fillFromPrior(walk, block, grid.times[0])
    }
    storeAll(blocks, grid.begin)
    const asked = await journey.go(blocks, async (index) => {
      storeAll(blocks, index)
      signal?.throwIfAborted()
      await options.onStep?.(++done, total)
    })
    evaluations = Math.max(evaluations, asked * walk.evaluations)
    for (const block of blocks) clipped += sumOf((block.clipped.data as Float32Array).subarray(0, block.count))
  }
  return { x, kept, times: grid.times, evaluations, clipped, notFinite: notFiniteOf(x.data as Float32Array, walk.size) }
}

/** Every step of the grid, also those before a start, so that noise has the numbers of a whole run. */
async function planOf(denoiser: Denoiser, options: SampleOptions, { times }: Grid, noise: NoiseSource): Promise<Step[]> {
  const { sampler, labels } = options
  if (sampler.kind === 'pc') {
    // The pilot's classes are its own: one after another.
    const cyclic = labels && Array.from({ length: blockRowsOf(sizeOf(denoiser.shape)) }, (_, i) => i % denoiser.classes!)
    return pcPlan(new Walk(denoiser, { ...options, labels: cyclic }, noise), times, sampler)
  }
  const plan = plannerOf(sampler as never)
  return times.slice(1).map((to, k) => plan(denoiser.process, times[k], to, times.length - 1))
}

function checkOptions(denoiser: Denoiser, { count, batch = 1, start, labels, keep = [] }: SampleOptions, { times, begin }: Grid): void {
  if (!Number.isInteger(count) || count < 1) throw new InputError(`${count} samples: a whole number from 1 is needed`)
  if (!Number.isInteger(batch) || batch < 1) throw new InputError(`batch ${batch}: a whole number from 1 is needed`)
  if (labels && labels.length !== count) throw new InputError(`${labels.length} labels for ${count} samples`)
  if (start) checkStates(denoiser, start.x, 'the start of sampling', count)
  const wrong = keep.find((index) => !(Number.isInteger(index) && index >= begin && index < times.length))
  if (wrong !== undefined) throw new InputError(`state ${wrong} cannot be kept: this run has states ${begin} to ${times.length - 1}`)
}

const sumOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0)

/** Samples with a value that is not finite. */
function notFiniteOf(x: Float32Array, size: number): number {
  let found = 0
  for (let at = 0; at < x.length; at += size) found += Number(!x.subarray(at, at + size).every(Number.isFinite))
  return found
}
