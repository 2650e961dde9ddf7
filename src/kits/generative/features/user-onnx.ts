import { sha256 } from '../../../data/files.ts'
import { builtin } from '../../../engine/builtin.ts'
import { add, concat, InputError, mul, reshape, resize, sizeOf, type Tensor } from '../../../engine/index.ts'
import { readOnnx } from '../../../engine/onnx/index.ts'
import { short } from '../scores.ts'
import { type FeatureNetwork, inBatches } from './network.ts'

const { readFile } = builtin('node:fs/promises')

export interface OnnxFeatureOptions {
  /** Of the images that will be given: [channels, height, width]. */
  readonly shape: readonly [channels: number, height: number, width: number]
  /** Least and most of the images that will be given. Default: [−1, 1]. */
  readonly range?: readonly [number, number]
  /** Least and most of what the network takes. Default: [−1, 1], as exports of Inception-V3 for FID do; ImageNet's means are to be part of the file. */
  readonly takes?: readonly [number, number]
  /** Height and width that it takes, where its file leaves them open. */
  readonly size?: readonly [number, number]
  /** Which output, where there are several. */
  readonly output?: string
}

/**
 * A user's feature network from an ONNX file, such as Inception-V3 up to its last pooling (2,048 features): float images in, features [n, width] or
 * [n, width, 1, 1] out. Images are resized to its size (bilinear with antialiasing) and grey ones get three equal channels. Features are taken as
 * they are: those of Inception are compared so.
 *
 * The hash is that of the file and of these settings. FID of 2,048 features needs many samples: at 2,000 two halves of one set are some 30 apart.
 *
 * @throws InputError for a file with other inputs or outputs.
 * @example
 * import { saveOnnx } from 'quire/onnx'
 *
 * await saveOnnx('means.onnx', (x: Tensor) => mean(x, { axes: [2, 3] }), [zeros([1, 3, 32, 32])], { arguments: ['x'], batch: ['x'] })
 * const network = await onnxFeatures('means.onnx', { shape: [1, 28, 28] })
 * const { rows } = await network.features({ data: new Float32Array(784), shape: [1, 1, 28, 28], dtype: 'float32' })
 * rows.shape // [1, 3]
 */
export async function onnxFeatures(path: string, options: OnnxFeatureOptions): Promise<FeatureNetwork> {
  const { shape, range = [-1, 1], takes = [-1, 1] } = options
  const model = await readOnnx(path)
  const [input, ...more] = model.inputs
  if (!input || more.length > 0 || input.dtype !== 'float32' || input.shape?.length !== 4)
    throw new InputError('is no network of images', {
      where: path,
      fix: 'a feature network takes one float32 input [n, channels, height, width]',
    })
  const output = outputOf(model.outputs, options.output, path)
  const [channels, ...size] = extentsOf(input.shape.slice(1), options, path)
  const scale = (takes[1] - takes[0]) / (range[1] - range[0])
  const apply = (images: Tensor) => {
    const x = reshape(images, [images.shape[0], ...shape])
    const wide = shape[0] === channels ? x : concat(new Array<Tensor>(channels).fill(x), { axis: 1 })
    const sized = shape[1] === size[0] && shape[2] === size[1] ? wide : resize(wide, { size, mode: 'linear', antialias: true })
    const y = model.apply(model.parameters, { [input.name]: add(mul(sized, scale), takes[0] - scale * range[0]) })[output]
    return reshape(y, [images.shape[0], sizeOf(y.shape.slice(1))])
  }
  const settings = JSON.stringify({ shape, range, takes, channels, size, output })
  const hash = sha256(await readFile(path), new TextEncoder().encode(settings))
  const rows = inBatches(shape, apply, path)
  const probe = await rows({ shape: [1, ...shape], dtype: 'float32', data: new Float32Array(sizeOf(shape)).fill(range[0]) })
  return {
    hash,
    about: `${path}, ${short(hash)}`,
    width: probe.shape[1],
    features: async (images) => ({ rows: await rows(images), network: hash }),
  }
}

function outputOf(outputs: readonly { name: string; shape?: readonly unknown[] }[], wanted: string | undefined, where: string): string {
  const names = outputs.map(({ name }) => name)
  if (wanted !== undefined) {
    if (names.includes(wanted)) return wanted
    throw new InputError(`has no output '${wanted}'`, { where, fix: `it has ${names.join(', ')}` })
  }
  const chosen = names.find((name) => name === 'features') ?? (names.length === 1 ? names[0] : undefined)
  if (chosen !== undefined) return chosen
  throw new InputError(`has the outputs ${names.join(', ')}`, { where, fix: 'say which of them are the features' })
}

/** Channels, height and width that the file asks for; open ones from the options. */
function extentsOf(
  [channels, height, width]: readonly (number | string | undefined)[],
  { shape, size }: OnnxFeatureOptions,
  where: string,
): number[] {
  const known = (extent: number | string | undefined, otherwise: number) => (typeof extent === 'number' ? extent : otherwise)
  const found = [known(channels, shape[0]), known(height, size?.[0] ?? shape[1]), known(width, size?.[1] ?? shape[2])]
  if (found[0] === shape[0] || shape[0] === 1) return found
  throw new InputError(`takes ${found[0]} channels, the images have ${shape[0]}`, { where })
}
