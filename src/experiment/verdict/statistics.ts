/** P(|T| <= t) for Student's t with `freedom` degrees, t = sqrt(freedom) tan(angle); the finite sums of Abramowitz & Stegun 26.7.3 and 26.7.4. */
function withinProbability(angle: number, freedom: number): number {
  const cosine = Math.cos(angle)
  const odd = freedom % 2 === 1
  let term = odd ? cosine : 1
  let sum = freedom === 1 ? 0 : term
  for (let k = odd ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine
    sum += term
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum
}

/**
 * The t for which P(|T| <= t) = `probability`, for a whole number of degrees of freedom.
 * @example studentT(0.95, 2)   // 4.302652729749462
 */
export function studentT(probability: number, freedom: number): number {
  let low = 0
  let high = Math.PI / 2
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2
    if (withinProbability(middle, freedom) < probability) low = middle
    else high = middle
  }
  return Math.sqrt(freedom) * Math.tan((low + high) / 2)
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** The value below which a share of sorted values lies, linear between them (numpy's default). */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = (sorted.length - 1) * share
  const below = Math.floor(place)
  return sorted[below] + (place - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below])
}

/** Sample standard deviation (n - 1). Exactly zero where all values are equal, whatever the rounding of their mean. */
export function deviation(values: readonly number[]): number {
  if (values.every((value) => value === values[0])) return 0
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}

export interface Summary {
  readonly mean: number
  /** Student-t 95 % interval of the mean; undefined for fewer than two values. */
  readonly ci95?: readonly [number, number]
  readonly n: number
  readonly values: readonly number[]
}

/**
 * Mean and 95 % interval of the mean.
 * @example summarize([1, 2, 3])   // { mean: 2, ci95: [-0.484, 4.484], n: 3, values: [1, 2, 3] }
 */
export function summarize(values: readonly number[]): Summary {
  const n = values.length
  const equal = n > 0 && values.every((value) => value === values[0])
  const centre = equal ? values[0] : mean(values)
  if (n < 2) return { mean: centre, n, values }
  const half = (studentT(0.95, n - 1) * deviation(values)) / Math.sqrt(n)
  return { mean: centre, ci95: [centre - half, centre + half], n, values }
}
