import { InputError, type NDArray, ndarray, sizeOf, zerosArray } from '../../../engine/index.ts'
import type { Denoiser } from '../denoiser.ts'
import { noiseUses, normalNoise } from './noise.ts'
import type { Block, Walk } from './walk.ts'

/*
 * What goes in and comes out is noisy data, signal · x₀ + noise · ε with x₀ as the user has it. Inside, data are relative to the model's centre.
 */

/** The blocks' states, with signal · centre added, in `into` [count, ...shape]. */
export function store({ centre, process }: Denoiser, blocks: readonly Block[], time: number, into: NDArray): void {
  const { signal } = process.at(time)
  for (const { x, first, count } of blocks) {
    const size = x.data.length / x.shape[0]
    for (let i = 0; i < count * size; i++) into.data[first * size + i] = x.data[i] + (centre ? signal * centre.data[i % size] : 0)
  }
}

/** Fills a block from noisy data [count, ...shape] at a time. */
export function fillFrom({ centre, process }: Denoiser, block: Block, given: NDArray, time: number): void {
  const { signal } = process.at(time)
  const size = block.x.data.length / block.x.shape[0]
  for (let i = 0; i < block.count * size; i++)
    block.x.data[i] = given.data[block.first * size + i] - (centre ? signal * centre.data[i % size] : 0)
}

/** Fills a block with the noise that sampling starts from: of variance 1 where the process preserves variance, else of that of its noise. */
export function fillFromPrior(walk: Walk, block: Block, time: number): void {
  const deviation = priorDeviation(walk.denoiser, time)
  const z = walk.noise(block, 0)
  block.x.data.set(z.map((value) => deviation * value))
}

export function priorDeviation({ process }: Denoiser, time: number): number {
  const { kind } = process.config
  return kind === 've' || kind === 'edm' ? process.at(time).noise : 1
}

/** @throws InputError unless `given` is float32 [count, ...shape of the denoiser]. */
export function checkStates({ shape }: Denoiser, given: NDArray, what: string, count = given.shape[0]): void {
  if (given.dtype !== 'float32' || `${given.shape}` !== `${[count, ...shape]}`)
    throw new InputError(`${what}: float32 [${[count, ...shape].join(', ')}] is needed, not ${given.dtype} [${given.shape.join(', ')}]`)
}

/**
 * Noisy data signal · x + noise · ε at a time of the process, for x float32 [count, ...shape] as the user has it: what a U-turn starts from. The noise of
 * example i is a function of the seed and i, other than the noise of `sample`.
 *
 * @example
 * const process = processOf({ kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] })
 * const denoiser = gaussian({ process, mean: [1, 0], covariance: 0.5 })
 * noised(denoiser, denoiser.draw(100, 0), 2, 1).shape // [100, 2]
 */
export function noised(denoiser: Denoiser, x: NDArray, time: number, seed: number): NDArray {
  const { process, shape } = denoiser
  checkStates(denoiser, x, 'the data')
  const { signal, noise } = process.at(time)
  const into = new Float32Array(x.data.length)
  normalNoise(seed, noiseUses.noising, sizeOf(shape))(0, { first: 0, count: x.shape[0] }, into)
  for (let i = 0; i < into.length; i++) into[i] = signal * x.data[i] + noise * into[i]
  return ndarray(into, x.shape, 'float32')
}

export const emptyStates = ({ shape }: Denoiser, count: number): NDArray => zerosArray([count, ...shape])
