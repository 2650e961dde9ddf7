/**
 * The interquartile mean: a quarter of the values, rounded down, is left out at each end. Fewer than four values are all kept. NaN for none.
 * @example interquartileMean([1, 2, 3, 100])   // 2.5
 */
export function interquartileMean(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort()
  const cut = Math.floor(sorted.length / 4)
  let total = 0
  for (let i = cut; i < sorted.length - cut; i++) total += sorted[i]
  return total / (sorted.length - 2 * cut)
}

/**
 * The share of pairs (own, rival) in which own is larger, ties counting half: Mann and Whitney's U over the number of pairs, an estimate of P(own > rival).
 * @example shareAbove([1, 3], [2])   // 0.5
 */
export function shareAbove(own: ArrayLike<number>, rival: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < own.length; i++) for (let j = 0; j < rival.length; j++) total += own[i] > rival[j] ? 1 : own[i] === rival[j] ? 0.5 : 0
  return total / (own.length * rival.length)
}
