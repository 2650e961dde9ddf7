import { InputError } from '../../engine/index.ts'
import { average } from './predictions.ts'

/* How well one list of numbers goes with another: what image-quality metrics are judged by. A constant list goes with nothing: NaN, never 0 or 1. */

/** Pearson's product-moment correlation. NaN where a list is constant. */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  requirePairs(x, y)
  const [meanX, meanY] = [average(x), average(y)]
  let [xx, yy, xy] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i] - meanX, y[i] - meanY]
    xx += dx * dx
    yy += dy * dy
    xy += dx * dy
  }
  return isConstant(x) || isConstant(y) ? Number.NaN : xy / Math.sqrt(xx * yy)
}

/** Spearman's rank correlation (SRCC): Pearson's of the ranks, equal values sharing the mean of theirs. */
export const spearman = (x: ArrayLike<number>, y: ArrayLike<number>): number => pearson(ranks(x), ranks(y))

/** Kendall's τ_b (KRCC): concordant less discordant pairs, over the geometric mean of the pairs that are not tied in either list. */
export function kendall(x: ArrayLike<number>, y: ArrayLike<number>): number {
  requirePairs(x, y)
  let [agreement, untiedX, untiedY] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++) {
      const [dx, dy] = [Math.sign(x[i] - x[j]), Math.sign(y[i] - y[j])]
      agreement += dx * dy
      untiedX += Math.abs(dx)
      untiedY += Math.abs(dy)
    }
  }
  return untiedX === 0 || untiedY === 0 ? Number.NaN : agreement / Math.sqrt(untiedX * untiedY)
}

/** Root of the mean squared difference. */
export function rootMeanSquare(x: ArrayLike<number>, y: ArrayLike<number>): number {
  requirePairs(x, y)
  let total = 0
  for (let i = 0; i < x.length; i++) total += (x[i] - y[i]) ** 2
  return Math.sqrt(total / x.length)
}

/** Ranks from 1, equal values sharing the mean of theirs. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b])
  const found = new Float64Array(values.length)
  for (let begin = 0; begin < order.length; ) {
    let end = begin
    while (end < order.length && values[order[end]] === values[order[begin]]) end++
    for (let i = begin; i < end; i++) found[order[i]] = (begin + end + 1) / 2
    begin = end
  }
  return found
}

export const isConstant = (values: ArrayLike<number>): boolean => Array.from(values).every((value) => value === values[0])

function requirePairs(x: ArrayLike<number>, y: ArrayLike<number>): void {
  if (x.length !== y.length) throw new InputError(`${x.length} values do not go with ${y.length}`)
}
