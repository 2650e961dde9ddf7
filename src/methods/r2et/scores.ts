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
