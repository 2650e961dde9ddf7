import { type NDArray, ndarray } from '../../engine/index.ts'
import { nonNegativeLeastSquares } from './nnls.ts'

/** What is known of the largest margin max γ(w): it lies between `margin`, which `weights` reach, and `upperBound`, which the dual point proves. */
export interface MaxMargin {
  /** γ of `weights`; 0 or less where they do not separate. */
  readonly margin: number
  /** ‖Σ p_i z_i‖ ≥ γ* for the weights p ≥ 0, Σp = 1. Where it vanishes, nothing separates the data: p is the proof. */
  readonly upperBound: number
  /** The unit vector of the largest margin. */
  readonly weights: Float64Array
  /** p: positive for support vectors. */
  readonly multipliers: Float64Array
}

const rowsOf = ({ shape: [n, d], data }: NDArray): Float64Array[] =>
  Array.from({ length: n }, (_, i) => (data as Float64Array).subarray(i * d, (i + 1) * d))

const lengthOf = (w: Float64Array): number => Math.hypot(...w)

const unit = (w: Float64Array): Float64Array => {
  const length = lengthOf(w)
  return length > 0 ? w.map((value) => value / length) : w
}

/**
 * γ(w) of signed examples z (float64 [n, d]).
 *
 * @example
 * const { z } = signExamples({ data: Float64Array.of(1, -1), shape: [2, 1], dtype: 'float64' }, [1, -1], { bias: false })
 * marginOf(z, Float64Array.of(3)) // 1
 */
export const marginOf = (z: NDArray, w: Float64Array): number => scoresOf(z, w).reduce((a, b) => Math.min(a, b)) / lengthOf(w)

/** Σ p_i z_i. */
function combination(z: NDArray, p: Float64Array): Float64Array {
  const d = z.shape[1]
  const sum = new Float64Array(d)
  p.forEach((weight, i) => {
    if (weight !== 0) for (let j = 0; j < d; j++) sum[j] += weight * z.data[i * d + j]
  })
  return sum
}

/** ⟨w, z_i⟩ of all examples. */
export function scoresOf(z: NDArray, w: Float64Array): Float64Array {
  return Float64Array.from(rowsOf(z), (row) => row.reduce((sum, value, j) => sum + value * w[j], 0))
}

/** What a vector reaches, and the proof of how much more any other can. */
export type Certificate = Pick<MaxMargin, 'margin' | 'upperBound' | 'multipliers'>

/**
 * γ(w), and a proof of how far from the largest margin it can be, by weak duality: for any p in the simplex ‖Σ p_i z_i‖ is at least the largest margin of
 * all. Here p is the best that has weight only on the examples closest to the plane of w; near the optimum these hold the support, and the bound is
 * then the largest margin itself.
 *
 * @example
 * const { z } = signExamples({ data: Float64Array.of(1, -1), shape: [2, 1], dtype: 'float64' }, [1, -1], { bias: false })
 * const { margin, upperBound } = certify(z, Float64Array.of(1))
 * margin // 1
 */
export function certify(z: NDArray, w: Float64Array): Certificate {
  const d = z.shape[1]
  const scores = scoresOf(z, unit(w))
  const rows = rowsOf(z)
  const closest = closestDistinct(rows, scores, 4 * (d + 1))
  const near = ndarray(Float64Array.from(closest.flatMap((i) => [...rows[i]])), [closest.length, d], 'float64')
  const { upperBound, multipliers: own } = exactMaxMargin(near)
  const multipliers = new Float64Array(scores.length)
  closest.forEach((i, k) => {
    multipliers[i] = own[k]
  })
  return { margin: scores[closest[0]], upperBound, multipliers }
}

/** Up to so many examples with the least scores; of copies only one, or many copies of few examples would leave no room for the rest of the support. */
function closestDistinct(rows: readonly Float64Array[], scores: Float64Array, count: number): number[] {
  const seen = new Set<string>()
  const closest: number[] = []
  for (const i of [...scores.keys()].sort((a, b) => scores[a] - scores[b])) {
    const values = rows[i].join()
    if (!seen.has(values)) closest.push(i)
    seen.add(values)
    if (closest.length === count) break
  }
  return closest
}

/**
 * The largest margin of all, exactly: the point of the convex hull of the z_i that is nearest to the origin (the dual of the hard-margin support
 * vector machine). It is the non-negative least-squares problem ‖(Σ p_i z_i, Σ p_i − 1)‖, whose solution has the right direction at another
 * scale. Solved twice: data scaled so that the margin is about 1 lose the fewest digits.
 *
 * @example
 * const { z } = signExamples({ data: Float64Array.of(1, -1), shape: [2, 1], dtype: 'float64' }, [1, -1], { bias: false })
 * exactMaxMargin(z).margin // 1
 */
export function exactMaxMargin(z: NDArray): MaxMargin {
  const rough = nearestPoint(z, 1)
  return rough.margin > 0 ? better(rough, nearestPoint(z, rough.margin)) : rough
}

const better = (a: MaxMargin, b: MaxMargin): MaxMargin => (b.margin >= a.margin ? b : a)

function nearestPoint(z: NDArray, scale: number): MaxMargin {
  const width = z.shape[1]
  const columns = rowsOf(z).map((row) => Float64Array.from([...row].map((value) => value / scale).concat(1)))
  const p = nonNegativeLeastSquares(columns, new Float64Array(width + 1).fill(1, width))
  const total = p.reduce((a, b) => a + b)
  const multipliers = p.map((value) => value / total)
  const nearest = combination(z, multipliers)
  return { margin: marginOf(z, nearest), upperBound: lengthOf(nearest), weights: unit(nearest), multipliers }
}

/**
 * Whether the weights found do separate the data.
 *
 * @example
 * const { z } = signExamples({ data: Float64Array.of(1, -1), shape: [2, 1], dtype: 'float64' }, [1, -1], { bias: false })
 * isSeparable(exactMaxMargin(z)) // true
 */
export const isSeparable = ({ margin }: MaxMargin): boolean => margin > 0

/** Largest ‖Σ p_i z_i‖ that counts as zero, for examples no longer than 1. */
const nothing = 1e-10

/**
 * Whether the multipliers prove that nothing separates the data: a weighted mean of the signed examples is zero.
 *
 * @example
 * const { z } = signExamples({ data: Float64Array.of(1, 1), shape: [2, 1], dtype: 'float64' }, [1, -1], { bias: false })
 * provesInseparable(exactMaxMargin(z)) // true
 */
export const provesInseparable = ({ margin, upperBound }: MaxMargin): boolean => margin <= 0 && upperBound <= nothing
