import { betainc } from '../../engine/kernels/incomplete.ts'

/**
 * The t for which P(|T| <= t) = `probability`; degrees of freedom need not be whole, as in Welch's interval.
 * P(|T| <= t) = 1 - I_x(freedom/2, 1/2) with x = freedom/(freedom + t²), which for t = sqrt(freedom) tan(angle) is cos²(angle).
 * @example studentT(0.95, 2)   // 4.302652729749462
 */
export function studentT(probability: number, freedom: number): number {
  const name = `${probability} ${freedom}`
  const value = quantiles.get(name) ?? findStudentT(probability, freedom)
  quantiles.set(name, value)
  return value
}

/** A curve asks for the same one at each of its thousands of steps. */
const quantiles = new Map<string, number>()

function findStudentT(probability: number, freedom: number): number {
  let low = 0
  let high = Math.PI / 2
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2
    if (1 - betainc(freedom / 2, 0.5, Math.cos(middle) ** 2) < probability) low = middle
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
