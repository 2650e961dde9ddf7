/** A thin decomposition X = U diag(σ) Vᵀ with σ in no particular order; a column of U is zero where its σ is. */
export interface Svd {
  /** rows × k, row-major, k = min(rows, columns) */
  readonly u: Float64Array
  readonly s: Float64Array
  /** columns × k, row-major */
  readonly v: Float64Array
}

const maxSweeps = 60
const orthogonal = 1e-15

/** One-sided Jacobi in float64: rotates pairs of columns of the slimmer side until all are orthogonal. `x` is row-major and is not changed. */
export function svd(x: ArrayLike<number>, rows: number, columns: number): Svd {
  const wide = columns > rows
  const [length, count] = wide ? [columns, rows] : [rows, columns]
  // Columns of the tall matrix, each contiguous; rotated together with those of the identity.
  const a = Array.from({ length: count }, (_, j) =>
    Float64Array.from({ length }, (_, i) => (wide ? x[j * columns + i] : x[i * columns + j])),
  )
  const basis = Array.from({ length: count }, (_, j) => Float64Array.from({ length: count }, (_, i) => (i === j ? 1 : 0)))
  for (let sweep = 0, turned = true; turned && sweep < maxSweeps; sweep++) {
    turned = false
    for (let p = 0; p < count - 1; p++) for (let q = p + 1; q < count; q++) turned = orthogonalize(a, basis, p, q) || turned
  }
  const s = Float64Array.from(a, (column) => Math.sqrt(dot(column, column)))
  const left = new Float64Array(length * count)
  const right = new Float64Array(count * count)
  for (let k = 0; k < count; k++) {
    if (s[k] > 0) for (let i = 0; i < length; i++) left[i * count + k] = a[k][i] / s[k]
    for (let i = 0; i < count; i++) right[i * count + k] = basis[k][i]
  }
  return wide ? { u: right, s, v: left } : { u: left, s, v: right }
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0
  for (let i = 0; i < a.length; i++) total += a[i] * b[i]
  return total
}

function orthogonalize(a: Float64Array[], basis: Float64Array[], p: number, q: number): boolean {
  const [pp, qq, pq] = [dot(a[p], a[p]), dot(a[q], a[q]), dot(a[p], a[q])]
  if (!(Math.abs(pq) > orthogonal * Math.sqrt(pp * qq)) || pq === 0) return false
  const zeta = (qq - pp) / (2 * pq)
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta))
  const cosine = 1 / Math.hypot(1, tangent)
  rotate(a[p], a[q], cosine, cosine * tangent)
  rotate(basis[p], basis[q], cosine, cosine * tangent)
  return true
}

function rotate(x: Float64Array, y: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < x.length; i++) {
    const xi = x[i]
    x[i] = cosine * xi - sine * y[i]
    y[i] = sine * xi + cosine * y[i]
  }
}

/** The singular values in float64, largest first. */
export const singularValues = (x: ArrayLike<number>, rows: number, columns: number): Float64Array =>
  svd(x, rows, columns).s.sort((a, b) => b - a)

/** U max(Σ − τ, 0) Vᵀ, the number of singular values that remain, and their sum. */
export function shrinkSingularValues(
  x: ArrayLike<number>,
  rows: number,
  columns: number,
  threshold: number,
): { value: Float64Array; rank: number; nuclearNorm: number } {
  const { u, s, v } = svd(x, rows, columns)
  const k = s.length
  const value = new Float64Array(rows * columns)
  let [rank, nuclearNorm] = [0, 0]
  for (let l = 0; l < k; l++) {
    const kept = s[l] - threshold
    if (!(kept > 0)) continue
    rank++
    nuclearNorm += kept
    for (let i = 0; i < rows; i++) {
      const factor = kept * u[i * k + l]
      for (let j = 0; j < columns; j++) value[i * columns + j] += factor * v[j * k + l]
    }
  }
  return { value, rank, nuclearNorm }
}
