import type { NDArray } from '../../engine/index.ts'

/** Area under the ROC curve: the share of (positive, negative) pairs that the score orders rightly, ties counting half. NaN where a class is absent. */
export function areaUnderCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a] - scores[b])
  let [ranks, positives] = [0, 0]
  for (let begin = 0; begin < order.length; ) {
    let end = begin
    while (end < order.length && scores[order[end]] === scores[order[begin]]) end++
    for (let i = begin; i < end; i++) {
      if (labels[order[i]] !== 1) continue
      positives++
      ranks += (begin + end + 1) / 2
    }
    begin = end
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (order.length - positives))
}

/**
 * Area under the ROC curve of logits [n, classes], each class against the others, the mean over the classes that the labels hold. Of one logit [n, 1], that
 * of the second class.
 */
export function macroAreaUnderCurve({ shape: [count, width], data }: NDArray, labels: ArrayLike<number>, classes: number): number {
  const against = (own: number, column: number) =>
    areaUnderCurve(
      Array.from({ length: count }, (_, row) => scoreOf(data, row * width, width, column)),
      Array.from(labels, (label) => Number(label === own)),
    )
  if (width === 1) return against(1, 0)
  const areas = Array.from({ length: classes }, (_, own) => against(own, own)).filter((area) => !Number.isNaN(area))
  return areas.reduce((sum, area) => sum + area, 0) / areas.length
}

/**
 * A logit less log Σ exp of all, the log-probability: logits of different rows are not on one scale. The terms are summed by size, so that rows with the
 * same logits in another order tie, as they must: rounding would put one before the other.
 */
function scoreOf(data: ArrayLike<number>, start: number, width: number, column: number): number {
  if (width === 1) return data[start]
  const row = Float64Array.from({ length: width }, (_, i) => data[start + i])
  const own = row[column]
  row.sort()
  const most = row[width - 1]
  return own - most - Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - most), 0))
}
