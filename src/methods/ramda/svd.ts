import { multiply, transposed } from '../../engine/kernels/factorizations.ts'
import { eigh, svd } from '../../engine/kernels/spectra.ts'

/** The singular values in float64, largest first. `x` is row-major. */
export const singularValues = (x: ArrayLike<number>, rows: number, columns: number): Float64Array =>
  svd(Float64Array.from(x), rows, columns).s

/**
 * U max(Σ − τ, 0) Vᵀ, the number of singular values that remain, and their sum. It needs no U: with the eigenvectors V of the smaller of XᵀX and
 * XXᵀ it is X V max(1 − τ/Σ, 0) Vᵀ, which costs the cube of the smaller side only. Squaring loses singular values below 1e-8 of the largest.
 */
export function shrinkSingularValues(
  x: ArrayLike<number>,
  rows: number,
  columns: number,
  threshold: number,
): { value: Float64Array; rank: number; nuclearNorm: number } {
  const wide = columns > rows
  const k = Math.min(rows, columns)
  const own = Float64Array.from(x)
  const turned = transposed(own, rows, columns)
  const gram = wide ? multiply(own, turned, [rows, columns, rows]) : multiply(turned, own, [columns, rows, columns])
  const { values, vectors } = eigh(gram, k)
  const sigma = values.map((square) => Math.sqrt(Math.max(square, 0)))
  const kept = sigma.map((value) => Math.max(value - threshold, 0))
  const scaled = vectors.map((value, i) => (kept[i % k] > 0 ? (value * kept[i % k]) / sigma[i % k] : 0))
  const factor = multiply(scaled, transposed(vectors, k, k), [k, k, k])
  return {
    value: wide ? multiply(factor, own, [k, k, columns]) : multiply(own, factor, [rows, k, k]),
    rank: kept.filter((value) => value > 0).length,
    nuclearNorm: kept.reduce((total, value) => total + value, 0),
  }
}
