import { seedKey } from '../../data/draws.ts'
import { createBatcher } from '../../data/index.ts'
import { fold, key as keyOf, mean, type NDArray, ndarray, random, type Tensor } from '../../engine/index.ts'
import { foldKey } from '../../engine/threefry.ts'
import { adam } from '../../optim/index.ts'
import { trainStep } from '../../train/index.ts'
import { checkVaeData, type VaeConfig } from './config.ts'
import { negativeElbo } from './elbo.ts'
import { type VaeParams, vaeNetwork } from './network.ts'

export interface VaeRecipe {
  readonly steps: number
  readonly batch: number
  readonly learningRate: number
  /** Decoupled (AdamW). Default: 0. */
  readonly weightDecay?: number
}

export interface VaeState {
  readonly params: VaeParams
  readonly optimizer: unknown
}

const noiseUse = 0x76616520

/**
 * The training of a VAE on its negative ELBO by Adam, as a function from a state and a step's number to the next state: batches and noise follow from the
 * seed and the step.
 *
 * @throws InputError for data that do not fit the config.
 */
export function vaeTrainer(config: VaeConfig, recipe: VaeRecipe, x: NDArray, seed: number) {
  checkVaeData(config, x)
  const network = vaeNetwork(config)
  const batcher = createBatcher({ x }, { size: Math.min(recipe.batch, x.shape[0]), seed })
  const root = seedKey(seed, noiseUse)
  const step = trainStep<VaeParams, { x: NDArray; key: NDArray }>(
    (params, { x, key }) => mean(negativeElbo({ config, network }, params, x, random.normal(key as Tensor, [x.shape[0], config.latent]))),
    adam({ learningRate: recipe.learningRate, weightDecay: recipe.weightDecay }),
  )
  return {
    start: (): VaeState => step.init(network.init(fold(keyOf(seed), noiseUse))),
    async step(state: VaeState, k: number): Promise<{ state: VaeState; loss: number }> {
      const key = ndarray(Uint32Array.from(foldKey(root, k)), [2], 'uint32')
      const { loss, report: _, ...next } = await step(state as never, { x: batcher.at(k).x, key })
      return { state: next, loss }
    },
  }
}
