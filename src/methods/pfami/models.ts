import { type NDArray, sizeOf } from '../../engine/index.ts'
import type { UnitContext } from '../../experiment/index.ts'
import { type Denoiser, type DiffusionConfig, denoiserOf, diffusionTrainer, type TrainingRecipe } from '../../kits/diffusion/index.ts'
import { sample } from '../../kits/diffusion/samplers/index.ts'
import { sampleVae, type VaeConfig, type VaeModel, vaeTrainer } from '../../kits/vae/index.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import type { Subject } from './attacks/attack.ts'
import { ddimOracle, denoisingOracle } from './oracles/diffusion.ts'
import { vaeOracle } from './oracles/vae.ts'

/** The perceptron that an attack is tried on: ε-prediction on the paper's chain of 1000 steps. */
export const denoiserConfig = (shape: readonly number[], width: number): DiffusionConfig => ({
  network: { kind: 'mlp', width, hidden: [width, width, width], embedding: 64, embed: 'input', norm: true },
  process: { kind: 'discrete', steps: 1000, schedule: 'linear' },
  predict: 'eps',
  // A network narrower than the data cannot copy its noise.
  skip: width < sizeOf(shape),
  shape,
  range: [-1, 1],
})

/** Adam along a cosine, without warm-up; what is attacked are the parameters themselves, not their moving average. */
export const denoiserRecipe = (steps: number, more: Partial<TrainingRecipe> = {}): TrainingRecipe => ({
  steps,
  batch: 64,
  learningRate: 1e-3,
  ...more,
})

export const vaeConfig = (shape: readonly number[]): VaeConfig => ({ kind: 'mlp', hidden: [256, 256], latent: 16, shape, range: [-1, 1] })

/** A training as steps over a state. */
export interface Stepping {
  start(): { readonly params: unknown }
  step(state: never, k: number): Promise<{ readonly state: { readonly params: unknown }; readonly loss: number }>
}

export interface Wanted {
  readonly name: string
  readonly trainer: Stepping
  readonly steps: number
  /** Steps after which the parameters are kept; the last one always is. */
  readonly keep?: readonly number[]
}

type Kept = Record<string, NDArray>

/**
 * Trains models one after another, and gives the parameters of each after the steps that are to be kept. What is finished and what is running stands
 * in the unit's checkpoint.
 */
export async function trainModels(
  wanted: readonly Wanted[],
  { checkpoint, progress, log }: Pick<UnitContext<unknown, unknown>, 'checkpoint' | 'progress' | 'log'>,
) {
  const saved = await checkpoint.latest()
  const kept: Kept = {}
  let begin = { model: 0, step: 0 }
  if (saved) {
    begin = saved.meta as typeof begin
    for (const [name, array] of Object.entries(saved.tensors)) if (name.startsWith('kept/')) kept[name.slice(5)] = array
  }
  const total = wanted.reduce((sum, { steps }) => sum + steps, 0)
  let done = wanted.slice(0, begin.model).reduce((sum, { steps }) => sum + steps, 0) + begin.step
  for (const [index, { name, trainer, steps, keep = [] }] of wanted.entries()) {
    if (index < begin.model) continue
    let state = trainer.start()
    const first = index === begin.model ? begin.step : 0
    if (first > 0) state = fromArrays({ ...saved!.tensors }, { state }).state
    for (let k = first; k < steps; k++) {
      const next = await trainer.step(state as never, k)
      state = next.state
      done++
      if (k % 50 === 0 || k + 1 === steps) log(k + 1, { [`loss.${name}`]: next.loss })
      if (keep.includes(k + 1) || k + 1 === steps) Object.assign(kept, prefixed(`${name}@${k + 1}/`, copied(await toArrays(state.params))))
      await progress(done, total, `${name}, step ${k + 1} of ${steps}`)
      if (checkpoint.due() && k + 1 < steps) {
        await checkpoint.save(done, { ...prefixed('kept/', kept), ...(await toArrays({ state })) }, { model: index, step: k + 1 })
      }
    }
  }
  /** The parameters of a model after so many steps. */
  return (name: string, step: number): unknown => {
    const { trainer } = wanted.find((model) => model.name === name)!
    const prefix = `${name}@${step}/`
    const own = Object.entries(kept).flatMap(([path, array]) => (path.startsWith(prefix) ? [[path.slice(prefix.length), array]] : []))
    return fromArrays(Object.fromEntries(own), trainer.start().params)
  }
}

/** Further steps write over the buffers of a state. */
const copied = (arrays: Kept): Kept =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, { ...array, data: array.data.slice() } as NDArray]))

const prefixed = (prefix: string, arrays: Kept): Kept =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [prefix + name, array]))

export const denoiserTraining = (config: DiffusionConfig, recipe: TrainingRecipe, x: NDArray, seed: number): Stepping =>
  diffusionTrainer(config, recipe, { x }, seed) as Stepping

export const vaeTraining = (config: VaeConfig, steps: number, x: NDArray, seed: number): Stepping =>
  vaeTrainer(config, { steps, batch: 64, learningRate: 1e-3 }, x, seed) as Stepping

/** What the loss of a record under a diffusion model can be. */
export const diffusionErrors = ['denoising', 'ddim'] as const
export type DiffusionError = (typeof diffusionErrors)[number]

/**
 * A diffusion model as attacks see it.
 *
 * @param error What a loss is: the error of guessing the noise at `times`, or that of a DDIM step forward and back, which has steps of its own.
 *
 * @example
 * import { denoiserOf, initModel } from 'quire/diffusion'
 *
 * const process = { kind: 'discrete', steps: 1000, schedule: 'linear' } as const
 * const denoiser = denoiserOf(initModel({ network: { kind: 'mlp', width: 8, hidden: [8] }, process, predict: 'eps', shape: [16] }, key(0)))
 * diffusionSubject('mine', denoiser).name // 'mine'
 */
export function diffusionSubject(
  name: string,
  denoiser: Denoiser,
  { times, error = 'denoising' }: { times?: readonly number[]; error?: DiffusionError } = {},
): Subject {
  return {
    name,
    denoiser,
    oracle: error === 'ddim' ? ddimOracle(denoiser) : denoisingOracle(denoiser, { times }),
    sample: async (count, seed) => (await sample(denoiser, { sampler: { kind: 'ddim' }, count, steps: 50, seed })).x,
  }
}

export const trainedDenoiser = (name: string, config: DiffusionConfig, params: unknown): Subject =>
  diffusionSubject(name, denoiserOf({ config, params }))

export const vaeSubject = (name: string, model: VaeModel): Subject => ({
  name,
  vae: model,
  oracle: vaeOracle(model),
  sample: (count, seed) => sampleVae(model, count, seed),
})
