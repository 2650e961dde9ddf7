import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { gather, InputError, key, type NDArray, reshape, type Tensor, tensor } from '../../engine/index.ts'
import { readSafetensors } from '../../engine/safetensors.ts'
import { describedBy, weightsFile } from '../../kits/classifier/index.ts'
import { convNet, type LayeredParams, mlp } from '../../nn/index.ts'
import { fromArrays } from '../../train/index.ts'
import type { Classifier } from './classifier.ts'
import type { LayerArrays } from './compact.ts'
import type { Regularizer } from './regularizer.ts'

/** What is needed to use a trained model again; travels inside the weights file. */
export const description = z.object({
  network: z.enum(['logistic', 'mlp', 'convnet']),
  hidden: z.array(z.number().int().positive()),
  /** Of one example, as the model is given it. */
  inputShape: z.array(z.number().int().positive()),
  classes: z.array(z.string()),
  /** Subtracted from and divided by, feature by feature or once for all. */
  mean: z.array(z.number()),
  deviation: z.array(z.number()),
  regularizer: z.object({
    kind: z.enum(['groupLasso', 'l1', 'nuclear']),
    lambda: z.number(),
    group: z.enum(['input', 'output']).optional(),
  }),
})
export type Description = z.output<typeof description>

/** The classifier that a description speaks of. */
export function classifierOf({
  network,
  hidden,
  inputShape,
  classes,
}: Pick<Description, 'network' | 'hidden' | 'inputShape' | 'classes'>): Classifier {
  const features = inputShape.reduce((product, extent) => product * extent, 1)
  if (network !== 'convnet') return mlp({ sizes: [features, ...(network === 'mlp' ? hidden : []), classes.length] })
  const image = inputShape.length === 3 ? inputShape : [1, ...inputShape]
  if (image.length !== 3 || Math.min(image[1], image[2]) < 16) {
    throw new InputError('a convolutional network needs images of at least 16×16', { fix: 'use --network mlp' })
  }
  return convNet({ image: image as [number, number, number], classes: classes.length })
}

export interface SavedModel {
  readonly about: Description
  readonly arrays: Readonly<Record<string, NDArray>>
  readonly params: LayeredParams
}

/** Reads a model that `quire ramda train` has written, from its folder or its weights file. */
export async function loadModel(path: string): Promise<SavedModel> {
  const file = path.endsWith('.safetensors') ? path : join(path, weightsFile)
  const bytes = await readFile(file).catch((error) => {
    throw new InputError('there is no trained model', {
      where: path,
      fix: 'train one with `quire ramda train --data … --out DIR`',
      cause: error,
    })
  })
  const { tensors, metadata } = readSafetensors(bytes, file)
  const about = describedBy(description, metadata)
  if (!about) throw new InputError('these weights were not written by `quire ramda train`', { where: file })
  return { about, arrays: tensors, params: fromArrays(tensors, classifierOf(about).init(key(0)), file) }
}

/** The layers of a saved model, first to last. */
export function layersOf(arrays: Readonly<Record<string, NDArray>>): LayerArrays[] {
  const layers: LayerArrays[] = []
  for (let i = 0; arrays[`layers.${i}.weight`]; i++) layers.push({ weight: arrays[`layers.${i}.weight`], bias: arrays[`layers.${i}.bias`] })
  return layers
}

/** The regularizer in the form that the methods take. */
export const regularizerIn = (about: Description): Regularizer => about.regularizer

/** The forward pass of a compacted model: picks the inputs that are still read, then runs layers of their own sizes. */
export function compactClassifier(
  about: Description,
  layers: readonly LayerArrays[],
  keptInputs: readonly number[],
): (params: LayeredParams, x: Tensor) => Tensor {
  const kept = tensor(Int32Array.from(keptInputs))
  const pick = (x: Tensor) => (keptInputs.length === x.shape[1] ? x : gather(x, kept, { axis: 1 }))
  if (about.network === 'convnet') {
    const [, height, width] = about.inputShape.length === 3 ? about.inputShape : [1, ...about.inputShape]
    const model = convNet({
      image: [keptInputs.length, height, width],
      classes: about.classes.length,
      channels: [layers[0].weight.shape[0], layers[1].weight.shape[0]],
      hidden: layers[2].weight.shape[0],
    })
    return (params, x) => model.apply(params, pick(reshape(x, [x.shape[0], -1, height, width])))
  }
  const model = mlp({ sizes: [keptInputs.length, ...layers.map(({ weight }) => weight.shape[0])] })
  return (params, x) => model.apply(params, pick(reshape(x, [x.shape[0], -1])))
}
