import { maxPool, random, relu, reshape, type Tensor } from '../engine/index.ts'
import type { Initializer } from './initializers.ts'
import { type Affine, conv2d, linear } from './layers.ts'
import type { Model } from './model.ts'

export interface LayeredParams {
  layers: Affine[]
}

export interface MlpOptions {
  /** Extents from the input to the output, at least two. */
  readonly sizes: readonly number[]
  readonly activation?: (x: Tensor) => Tensor
  readonly weight?: Initializer
}

const initAll = (layers: readonly Model<Affine>[], key: Tensor): LayeredParams => {
  const keys = random.split(key, layers.length)
  return { layers: layers.map((layer, i) => layer.init(keys[i])) }
}

/**
 * Linear layers with an activation between them: x [n, ...] is flattened to [n, sizes[0]].
 *
 * @example
 * const model = mlp({ sizes: [784, 128, 64, 10] })
 */
export function mlp({ sizes, activation = relu, weight }: MlpOptions): Model<LayeredParams> {
  const layers = sizes.slice(1).map((size, i) => linear(sizes[i], size, { weight }))
  return {
    init: (key) => initAll(layers, key),
    apply: (params, x) =>
      layers.reduce(
        (value, layer, i) => {
          const y = layer.apply(params.layers[i], value)
          return i < layers.length - 1 ? activation(y) : y
        },
        reshape(x, [x.shape[0], sizes[0]]),
      ),
  }
}

export interface ConvNetOptions {
  /** Channels, height and width of an image. */
  readonly image: readonly [channels: number, height: number, width: number]
  readonly classes: number
  readonly channels?: readonly [number, number]
  readonly hidden?: number
}

/**
 * Two 5×5 convolutions, each with ReLU and 2×2 max pooling, then two linear layers (LeNet-5's descendant).
 *
 * @example
 * const net = convNet({ image: [1, 28, 28], classes: 10 })
 * net.apply(net.init(key(0)), zeros([8, 1, 28, 28])).shape // [8, 10]
 */
export function convNet({
  image: [depth, height, width],
  classes,
  channels: [first, second] = [20, 50],
  hidden = 500,
}: ConvNetOptions): Model<LayeredParams> {
  const after = (extent: number) => Math.floor((Math.floor((extent - 4) / 2) - 4) / 2)
  const features = second * after(height) * after(width)
  const layers = [conv2d(depth, first, 5), conv2d(first, second, 5), linear(features, hidden), linear(hidden, classes)]
  return {
    init: (key) => initAll(layers, key),
    apply({ layers: params }, x) {
      let y = reshape(x, [x.shape[0], depth, height, width])
      for (const i of [0, 1]) y = maxPool(relu(layers[i].apply(params[i], y)), { size: 2 })
      y = relu(layers[2].apply(params[2], reshape(y, [x.shape[0], features])))
      return layers[3].apply(params[3], y)
    },
  }
}
