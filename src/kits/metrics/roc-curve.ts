/*
 * The ROC curve of a score (higher = positive), and numbers at its ends. Scores that are equal are one threshold: nobody can decide between them.
 */

export interface RocPoint {
  /** Positive is called whatever scores at least this. */
  readonly threshold: number
  readonly falsePositiveRate: number
  readonly truePositiveRate: number
}

/**
 * The curve from (0, 0) at the threshold ∞ to (1, 1), a point for each distinct score.
 *
 * @throws RangeError for a score that is not a number: where it would rank is nobody's to say.
 * @example
 * rocCurve([0.9, 0.1], [1, 0]).length // 3
 */
export function rocCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): RocPoint[] {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b] - scores[a])
  if (order.some((i) => Number.isNaN(scores[i]))) throw new RangeError('a score is not a number')
  const total = Array.from(labels).reduce((count, label) => count + Number(label === 1), 0)
  const points: RocPoint[] = [{ threshold: Number.POSITIVE_INFINITY, falsePositiveRate: 0, truePositiveRate: 0 }]
  let [hits, alarms] = [0, 0]
  for (let begin = 0; begin < order.length; ) {
    const threshold = scores[order[begin]]
    let end = begin
    for (; end < order.length && scores[order[end]] === threshold; end++) {
      if (labels[order[end]] === 1) hits++
      else alarms++
    }
    points.push({ threshold, falsePositiveRate: alarms / (order.length - total), truePositiveRate: hits / total })
    begin = end
  }
  return points
}

/**
 * The point with the largest true positive rate among those whose false positive rate is at most `rate`. Not the one whose rate is nearest, which may
 * lie above what was promised.
 */
export const atFalsePositiveRate = (curve: readonly RocPoint[], rate: number): RocPoint =>
  curve.filter(({ falsePositiveRate }) => falsePositiveRate <= rate).at(-1)!

/** Max over thresholds of (TPR + 1 − FPR) / 2, the balanced accuracy. */
export const bestBalancedAccuracy = (curve: readonly RocPoint[]): number =>
  Math.max(...curve.map(({ truePositiveRate, falsePositiveRate }) => (truePositiveRate + 1 - falsePositiveRate) / 2))

/** The true positive rate where it is nearest to the true negative rate. */
export const equalErrorRecall = (curve: readonly RocPoint[]): number =>
  curve.reduce((best, point) => (imbalance(point) < imbalance(best) ? point : best)).truePositiveRate

const imbalance = ({ truePositiveRate, falsePositiveRate }: RocPoint): number => Math.abs(truePositiveRate - (1 - falsePositiveRate))
