import { sha256 } from '../../data/files.ts'
import { InputError, key } from '../../engine/index.ts'
import { trainStep } from '../../train/index.ts'
import { type KeepOptions, trainedOnce } from '../../train/kept.ts'
import { type DecoderConfig, llamaConfig, type SizeName, sizes } from './config.ts'
import type { ByteCorpus } from './corpora.ts'
import { forward } from './decoder.ts'
import { initDecoder } from './init.ts'
import { languageLoss } from './loss.ts'
import { mixtureSampler } from './mixture.ts'
import { languageOptimizer } from './optimizer.ts'
import type { DecoderParams } from './params.ts'

/** How a small model is trained from scratch, to be the beginning of experiments. All of it decides the result, and so the name in the cache. */
export interface BaseRecipe {
  readonly size: SizeName
  readonly seed: number
  /** The peak of the learning rate; it falls to a tenth. */
  readonly learningRate: number
  /** Parts of the training with batches of their own shape, one schedule over all of them. */
  readonly stages: readonly { readonly steps: number; readonly batch: number; readonly context: number }[]
  /** Shares of the domains in each batch. */
  readonly weights: Readonly<Record<string, number>>
}

/**
 * English news, code and a little Shakespeare: 400 steps of 16 windows of 128 bytes.
 *
 * @example
 * baseRecipe({ size: 'tiny' }).learningRate // 0.003
 */
export const baseRecipe = (changes: Partial<BaseRecipe> = {}): BaseRecipe => ({
  size: 'nano',
  seed: 0,
  learningRate: 3e-3,
  stages: [{ steps: 400, batch: 16, context: 128 }],
  weights: { eng: 0.45, code: 0.45, shakespeare: 0.1 },
  ...changes,
})

/**
 * As `baseRecipe`, with the last steps on windows of 640 bytes, so that the model has seen positions that far.
 *
 * @example
 * longBaseRecipe().stages[1].context // 640
 */
export const longBaseRecipe = (changes: Partial<BaseRecipe> = {}): BaseRecipe =>
  baseRecipe({
    stages: [
      { steps: 350, batch: 16, context: 128 },
      { steps: 50, batch: 3, context: 640 },
    ],
    ...changes,
  })

/**
 * The model of a recipe: the llama family on bytes.
 *
 * @example
 * baseConfig(baseRecipe()).layers // 6
 */
export const baseConfig = ({ size }: Pick<BaseRecipe, 'size'>): DecoderConfig => llamaConfig({ ...sizes[size], context: 1024 })

export interface BaseOptions extends KeepOptions {
  /** Awaited once a step. */
  progress?(done: number, total: number, loss: number): Promise<void> | void
}

/**
 * The model of a recipe on these corpora: from the cache, where the same one has been trained before, else trained now and kept there. One seed of the
 * recipe gives one model: whatever experiments find is conditional on it.
 *
 * @example
 * const recipe = baseRecipe({ size: 'tiny', stages: [{ steps: 2, batch: 2, context: 16 }], weights: { news: 1 } })
 * const { sha256 } = await baseModel(recipe, { news: { train: new Uint8Array(1000) } }, { cache: 'models' })
 * sha256.length // 64
 */
export async function baseModel(
  recipe: BaseRecipe,
  corpora: Readonly<Record<string, Pick<ByteCorpus, 'train'>>>,
  { progress, ...options }: BaseOptions = {},
): Promise<{ config: DecoderConfig; params: DecoderParams; sha256: string }> {
  const config = baseConfig(recipe)
  const used = Object.fromEntries(Object.keys(recipe.weights).map((name) => [name, trainPart(corpora, name)]))
  const like = initDecoder(config, key(recipe.seed))
  const { params, name } = await trainedOnce(
    {
      prefix: `base-${recipe.size}`,
      recorded: { version: 1, recipe, config, corpora: Object.entries(used).map(([name, bytes]) => [name, sha256(bytes)]) },
      like,
      announce: `training the base model (${recipe.size}, ${recipe.stages.reduce((sum, { steps }) => sum + steps, 0)} steps)`,
      about: { recipe: JSON.stringify(recipe) },
      train: () => train(recipe, config, used, like, progress),
    },
    options,
  )
  return { config, params, sha256: name }
}

function trainPart(corpora: Readonly<Record<string, Pick<ByteCorpus, 'train'>>>, name: string): Uint8Array {
  if (!corpora[name]) throw new InputError(`the base model's recipe has a domain '${name}', of which there is no text`)
  return corpora[name].train
}

async function train(
  { stages, weights, seed, learningRate }: BaseRecipe,
  config: DecoderConfig,
  corpora: Readonly<Record<string, Uint8Array>>,
  start: DecoderParams,
  progress: BaseOptions['progress'],
): Promise<DecoderParams> {
  const total = stages.reduce((sum, { steps }) => sum + steps, 0)
  const step = trainStep<DecoderParams>(
    (params, { x, y }) => languageLoss(forward(config, params, { ids: x }), y),
    languageOptimizer({ learningRate, steps: total }),
  )
  let state = step.init(start)
  let done = 0
  for (const [index, { steps, batch, context }] of stages.entries()) {
    const sampler = mixtureSampler({ corpora, stages: [{ name: 'base', steps, weights }], batch, context, seed: seed + index })
    for (let k = 0; k < steps; k++) {
      const { x, y } = sampler.at(k)
      const next = await step(state, { x, y })
      state = next
      await progress?.(++done, total, next.loss)
    }
  }
  return state.params
}
