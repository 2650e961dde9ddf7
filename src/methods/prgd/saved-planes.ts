import { join } from 'node:path'
import type { OwnData } from '../../data/index.ts'
import { add, fromArray, matmul, ndarray, reshape, type Tensor, tensor } from '../../engine/index.ts'
import { writeSafetensors } from '../../engine/safetensors.ts'
import { writeAtomically } from '../../experiment/index.ts'
import { cardOf, noScale, saveClassifier } from '../../kits/classifier/index.ts'
import type { Plane } from './classifier-file.ts'

/** Planes between the classes of a user's data, and how their distances [n, planes] become logits. */
export interface PlaneClassifier {
  /** In the order of the logits; a single logit is positive for the second. */
  readonly classes: readonly string[]
  readonly planes: readonly Plane[]
  logits(distances: Tensor): Tensor
}

const matrixOf = (planes: readonly Plane[]) => ({
  weights: ndarray(Float64Array.from(planes.flatMap(({ weights }) => weights)), [planes.length, planes[0].weights.length], 'float64'),
  bias: ndarray(
    Float64Array.from(planes, ({ bias }) => bias),
    [planes.length],
    'float64',
  ),
})

/** Features as they are, [n, ...] float32, to logits. */
export function applyPlanes({ planes, logits }: PlaneClassifier, x: Tensor): Tensor {
  const width = planes[0].weights.length
  const columns = planes[0].weights.map((_, j) => planes.map(({ weights }) => weights[j]))
  return logits(add(matmul(reshape(x, [x.shape[0], width]), tensor(columns)), tensor(planes.map(({ bias }) => bias))))
}

/** Weights as float64 safetensors, and the whole as an ONNX model that any method of this program reads. */
export async function savePlanes(classifier: PlaneClassifier, own: OwnData, folder: string): Promise<void> {
  const classes = [...classifier.classes]
  writeAtomically(
    join(folder, 'weights.safetensors'),
    writeSafetensors(matrixOf(classifier.planes), { quire: JSON.stringify({ classes }) }),
  )
  await saveClassifier(folder, { ...cardOf(own, noScale), classes }, (x) => applyPlanes(classifier, x))
}

/** The share of examples whose largest logit is that of their class. */
export async function accuracyOfPlanes(classifier: PlaneClassifier, { x, y, classes }: OwnData): Promise<number> {
  const logits = await applyPlanes(classifier, fromArray(x)).data()
  const right = y.data.filter((label, i) => {
    const row = [...logits.subarray(i * classes.length, (i + 1) * classes.length)]
    return row.indexOf(Math.max(...row)) === label
  })
  return right.length / y.data.length
}
