import { multiply, transposed } from '../../engine/kernels/factorizations.ts'
import { eigh } from '../../engine/kernels/spectra.ts'
import { type Moments, momentsOf } from './moments.ts'
import { type Features, requireAlike, type Score } from './scores.ts'

/**
 * The squared Fréchet distance of two Gaussians, |m₁ − m₂|² + tr(S₁ + S₂ − 2 (S₁^½ S₂ S₁^½)^½).
 *
 * By two symmetric eigendecompositions, eigenvalues below 0 taken as 0: covariances may be singular, and nothing complex arises.
 *
 * @example
 * const unit = { mean: Float64Array.of(0), covariance: Float64Array.of(1) }
 * frechetDistance(unit, { mean: Float64Array.of(3), covariance: Float64Array.of(4) }) // 10
 */
export function frechetDistance(a: Moments, b: Moments): number {
  const width = a.mean.length
  const between = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]) ** 2, 0)
  const root = squareRoot(a.covariance, width)
  const square = [width, width, width] as const
  const inner = multiply(multiply(root, b.covariance, square), root, square)
  const overlap = eigh(inner, width).values.reduce((sum, value) => sum + Math.sqrt(Math.max(value, 0)), 0)
  return between + trace(a.covariance, width) + trace(b.covariance, width) - 2 * overlap
}

/** S^½ of a symmetric S without negative eigenvalues. */
function squareRoot(s: Float64Array, n: number): Float64Array {
  const { values, vectors } = eigh(s, n)
  const scaled = vectors.map((value, i) => value * Math.sqrt(Math.max(values[i % n], 0)))
  return multiply(scaled, transposed(vectors, n, n), [n, n, n])
}

const trace = (s: Float64Array, n: number): number => s.reduce((sum, value, i) => (i % (n + 1) === 0 ? sum + value : sum), 0)

/**
 * The Fréchet inception distance (Heusel et al. 2017) of samples and real examples, on the features of any one network.
 *
 * It falls with n, by about width² / n: compare equal counts only, print the floor of {@link fidFloor} beside it, or use {@link fidInfinity}.
 *
 * @throws InputError for features of two networks, or fewer than two rows.
 * @example
 * const real = bareFeatures({ data: Float32Array.of(0, 1, 2, 3), shape: [4, 1], dtype: 'float32' })
 * const { value } = await fid(real, real)
 * value.toFixed(6) // '0.000000'
 */
export async function fid(samples: Features, real: Features): Promise<Score> {
  requireAlike(samples, real, 2)
  const value = frechetDistance(await momentsOf(samples.rows), await momentsOf(real.rows))
  return { metric: 'fid', value, n: samples.rows.shape[0], real: real.rows.shape[0], network: real.network }
}
