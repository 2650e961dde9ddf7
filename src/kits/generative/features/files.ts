import { writeAtomically } from '../../../data/files.ts'
import { builtin } from '../../../engine/builtin.ts'
import { div, InputError, key, type Tensor, zeros } from '../../../engine/index.ts'
import { saveOnnx } from '../../../engine/onnx/index.ts'
import { readSafetensors } from '../../../engine/safetensors.ts'
import { fromArrays } from '../../../train/index.ts'
import { describedBy, encodeWeights } from '../../classifier/weights.ts'
import { type FeatureParams, featureCard, type TrainedFeatureNetwork } from './card.ts'
import { featureModel } from './recipe.ts'
import { frozen } from './trained.ts'

const { mkdir, readFile } = builtin('node:fs/promises')
const { join } = builtin('node:path')

/**
 * What the weights are called in a folder; their SHA-256 is the network's hash.
 *
 * @example
 * featureFile // 'features.safetensors'
 */
export const featureFile = 'features.safetensors'

/** The same as a model for other programs. */
const onnxFile = 'features.onnx'

/**
 * Writes a feature network into a folder: the weights, and a standard ONNX model from images to features and logits.
 *
 * @example
 * const images = { data: new Float32Array(98), shape: [2, 1, 7, 7], dtype: 'float32' } as const
 * const network = await featureNetwork(featureRecipe([1, 7, 7], { steps: 2 }), { images, labels: Int32Array.of(0, 1) })
 * await saveFeatureNetwork('features', network)
 * const { hash } = await loadFeatureNetwork('features')
 * hash === network.hash // true
 */
export async function saveFeatureNetwork(folder: string, { card, params, hash }: TrainedFeatureNetwork): Promise<void> {
  const model = featureModel(card.recipe, card.classes)
  await mkdir(folder, { recursive: true })
  await writeAtomically(join(folder, featureFile), await encodeWeights(params, card))
  const outputs = (x: Tensor) => ({ features: div(model.hidden(params, x), params.deviation), logits: model.apply(params, x) })
  await saveOnnx(join(folder, onnxFile), outputs, [zeros([1, ...card.recipe.shape])], {
    arguments: ['images'],
    batch: ['images'],
    metadata: { 'quire.features': hash },
  })
}

/**
 * Reads a feature network that `saveFeatureNetwork` wrote: a folder, or the file of weights.
 *
 * @throws InputError for what is no such file.
 * @example
 * const images = { data: new Float32Array(98), shape: [2, 1, 7, 7], dtype: 'float32' } as const
 * await saveFeatureNetwork('random', await featureNetwork(featureRecipe([1, 7, 7], { steps: 0 }), { images }))
 * const { width } = await loadFeatureNetwork('random')
 * width // 32
 */
export async function loadFeatureNetwork(path: string): Promise<TrainedFeatureNetwork> {
  const file = path.endsWith('.safetensors') ? path : join(path, featureFile)
  const bytes = await readFile(file).catch((cause) => {
    throw new InputError('there is no feature network', { where: file, fix: 'give the folder or file that one was saved in', cause })
  })
  const { tensors, metadata } = readSafetensors(bytes, file)
  const card = describedBy(featureCard, metadata)
  if (!card) throw new InputError('does not say that it is a feature network', { where: file, fix: 'make and save it again' })
  const model = featureModel(card.recipe, card.classes)
  const like = { ...model.init(key(0)), deviation: zeros([model.width]) }
  return frozen(card, fromArrays<FeatureParams>(tensors, like, file))
}
