import { sha256 } from '../../data/files.ts'
import { fromArray, key, type NDArray, ndarray, type Tensor, zeros } from '../../engine/index.ts'
import type { UnitContext } from '../../experiment/index.ts'
import {
  type DiffusionConfig,
  type DiffusionModel,
  diffusionTrainer,
  initModel,
  meanExample,
  type TrainerState,
  type TrainingRecipe,
} from '../../kits/diffusion/index.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import { trainedOnce } from '../../train/kept.ts'
import type { Config } from './config.ts'
import type { Digits } from './digits.ts'

/** The denoiser of Karras et al. 2022 on a perceptron of residual blocks. */
export const modelConfig = ({ network, training, sigmas }: Config, shape: readonly number[]): DiffusionConfig => ({
  network: {
    kind: 'mlp',
    width: network.width,
    hidden: Array.from({ length: network.blocks }, () => network.width),
    embedding: 2 * network.frequencies,
    scale: network.scale,
  },
  process: { kind: 'edm', sigmas: [sigmas.least, sigmas.most], train: [training.mean, training.deviation] },
  predict: 'edm',
  sigmaData: training.sigmaData,
  shape,
  range: [-1, 1],
})

const recipeOf = ({ training }: Config): TrainingRecipe => ({
  steps: training.steps,
  batch: training.batch,
  learningRate: training.rate,
  warmup: training.warmup,
  floor: training.floor,
  ema: training.ema,
})

export interface Trained {
  readonly model: DiffusionModel
  /** Of each step. */
  readonly losses: Float32Array
}

/** What is kept of a training: what it samples with, and how it went. */
interface Kept {
  readonly params: unknown
  readonly losses: Tensor
}

const bytesOf = ({ data }: NDArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** The denoiser of a seed. Several units sample it: it is trained by the first that needs it, and then kept. */
export async function trainedDenoiser(context: UnitContext<Config, Digits>): Promise<Trained> {
  const { config, data, seed } = context
  const { shape } = data.train
  const model = { config: modelConfig(config, shape.slice(1)), centre: meanExample(data.train) }
  const recipe = recipeOf(config)
  const { params: kept } = await trainedOnce<Kept>(
    {
      prefix: 'u-turn',
      recorded: { version: 1, model: model.config, recipe, seed, data: sha256(bytesOf(data.train)) },
      like: { params: initModel(model.config, key(0)).params, losses: zeros([recipe.steps]) },
      announce: `training the denoiser of seed ${seed}`,
      train: () => trained(model, recipe, context),
    },
    { waiting: () => context.progress(0, 1, 'waiting for the denoiser') },
  )
  await context.checkpoint.forget()
  return { model: { ...model, params: kept.params }, losses: Float32Array.from(await kept.losses.data()) }
}

/** Trains from the newest checkpoint. */
async function trained(
  { config, centre }: Pick<DiffusionModel, 'config' | 'centre'>,
  recipe: TrainingRecipe,
  { data, seed, checkpoint, progress }: UnitContext<Config, Digits>,
): Promise<Kept> {
  const trainer = diffusionTrainer(config, recipe, { x: data.train, centre }, seed)
  let losses = new Float32Array(recipe.steps)
  let state: TrainerState = trainer.start()
  const asTree = (state: TrainerState) => ({ state, losses: fromArray(ndarray(losses, [recipe.steps], 'float32')) })
  const begun = await checkpoint.latest()
  if (begun) {
    const found = fromArrays(begun.tensors, asTree(state))
    state = found.state
    losses = Float32Array.from(await found.losses.data())
  }
  for (let k = begun?.step ?? 0; k < recipe.steps; k++) {
    const next = await trainer.step(state, k)
    state = next.state
    losses[k] = next.loss
    await progress(k + 1, recipe.steps, 'training')
    // After the last step the model itself is kept.
    if (checkpoint.due() && k + 1 < recipe.steps) await checkpoint.save(k + 1, await toArrays(asTree(state)))
  }
  return { params: state.ema, losses: fromArray(ndarray(losses, [recipe.steps], 'float32')) }
}

/** So many points are drawn of a loss. */
const points = 50

/** The mean losses of equal stretches of a training, by their last step. */
export function lossCurve(losses: ArrayLike<number>): { readonly step: number; readonly loss: number }[] {
  const size = Math.max(1, Math.floor(losses.length / points))
  return Array.from({ length: Math.floor(losses.length / size) }, (_, i) => {
    let sum = 0
    for (let k = i * size; k < (i + 1) * size; k++) sum += losses[k]
    return { step: (i + 1) * size, loss: sum / size }
  })
}
