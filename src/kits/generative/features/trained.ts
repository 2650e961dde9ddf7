import { sha256 } from '../../../data/files.ts'
import { createBatcher } from '../../../data/index.ts'
import {
  add,
  div,
  fromArray,
  InputError,
  key,
  mul,
  type NDArray,
  ndarray,
  random,
  sizeOf,
  type Tensor,
  zeros,
} from '../../../engine/index.ts'
import { crossEntropy, type LayeredParams } from '../../../nn/index.ts'
import { adam, warmupDecay } from '../../../optim/index.ts'
import { trainStep } from '../../../train/index.ts'
import { type KeepOptions, trainedOnce } from '../../../train/kept.ts'
import { encodeWeights } from '../../classifier/weights.ts'
import { short } from '../scores.ts'
import { checkedRecipe, type FeatureCard, type FeatureParams, featureCard, type TrainedFeatureNetwork } from './card.ts'
import { inBatches } from './network.ts'
import { type FeatureRecipe, featureModel } from './recipe.ts'

/** What a feature network is made from. */
export interface FeatureData {
  /** float32 [n, channels, height, width], or [n, height, width]: real training images, as generated ones will be. */
  readonly images: NDArray
  /** Classes from 0, one an image; not needed for random features. */
  readonly labels?: ArrayLike<number>
}

export interface FeatureOptions extends KeepOptions {
  /** Awaited once a step. */
  progress?(done: number, total: number, loss: number): Promise<void> | void
}

/**
 * The feature network of a recipe on these real images: from the cache, where the same one has been made before, else trained now, frozen and kept. Features
 * are divided by their standard deviations on the images, so that no unit rules KID by its scale.
 *
 * What it does not see, no metric sees: it knows what tells the classes of this data set apart.
 *
 * @throws InputError for a recipe with steps and no labels, or images of another shape.
 * @example
 * const images = { data: new Float32Array(98), shape: [2, 1, 7, 7], dtype: 'float32' } as const
 * const network = await featureNetwork(featureRecipe([1, 7, 7], { steps: 2 }), { images, labels: Int32Array.of(0, 1) })
 * const { rows } = await network.features(images)
 * rows.shape // [2, 32]
 */
export async function featureNetwork(
  given: FeatureRecipe,
  data: FeatureData,
  { progress, ...options }: FeatureOptions = {},
): Promise<TrainedFeatureNetwork> {
  const recipe = checkedRecipe(given)
  const classes = recipe.steps > 0 ? classesOf(data) : 1
  const model = featureModel(recipe, classes)
  const labels = recipe.steps > 0 ? Int32Array.from(data.labels!) : new Int32Array(0)
  const trainedOn = sha256(bytesOf(data.images), bytesOf(ndarray(labels, [labels.length], 'int32')))
  const start = model.init(key(recipe.seed))
  const { params } = await trainedOnce<FeatureParams>(
    {
      prefix: 'features',
      recorded: { version: 1, recipe, classes, data: trainedOn },
      like: { ...start, deviation: zeros([model.width]) },
      announce: `making the feature network (${recipe.layers.kind}, ${recipe.steps} steps)`,
      about: { recipe: JSON.stringify(recipe) },
      async train() {
        const trained = recipe.steps > 0 ? await train(recipe, { ...data, labels }, start, classes, progress) : start
        return { ...trained, deviation: await deviations(recipe, trained, classes, data.images) }
      },
    },
    options,
  )
  return frozen({ recipe, classes, trainedOn }, params)
}

function classesOf({ images, labels }: FeatureData): number {
  if (!labels)
    throw new InputError('a feature network is trained on labels, and there are none', {
      fix: 'give images with classes, or take random features (randomFeatureRecipe)',
    })
  if (labels.length !== images.shape[0]) throw new InputError(`${images.shape[0]} images do not go with ${labels.length} labels`)
  return Array.from(labels).reduce((most, label) => Math.max(most, label), 0) + 1
}

const bytesOf = ({ data }: NDArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

async function train(
  { shape, layers, inputNoise, steps, batch, learningRate, seed }: FeatureRecipe,
  { images, labels }: { images: NDArray; labels: Int32Array },
  start: LayeredParams,
  classes: number,
  progress: FeatureOptions['progress'],
): Promise<LayeredParams> {
  const model = featureModel({ shape, layers }, classes)
  const noisy = (x: Tensor, step: Tensor) => add(x, mul(random.normal(random.fold(key(seed), step), x.shape), inputNoise))
  const step = trainStep<LayeredParams, { x: NDArray; y: NDArray; step: NDArray }>(
    (params, { x, y, step }) => crossEntropy(model.apply(params, inputNoise > 0 ? noisy(x, step) : x), y),
    adam({ learningRate: warmupDecay(learningRate, { warmup: Math.min(100, Math.ceil(steps / 10)), steps }) }),
  )
  const batcher = createBatcher({ x: images, y: ndarray(labels, [labels.length], 'int32') }, { size: batch, seed })
  let state = step.init(start)
  for (let k = 0; k < steps; k++) {
    const next = await step(state, { ...batcher.at(k), step: ndarray(Uint32Array.of(k), [1], 'uint32') })
    state = next
    await progress?.(k + 1, steps, next.loss)
  }
  return state.params
}

/** Of each unit on the real images; 1 for a unit that is always the same. */
async function deviations(recipe: FeatureRecipe, params: LayeredParams, classes: number, images: NDArray): Promise<Tensor> {
  const model = featureModel(recipe, classes)
  const { shape, data } = await inBatches(recipe.shape, (x) => model.hidden(params, x), 'feature network')(images)
  const [n, width] = shape
  const found = Float32Array.from({ length: width }, (_, unit) => {
    let [sum, squares] = [0, 0]
    for (let i = unit; i < data.length; i += width) {
      sum += data[i]
      squares += data[i] ** 2
    }
    const variance = (squares - sum ** 2 / n) / Math.max(n - 1, 1)
    return variance > 1e-12 ? Math.sqrt(variance) : 1
  })
  return fromArray(ndarray(found, [width], 'float32'))
}

/** The network of these weights. */
export async function frozen(given: FeatureCard, params: FeatureParams): Promise<TrainedFeatureNetwork> {
  // Its keys in one order, whoever made it: the hash is of the bytes that a file has.
  const card = featureCard.parse(given)
  const { recipe, classes } = card
  const model = featureModel(recipe, classes)
  const where = 'feature network'
  const hash = sha256(await encodeWeights(params, card))
  const normalised = (x: Tensor) => div(model.hidden(params, x), params.deviation)
  const rows = inBatches(recipe.shape, normalised, where)
  const logits = inBatches(recipe.shape, (x) => model.apply(params, x), where)
  const how = recipe.steps > 0 ? `trained on ${classes} classes` : 'random'
  return {
    hash,
    about: `${recipe.layers.kind} of ${sizeOf(recipe.shape)} → ${model.width}, ${how}, ${short(hash)}`,
    width: model.width,
    card,
    params,
    features: async (images) => ({ rows: await rows(images), network: hash }),
    ...(recipe.steps > 0 && { logits }),
  }
}
