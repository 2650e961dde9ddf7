/** A HistogramProto: bucket i counts the values above the limit before it, up to its own. */
export interface Histogram {
  readonly min: number
  readonly max: number
  readonly num: number
  readonly sum: number
  readonly sumSquares: number
  readonly limits: readonly number[]
  readonly counts: readonly number[]
}

/** Buckets of equal width; TensorBoard itself draws 30 of them. */
const buckets = 30

/** How the finite values are spread, or undefined where there are none. */
export function histogramOf(values: ArrayLike<number>): Histogram | undefined {
  let [min, max, num, sum, sumSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (!Number.isFinite(value)) continue
    min = Math.min(min, value)
    max = Math.max(max, value)
    num++
    sum += value
    sumSquares += value * value
  }
  if (num === 0) return undefined
  const range = max - min
  if (range === 0 || range === Number.POSITIVE_INFINITY) return { min, max, num, sum, sumSquares, limits: [max], counts: [num] }
  const counts = new Array<number>(buckets).fill(0)
  for (let i = 0; i < values.length; i++)
    if (Number.isFinite(values[i])) counts[Math.max(0, Math.ceil(((values[i] - min) / range) * buckets) - 1)]++
  const limits = counts.map((_, i) => (i === buckets - 1 ? max : min + range * ((i + 1) / buckets)))
  return { min, max, num, sum, sumSquares, limits, counts }
}
