import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { InputError, reshape, type Tensor, zeros } from '../../engine/index.ts'
import { type ImportedModel, type ImportOptions, readOnnx, saveOnnx } from '../../engine/onnx/index.ts'
import { type ClassifierCard, classifierCard, exampleShape } from './card.ts'
import { scaledIn } from './scale.ts'
import { describedBy } from './weights.ts'

/**
 * What the file is called in a folder.
 *
 * @example
 * classifierFile // 'classifier.onnx'
 */
export const classifierFile = 'classifier.onnx'

/** A trained classifier, whoever trained it. */
export interface SavedClassifier {
  /** What its file says of it; files from elsewhere say nothing. */
  readonly card?: ClassifierCard
  /** The shape of one example; a name stands for any extent. */
  readonly exampleShape: readonly (number | string)[]
  /** Types of its ONNX nodes: a network of `Relu` has no curvature. */
  readonly operators: ReadonlySet<string>
  /** The stored tensors that can be trained, by their names. */
  readonly parameters: Readonly<Record<string, Tensor>>
  /**
   * Features as they are, float32 [n, ...], to logits [n, classes]; [n, 1] where one number, positive for the second class, tells two apart.
   * Differentiable by both; the parameters are those of the file unless others are given.
   */
  apply(x: Tensor, parameters?: Readonly<Record<string, Tensor>>): Tensor
}

/**
 * Writes a classifier into a folder as a standard ONNX model that takes features as they are: the scaling is part of the model.
 * `apply` is the network as trained, on scaled inputs.
 *
 * @example
 * import { linear } from 'quire/nn'
 *
 * const model = linear(2, 2)
 * const params = await evaluate(model.init(key(0)))
 * const card = { classes: ['no', 'yes'], features: ['age', 'income'], mean: [0], deviation: [1] }
 * await saveClassifier('digits', card, (x) => model.apply(params, x))
 */
export async function saveClassifier(folder: string, card: ClassifierCard, apply: (x: Tensor) => Tensor): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await saveOnnx(join(folder, classifierFile), (x: Tensor) => apply(scaledIn(x, card)), [zeros([1, ...exampleShape(card)])], {
    arguments: ['features'],
    outputs: ['logits'],
    batch: ['features'],
    metadata: { quire: JSON.stringify(card) },
  })
}

/**
 * Reads a classifier: the folder that a `train` verb wrote, or any ONNX file with one float32 input whose first axis counts examples.
 *
 * @throws InputError for what is no such model.
 * @example
 * const card = { classes: ['no', 'yes'], features: ['age', 'income'], mean: [0], deviation: [1] }
 * await saveClassifier('digits', card, (x) => mul(x, 2))
 * const { apply } = await loadClassifier('digits')
 * await apply(tensor([[1, 2]])).array() // [[2, 4]]
 */
export async function loadClassifier(path: string, options: Pick<ImportOptions, 'replace'> = {}): Promise<SavedClassifier> {
  const file = fileOf(path)
  const model = await readOnnx(file, options)
  const [input, ...more] = model.inputs
  if (!input || more.length > 0 || input.dtype !== 'float32' || !input.shape || input.shape.length < 2)
    throw new InputError(`takes ${inputsText(model)}`, { where: file, fix: 'a classifier takes one float32 input [n, ...]' })
  const output = logitsOf(model, file)
  return {
    card: cardIn(model, file),
    exampleShape: input.shape.slice(1),
    operators: model.operators,
    parameters: model.parameters,
    apply: (x, parameters = model.parameters) => {
      const logits = model.apply(parameters, { [input.name]: x })[output]
      return logits.shape.length === 1 ? reshape(logits, [-1, 1]) : logits
    },
  }
}

function fileOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  const file = found?.isDirectory() ? join(path, classifierFile) : path
  if (found && statSync(file, { throwIfNoEntry: false })) return file
  throw new InputError('there is no classifier', { where: file, fix: 'give an ONNX file, or the folder that a train command wrote' })
}

const inputsText = ({ inputs }: ImportedModel): string =>
  inputs.map(({ name, dtype, shape }) => `'${name}' ${dtype} [${shape?.join(', ') ?? '...'}]`).join(' and ') || 'nothing'

/** The output called logits, or the only float one (scikit-learn's exports also give labels). */
function logitsOf({ outputs }: ImportedModel, where: string): string {
  const floats = outputs.filter(({ dtype, shape }) => dtype === 'float32' && [1, 2].includes(shape?.length ?? 2))
  const chosen = floats.find(({ name }) => name === 'logits') ?? (floats.length === 1 ? floats[0] : undefined)
  if (chosen) return chosen.name
  throw new InputError(`gives ${outputs.map(({ name }) => name).join(', ') || 'nothing'}`, {
    where,
    fix: "a classifier gives float32 logits [n, classes], called 'logits' where there are other outputs",
  })
}

function cardIn({ metadata }: ImportedModel, where: string): ClassifierCard | undefined {
  if (metadata.quire === undefined) return undefined
  const card = describedBy(classifierCard, metadata)
  if (card) return card
  throw new InputError('says something of itself that is no card of a classifier', { where, fix: 'train and write it again' })
}
