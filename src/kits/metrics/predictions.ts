import type { NDArray } from '../../engine/index.ts'

/** What a classifier says of single examples, as columns. */
export interface Predictions {
  /** Which examples. */
  readonly id: readonly number[]
  readonly label: Int32Array
  /** The class of the largest logit; of equal ones the first. */
  readonly predicted: Int32Array
  /** The label's logit less the largest of the others: positive where the prediction is right. */
  readonly margin: Float32Array
  /** −log p(label), in nats. */
  readonly loss: Float32Array
}

/**
 * Predictions from logits [n, classes], or [n, 1] where one logit is positive for the second of two classes. The sums are in float64.
 * @example
 * const { predicted, margin } = predictionsOf(await logits.ndarray(), test.y.data)
 */
export function predictionsOf(
  logits: NDArray,
  labels: ArrayLike<number>,
  ids: ArrayLike<number> = Array.from(labels, (_, i) => i),
): Predictions {
  const width = logits.shape.at(-1)!
  const count = logits.data.length / width
  const columns = { predicted: new Int32Array(count), margin: new Float32Array(count), loss: new Float32Array(count) }
  for (let row = 0; row < count; row++) {
    const own = width === 1 ? [0, logits.data[row]] : Array.from(logits.data.subarray(row * width, (row + 1) * width))
    const label = labels[row]
    const most = Math.max(...own)
    columns.predicted[row] = own.indexOf(most)
    columns.margin[row] = own[label] - Math.max(...own.filter((_, i) => i !== label))
    columns.loss[row] = most + Math.log(own.reduce((sum, logit) => sum + Math.exp(logit - most), 0)) - own[label]
  }
  return {
    id: Array.from({ length: count }, (_, row) => ids[row]),
    label: Int32Array.from({ length: count }, (_, row) => labels[row]),
    ...columns,
  }
}

/** The share of places at which two lists agree. */
export function shareEqual(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let equal = 0
  for (let i = 0; i < one.length; i++) if (one[i] === other[i]) equal++
  return equal / one.length
}

export function average(values: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]
  return total / values.length
}
