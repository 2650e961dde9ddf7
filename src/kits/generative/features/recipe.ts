import { z } from 'zod'
import { InputError, random, relu, reshape, sizeOf, type Tensor } from '../../../engine/index.ts'
import { type Affine, conv2d, heNormal, type LayeredParams, linear, type Model } from '../../../nn/index.ts'

/**
 * A small classifier whose last hidden layer are the features. `mlp`: layers of these widths; `conv`: 3×3 convolutions of these channels with stride 2,
 * then a layer of `width`. ReLU everywhere.
 */
const featureLayers = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mlp'), hidden: z.array(z.int().min(1)).min(1) }),
  z.strictObject({ kind: z.literal('conv'), channels: z.array(z.int().min(1)).min(1), width: z.int().min(1) }),
])
export type FeatureLayers = z.output<typeof featureLayers>

/** All that decides a feature network, beside its data. */
export const featureRecipeSchema = z.strictObject({
  /** Of one image: [channels, height, width]. */
  shape: z.array(z.int().min(1)).length(3),
  layers: featureLayers,
  /** Deviation of normal noise that is added to the images in training. */
  inputNoise: z.number().min(0),
  /** Steps of Adam; with 0 the weights stay random, and no labels are needed. */
  steps: z.int().min(0),
  batch: z.int().min(1),
  /** The peak; it falls to 0 by a cosine. */
  learningRate: z.number().positive(),
  seed: z.int().min(0),
})
export type FeatureRecipe = z.output<typeof featureRecipeSchema>

/** Of one image side: up to here layers without convolutions do. */
const small = 14

/**
 * The default network for images of this shape: up to 14 × 14 an MLP (128-32 on 7 × 7, 256-64 above), else convolutions of 16, 32 and 64 channels and a layer
 * of 64.
 *
 * @example
 * featureRecipe([1, 14, 14]).layers // { kind: 'mlp', hidden: [256, 64] }
 */
export function featureRecipe(shape: readonly number[], changes: Partial<FeatureRecipe> = {}): FeatureRecipe {
  if (shape.length !== 3) throw new InputError(`an image is [${shape}] instead of [channels, height, width]`)
  const [, height, width] = shape
  const { layers, ...trained } = Math.max(height, width) > small ? large : sizeOf(shape) <= 64 ? tiny : modest
  return { shape: [...shape], layers, learningRate: 1e-3, seed: 0, ...trained, ...changes }
}

type Default = Pick<FeatureRecipe, 'layers' | 'inputNoise' | 'steps' | 'batch'>
const tiny: Default = { layers: { kind: 'mlp', hidden: [128, 32] }, inputNoise: 0, steps: 2000, batch: 128 }
const modest: Default = { layers: { kind: 'mlp', hidden: [256, 64] }, inputNoise: 0.05, steps: 2000, batch: 128 }
const large: Default = { layers: { kind: 'conv', channels: [16, 32, 64], width: 64 }, inputNoise: 0, steps: 1000, batch: 64 }

/**
 * Random features for images without labels: the convolutions of the default network as they are drawn. Nothing is trained.
 *
 * @example
 * randomFeatureRecipe([3, 32, 32]).steps // 0
 */
export const randomFeatureRecipe = (shape: readonly number[], changes: Partial<FeatureRecipe> = {}): FeatureRecipe =>
  featureRecipe(shape, { layers: { kind: 'conv', channels: [16, 32, 64], width: 64 }, steps: 0, inputNoise: 0, ...changes })

/** The classifier of a recipe: its last hidden layer, and the logits from it. */
export interface FeatureModel extends Model<LayeredParams> {
  readonly width: number
  hidden(params: LayeredParams, x: Tensor): Tensor
}

/** Builds it. x [n, channels, height, width]. */
export function featureModel({ shape, layers }: Pick<FeatureRecipe, 'shape' | 'layers'>, classes: number): FeatureModel {
  const { body, width, run } = layers.kind === 'mlp' ? mlpBody(shape, layers.hidden) : convBody(shape, layers)
  const all = [...body, linear(width, classes)]
  const hidden = (params: LayeredParams, x: Tensor) => run(params.layers, reshape(x, [x.shape[0], ...shape]))
  return {
    width,
    hidden,
    init: (key) => ({ layers: initialised(all, key) }),
    apply: (params, x) => all[body.length].apply(params.layers[body.length], hidden(params, x)),
  }
}

const initialised = (layers: readonly Model<Affine>[], key: Tensor): Affine[] => {
  const keys = random.split(key, layers.length)
  return layers.map((layer, i) => layer.init(keys[i]))
}

interface Body {
  readonly body: readonly Model<Affine>[]
  readonly width: number
  run(params: readonly Affine[], x: Tensor): Tensor
}

function mlpBody(shape: readonly number[], hidden: readonly number[]): Body {
  const sizes = [sizeOf(shape), ...hidden]
  const body = hidden.map((size, i) => linear(sizes[i], size, { weight: heNormal }))
  const run: Body['run'] = (params, x) => body.reduce((y, layer, i) => relu(layer.apply(params[i], y)), reshape(x, [x.shape[0], sizes[0]]))
  return { body, width: sizes.at(-1)!, run }
}

function convBody([depth, height, width]: readonly number[], layers: Extract<FeatureLayers, { kind: 'conv' }>): Body {
  const { channels } = layers
  const left = (extent: number) => channels.reduce((rest) => Math.ceil(rest / 2), extent)
  const area = left(height) * left(width)
  const convolutions = channels.map((out, i) =>
    conv2d(i === 0 ? depth : channels[i - 1], out, 3, { padding: 1, stride: 2, weight: heNormal }),
  )
  const last = linear(channels.at(-1)! * area, layers.width, { weight: heNormal })
  const run: Body['run'] = (params, x) => {
    const y = convolutions.reduce((z, layer, i) => relu(layer.apply(params[i], z)), x)
    return relu(last.apply(params[channels.length], reshape(y, [x.shape[0], channels.at(-1)! * area])))
  }
  return { body: [...convolutions, last], width: layers.width, run }
}
