import { key, type NDArray, ndarray } from '../../../../engine/index.ts'
import { type DiffusionConfig, type DiffusionModel, denoiserOf, initModel } from '../../../../kits/diffusion/index.ts'
import { uTurnCorrelation } from '../../../../methods/u-turn/correlations.ts'
import { type Return, uTurn } from '../../../../methods/u-turn/u-turn.ts'
import { fromArrays } from '../../../../train/state.ts'
import { below, readWeights } from '../weights.ts'

/** Height and width of the digits that the model knows. */
export const side = 14

/** The levels of a full run, and the noise that churn adds, as in the experiment. */
export const experimentSteps = 24
const churn = { amount: 8, sigmas: [0.05, 50], noise: 1.003 } as const

export interface TurnRequest {
  /** −1 (ground) to 1, [14 · 14]. */
  readonly image: Float32Array
  readonly sigma: number
  readonly samples: number
  readonly seed: number
  readonly sampler: Return
}

/** Noisy data at one level: on the way there, or on the way back. */
export interface Frame {
  readonly way: 'there' | 'back'
  readonly sigma: number
  /** [samples, 14 · 14] */
  readonly x: Float32Array
}

export interface Turned {
  readonly frames: readonly Frame[]
  /** What came back [samples, 14 · 14]. */
  readonly back: Float32Array
  readonly evaluations: number
  /** Of what came back with the start, of differences from the mean digit: 1 the same, 0 nothing kept. One for each sample. */
  readonly correlations: readonly number[]
}

export function readDenoiser(bytes: Uint8Array, where: string): DiffusionModel {
  const { tensors, metadata } = readWeights(bytes, where)
  const config = JSON.parse(metadata['quire.diffusion']) as DiffusionConfig
  const params = fromArrays(below(tensors, 'params.'), initModel(config, key(0)).params, where)
  return { config, params, centre: tensors.centre }
}

/** Makes U-turns with a model, and keeps what it looked like on the way. */
export function turner(model: DiffusionModel) {
  const denoiser = denoiserOf(model)
  const mean = model.centre!.data as Float32Array
  return async (
    { image, sigma, samples, seed, sampler }: TurnRequest,
    more: Pick<TurnProgress, 'onStep' | 'signal'> = {},
  ): Promise<Turned> => {
    const x0 = repeated(image, samples)
    const { xu, y0, nfe, states } = await uTurn(denoiser, x0, {
      sigma,
      sampler,
      churn,
      steps: experimentSteps,
      seed,
      keepStates: true,
      ...more,
    })
    const there = wayThere(x0, xu, sigma)
    const back = states!.map(({ sigma, x }): Frame => ({ way: 'back', sigma, x: x.data as Float32Array }))
    return { frames: [...there, ...back], back: y0.data as Float32Array, evaluations: nfe, correlations: correlationsOf(image, y0, mean) }
  }
}

export interface TurnProgress {
  onStep?(step: number, steps: number): void
  readonly signal?: AbortSignal
}

const repeated = (image: Float32Array, count: number): NDArray => {
  const data = new Float32Array(count * image.length)
  for (let i = 0; i < count; i++) data.set(image, i * image.length)
  return ndarray(data, [count, 1, side, side], 'float32')
}

/** Frames of the way there. */
const framesThere = 12

/** The same noise at levels that rise to σ: x₀ + (s/σ)(x_u − x₀), s in equal steps of the root, which is how it looks even. */
export function wayThere({ data: x0 }: NDArray, { data: xu }: NDArray, sigma: number): Frame[] {
  return Array.from({ length: framesThere + 1 }, (_, i) => {
    const share = (i / framesThere) ** 2
    return {
      way: 'there' as const,
      sigma: share * sigma,
      x: Float32Array.from(x0 as Float32Array, (value, at) => value + share * ((xu[at] as number) - value)),
    }
  })
}

function correlationsOf(image: Float32Array, y0: NDArray, mean: Float32Array): number[] {
  const size = image.length
  return Array.from({ length: y0.shape[0] }, (_, i) => {
    const one = (data: Float32Array) => ndarray(data, [1, size], 'float32')
    return uTurnCorrelation(one(image), one((y0.data as Float32Array).slice(i * size, (i + 1) * size)), mean).centred
  })
}
