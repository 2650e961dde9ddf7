import {
  clip,
  concat,
  evaluate,
  exp,
  fromArray,
  jit,
  key,
  logSoftmax,
  ndarray,
  sigmoid,
  sub,
  type Tensor,
} from '../../../../engine/index.ts'
import { attackExplanation } from '../../../../methods/r2et/attack.ts'
import { smoothNetwork } from '../../../../methods/r2et/network.ts'
import { saliency } from '../../../../methods/r2et/saliency.ts'
import type { LayeredParams } from '../../../../nn/index.ts'
import { fromArrays } from '../../../../train/state.ts'
import { readWeights } from '../weights.ts'

/** How many of the most salient pixels are the explanation, as in the experiment. */
export const salientPixels = 50

/** A classifier of images [784] whose decisions are explained. */
export interface Classifier {
  readonly classes: number
  readonly apply: (params: LayeredParams, x: Tensor) => Tensor
  readonly params: LayeredParams
}

/** What a classifier says of an image, and why. */
export interface Explained {
  readonly label: number
  /** Of each class. */
  readonly probabilities: readonly number[]
  /** |∂ margin/∂x| of each pixel. */
  readonly map: Float32Array
  /** The most salient pixels, the first first. */
  readonly top: readonly number[]
}

/** An image near another one that changes the explanation, and not the decision. */
export interface Perturbed {
  readonly pixels: Float32Array
  readonly after: Explained
  /** How many of the most salient pixels are still among them. */
  readonly kept: number
  /** ‖x′ − x‖ */
  readonly distance: number
}

export function readClassifier(bytes: Uint8Array, where: string): Classifier {
  const { tensors, metadata } = readWeights(bytes, where)
  const classes = Number(metadata.classes)
  const network = smoothNetwork({ features: 784, classes })
  return { classes, apply: network.apply, params: fromArrays(tensors, network.init(key(0)), where) }
}

/** Compiles a classifier's explanations once. */
export function explainer({ classes, apply, params }: Classifier) {
  const run = jit((params: LayeredParams, x: Tensor) => {
    const classify = (x: Tensor) => apply(params, x)
    const logits = classify(x)
    const odd = sigmoid(logits)
    const probabilities = classes === 2 ? concat([sub(1, odd), odd], { axis: 1 }) : exp(logSoftmax(logits))
    return { probabilities, map: saliency(classify, x) }
  })
  const explain = async (pixels: Float32Array): Promise<Explained> => {
    const told = await evaluate(run(params, rowOf(pixels)))
    const probabilities = Array.from(await told.probabilities.data())
    const map = Float32Array.from(await told.map.data())
    return { label: probabilities.indexOf(Math.max(...probabilities)), probabilities, map, top: mostSalient(map, salientPixels) }
  }
  const perturb = async (pixels: Float32Array, { eps, steps, progress }: PerturbOptions): Promise<Perturbed> => {
    const before = await explain(pixels)
    const { adversarial } = await attackExplanation({ apply }, params, rowOf(pixels), {
      kind: 'er',
      k: salientPixels,
      eps,
      steps,
      starts: 1,
      feasible: staysImage,
      key: key(0),
      progress,
    })
    const found = Float32Array.from(await adversarial.data())
    const after = await explain(found)
    return { pixels: found, after, kept: keptOf(before.top, after.top), distance: distanceOf(pixels, found) }
  }
  return { explain, perturb }
}

export interface PerturbOptions {
  /** ℓ₂ radius, for pixels of 0 to 1. */
  readonly eps: number
  readonly steps: number
  progress?(done: number, total: number): Promise<void>
}

/** Values stay those of an image: the nearest point of the box to a point of the ball is in the ball. */
const staysImage = { project: (moved: Tensor) => clip(moved, 0, 1) }

const rowOf = (pixels: Float32Array): Tensor => fromArray(ndarray(pixels, [1, pixels.length], 'float32'))

/** The k largest, largest first; of equal ones those that come first. */
export function mostSalient(map: ArrayLike<number>, k: number): number[] {
  return Array.from(map, (_, i) => i)
    .sort((a, b) => map[b] - map[a] || a - b)
    .slice(0, k)
}

export const keptOf = (before: readonly number[], after: readonly number[]): number => {
  const set = new Set(before)
  return after.filter((pixel) => set.has(pixel)).length
}

export const distanceOf = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.sqrt(Array.from(a).reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0))
