import { fromArray, jit, type NDArray, ndarray, sizeOf, type Tensor, zeros } from '../../engine/index.ts'
import { exportOnnx } from '../../engine/onnx/index.ts'
import { scaledIn } from '../../kits/classifier/index.ts'
import type { LayeredParams } from '../../nn/index.ts'
import { type Examples, scorer } from './classifier.ts'
import { type Compacted, compact, type LayerArrays } from './compact.ts'
import { classifierOf, compactClassifier, type Description, layersOf } from './saved-model.ts'

/** A number of the network as it was trained, and of what remains of it. */
export interface Pair {
  readonly full: number
  readonly small: number
}

export interface Compaction {
  readonly small: Compacted
  readonly parameters: Pair
  /** Multiplications of one example. */
  readonly macs: Pair
  /** Median of a run on `batch` examples. */
  readonly milliseconds: Pair
  /** The largest difference of a logit between the two networks. */
  readonly difference: number
  /** Share of right answers of both networks on examples as they were before standardizing: x [n, ...inputShape], y int32 [n]. */
  accuracy(examples: Examples): Promise<Pair>
  /** ONNX files of both, for `batch` examples. */
  onnx(): { full: Uint8Array; small: Uint8Array }
}

/** Cuts the zeros out of a trained network, and compares both on inputs spread over the range that it was trained on. */
export async function compareCompacted(
  about: Description,
  arrays: Readonly<Record<string, NDArray>>,
  { batch }: { batch: number },
): Promise<Compaction> {
  const layers = layersOf(arrays)
  const small = compact(layers)
  const shape = [batch, ...about.inputShape]
  const [fullParams, smallParams] = [toTree(layers), toTree(small.layers)]
  const forward = {
    full: (x: Tensor) => classifierOf(about).apply(fullParams, scaledIn(x, about)),
    small: (x: Tensor) => compactClassifier(about, small.layers, small.keptInputs)(smallParams, scaledIn(x, about)),
  }
  const input = fromArray(probe(shape, about))
  return {
    small,
    parameters: { full: countWeights(layers), small: countWeights(small.layers) },
    macs: { full: countProducts(layers, about), small: countProducts(small.layers, about) },
    milliseconds: await raceOf(forward, input),
    difference: largestDifference(await forward.full(input).data(), await forward.small(input).data()),
    accuracy: async (examples) => ({
      full: (await scorer({ init: () => 0, apply: (_: number, x) => forward.full(x) })(0, examples)).accuracy,
      small: (await scorer({ init: () => 0, apply: (_: number, x) => forward.small(x) })(0, examples)).accuracy,
    }),
    onnx: () => ({ full: exportOnnx(forward.full, [zeros(shape)]), small: exportOnnx(forward.small, [zeros(shape)]) }),
  }
}

/** Each weight is used once, those of a convolution once a place of the image; after each convolution the image is halved. */
function countProducts(layers: readonly LayerArrays[], { inputShape }: Description): number {
  let [height, width] = inputShape.slice(-2)
  return layers.reduce((total, { weight: { shape } }) => {
    if (shape.length === 2) return total + sizeOf(shape)
    ;[height, width] = [height - shape[2] + 1, width - shape[3] + 1]
    const products = sizeOf(shape) * height * width
    ;[height, width] = [height >> 1, width >> 1]
    return total + products
  }, 0)
}

const toTree = (layers: readonly LayerArrays[]): LayeredParams => ({
  layers: layers.map(({ weight, bias }) => ({ weight: fromArray(weight), bias: fromArray(bias) })),
})

const countWeights = (layers: readonly LayerArrays[]): number =>
  layers.reduce((total, { weight, bias }) => total + weight.data.length + bias.data.length, 0)

/** Inputs spread over the range that the model was trained on. */
function probe(shape: readonly number[], { mean, deviation }: Description): NDArray {
  const at = (values: readonly number[], i: number) => values[i % values.length]
  return ndarray(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => at(mean, i) + at(deviation, i) * 2 * Math.sin(i * 0.7)),
    shape,
    'float32',
  )
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a, (value, i) => Math.abs(value - b[i])).reduce((x, y) => Math.max(x, y), 0)

/** Median milliseconds a run of each network, run in turn. */
async function raceOf(forward: Record<'full' | 'small', (x: Tensor) => Tensor>, input: Tensor): Promise<Record<'full' | 'small', number>> {
  const compiled = { full: jit(forward.full), small: jit(forward.small) }
  const times = { full: [] as number[], small: [] as number[] }
  const array = await input.ndarray()
  for (let round = 0; round < 60; round++) {
    for (const name of ['full', 'small'] as const) {
      const start = performance.now()
      await compiled[name](fromArray(array)).data()
      if (round >= 10) times[name].push(performance.now() - start)
    }
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]
  return { full: median(times.full), small: median(times.small) }
}
