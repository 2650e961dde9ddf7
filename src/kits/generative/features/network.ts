import { compileOpen, InputError, type NDArray, ndarray, type OpenProgram, sizeOf, type Tensor } from '../../../engine/index.ts'
import type { Features } from '../scores.ts'

/** A frozen network that says of images what they are like. All FID, KID, precision and recall are relative to one, and carry its hash. */
export interface FeatureNetwork {
  /** SHA-256 of its weights and of what it does to its input. */
  readonly hash: string
  /** One line on what it is, for reports. */
  readonly about: string
  /** Numbers for each image. */
  readonly width: number
  /** Images [n, ...shape] in the range of the images that it was made for → features. @throws InputError for images of another shape. */
  features(images: NDArray): Promise<Features>
  /** The classes that it was trained to tell, where it was: logits [n, classes]. */
  logits?(images: NDArray): Promise<NDArray>
}

/** Images computed together. */
const together = 250

/** A function of images as a function of arrays, by batches, compiled at the first call for any count. */
export function inBatches(
  shape: readonly number[],
  apply: (images: Tensor) => Tensor,
  where: string,
): (images: NDArray) => Promise<NDArray> {
  let program: Promise<OpenProgram> | undefined
  return async (images) => {
    requireImages(images, shape, where)
    program ??= compileOpen((x) => [apply(x)], [{ dtype: 'float32', shape: ['n', ...shape] }])
    const area = sizeOf(shape)
    const parts: NDArray[] = []
    for (let from = 0; from < images.shape[0]; from += together) {
      const count = Math.min(together, images.shape[0] - from)
      const data = Float32Array.from(images.data.subarray(from * area, (from + count) * area))
      parts.push((await (await program).run([ndarray(data, [count, ...shape], 'float32')]))[0])
    }
    return joined(parts)
  }
}

function requireImages(images: NDArray, shape: readonly number[], where: string): void {
  const given = images.shape.slice(1)
  // A grey image may lack the axis of its one channel.
  if (sizeOf(given) !== sizeOf(shape) || given.at(-1) !== shape.at(-1))
    throw new InputError(`an image is [${given}], the feature network takes [${shape}]`, { where, fix: 'use a network for such images' })
  const bad = images.data.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) throw new InputError(`image ${Math.floor(bad / sizeOf(shape))} holds ${images.data[bad]}`, { where })
}

function joined(parts: readonly NDArray[]): NDArray {
  if (parts.length === 0) throw new InputError('there are no images')
  const count = parts.reduce((sum, { shape }) => sum + shape[0], 0)
  const data = new Float32Array(parts.reduce((sum, { data }) => sum + data.length, 0))
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.data.length
  }
  return ndarray(data, [count, ...parts[0].shape.slice(1)], 'float32')
}

/**
 * The class that a network takes each image for, of one that was trained on labels.
 *
 * @throws InputError for a network without classes.
 * @example
 * const images = { data: new Float32Array(98), shape: [2, 1, 7, 7], dtype: 'float32' } as const
 * const network = await featureNetwork(featureRecipe([1, 7, 7], { steps: 2 }), { images, labels: Int32Array.of(0, 1) })
 * const predicted = await predictedClasses(network, images)
 * predicted.length // 2
 */
export async function predictedClasses(network: FeatureNetwork, images: NDArray): Promise<Int32Array> {
  if (!network.logits) throw new InputError('the feature network was not trained on classes', { where: network.about })
  const { shape, data } = await network.logits(images)
  const [n, classes] = shape
  return Int32Array.from({ length: n }, (_, row) => {
    const logits = data.subarray(row * classes, (row + 1) * classes)
    return logits.indexOf(Math.max(...logits))
  })
}
