import { normalQuantile } from '../../engine/kernels/error-function.ts'

/** An estimate with its standard error and its two-sided 95 % interval. */
export interface Measured {
  readonly value: number
  readonly error: number
  readonly interval: readonly [low: number, high: number]
}

/**
 * Areas under the ROC curves of several scores of the same examples, and the covariance of their errors (DeLong, DeLong & Clarke-Pearson 1988): the mean
 * over positives of the share of negatives below each, and the spread of these shares. NaN where a class has fewer than two examples.
 *
 * @example
 * const { areas } = deLong([[0.9, 0.8, 0.1, 0.2]], [1, 1, 0, 0])
 * areas[0] // 1
 */
export function deLong(scores: readonly ArrayLike<number>[], labels: ArrayLike<number>): { areas: number[]; covariance: number[][] } {
  const placed = scores.map((score) => placements(score, labels))
  const covarianceOf = (a: Float64Array, b: Float64Array): number => {
    const [meanA, meanB] = [a, b].map(meanOf)
    return a.reduce((sum, value, i) => sum + (value - meanA) * (b[i] - meanB), 0) / (a.length - 1)
  }
  const covariance = placed.map((one) =>
    placed.map(
      (other) =>
        covarianceOf(one.positives, other.positives) / one.positives.length +
        covarianceOf(one.negatives, other.negatives) / one.negatives.length,
    ),
  )
  return { areas: placed.map(({ positives }) => meanOf(positives)), covariance }
}

/** The area of one score, with DeLong's interval, cut to [0, 1]. */
export function areaWithInterval(scores: ArrayLike<number>, labels: ArrayLike<number>): Measured {
  const { areas, covariance } = deLong([scores], labels)
  const { interval, ...measured } = withNormalInterval(areas[0], Math.sqrt(covariance[0][0]))
  return { ...measured, interval: [Math.max(0, interval[0]), Math.min(1, interval[1])] }
}

/** The area of one score less that of another on the same examples. */
export function areaDifference(one: ArrayLike<number>, other: ArrayLike<number>, labels: ArrayLike<number>): Measured {
  const { areas, covariance: c } = deLong([one, other], labels)
  return withNormalInterval(areas[0] - areas[1], Math.sqrt(Math.max(0, c[0][0] + c[1][1] - 2 * c[0][1])))
}

export function withNormalInterval(value: number, error: number): Measured {
  const z = normalQuantile(0.975)
  return { value, error, interval: [value - z * error, value + z * error] }
}

/** The standard error of an area that is ½ because the score knows nothing (Mann & Whitney 1947). */
export const chanceError = (positives: number, negatives: number): number =>
  Math.sqrt((positives + negatives + 1) / (12 * positives * negatives))

/** Of each positive the share of negatives that score less, of each negative the share of positives that score more; ties count half. */
function placements(scores: ArrayLike<number>, labels: ArrayLike<number>): { positives: Float64Array; negatives: Float64Array } {
  const of = (wanted: boolean) => Float64Array.from(Array.from(scores).filter((_, i) => (labels[i] === 1) === wanted))
  const [positives, negatives] = [of(true), of(false)]
  const below = counter(negatives)
  const under = counter(positives)
  return {
    positives: positives.map((score) => below(score) / negatives.length),
    negatives: negatives.map((score) => 1 - under(score) / positives.length),
  }
}

/** How many of the values are less than one, those that equal it counting half. */
function counter(values: Float64Array): (value: number) => number {
  const sorted = values.slice().sort()
  const firstFrom = (isBeyond: (value: number) => boolean): number => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBeyond(sorted[middle])) high = middle
      else low = middle + 1
    }
    return low
  }
  return (value) => (firstFrom((other) => other >= value) + firstFrom((other) => other > value)) / 2
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
