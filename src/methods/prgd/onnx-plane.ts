import type { OwnData } from '../../data/index.ts'
import { evaluate, fromArray, InputError, mul, sizeOf, slice, sub, sum, type Tensor, valueAndGrad, zeros } from '../../engine/index.ts'
import { alignedInputs, type ClassifierCard, loadClassifier } from '../../kits/classifier/index.ts'
import type { MeasurablePlane } from './classifier-file.ts'
import type { ClassPair } from './own-examples.ts'

/** Leads that differ from those of the plane by more than this, in relation to the largest, belong to no plane. */
const tolerance = 1e-4

/**
 * The plane between two classes of a linear classifier in an ONNX file, whoever trained it: the slope of the difference of their logits at one example and its value
 * at the origin, which must give the difference at every other example. In float32, as such files are.
 *
 * @throws InputError for a classifier that is not linear, or takes other features.
 */
export async function planeOfOnnx(path: string, own: OwnData, classes: ClassPair): Promise<MeasurablePlane> {
  const { card, apply } = await loadClassifier(path)
  const x = card ? alignedInputs(card, own, path) : own.x
  if (x.data.some((value, i) => value !== own.x.data[i]))
    throw new InputError('its features are in another order', { where: path, fix: 'give the columns in the order that it was trained on' })
  const lead = (x: Tensor) => leadOf(apply(x), card, classes, path)
  const { gradient, aux } = await evaluate(
    valueAndGrad((x: Tensor): [Tensor, Tensor] => {
      const own = lead(x)
      return [sum(own), own]
    })(fromArray(x)),
  )
  const width = sizeOf(x.shape.slice(1))
  const weights = [...(await gradient.data()).subarray(0, width)]
  const bias = await sum(lead(zeros([1, ...x.shape.slice(1)]))).item()
  const expected = Float64Array.from(await aux.data(), (_, i) =>
    weights.reduce((sum, value, j) => sum + value * x.data[i * width + j], bias),
  )
  if (!agree(await aux.data(), expected))
    throw new InputError('is not linear, so that it has no margin in the space of features', {
      where: path,
      fix: 'give a linear classifier',
    })
  return { weights, bias }
}

/** Whether values differ by no more than float32 sums do, in relation to the largest. */
function agree(found: ArrayLike<number>, expected: Float64Array): boolean {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return expected.every((value, i) => Math.abs(found[i] - value) <= tolerance * largest)
}

/** By how much the positive class leads, [n, 1]: its logit minus the other's; a single logit speaks for the second class. */
function leadOf(logits: Tensor, card: ClassifierCard | undefined, { positive, negative }: ClassPair, where: string): Tensor {
  const width = logits.shape[1]
  if (!card && width > 2)
    throw new InputError(`gives ${width} logits and does not say whose`, { where, fix: 'give a classifier of two classes' })
  const names = card?.classes ?? [negative ?? 'the rest', positive]
  const [first, second] = [names.indexOf(positive), negative === undefined ? 1 - names.indexOf(positive) : names.indexOf(negative)]
  if (first < 0 || second < 0 || (negative === undefined && names.length > 2))
    throw new InputError(`tells ${names.join(', ')} apart, not '${positive}' and '${negative ?? 'the rest'}'`, { where })
  if (width === 1) return mul(logits, first === 1 ? 1 : -1)
  const column = (k: number) => slice(logits, { axis: 1, start: k, end: k + 1 })
  return sub(column(first), column(second))
}
