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
  const { s: squares, v } = svd(gram(x, rows, columns), k, k)
  const sigma = squares.map(Math.sqrt)
  const kept = sigma.map((value) => Math.max(value - threshold, 0))
  const rank = kept.reduce((count, value) => count + (value > 0 ? 1 : 0), 0)
  const nuclearNorm = kept.reduce((total, value) => total + value, 0)
  const factor = new Float64Array(k * k)
  for (let l = 0; l < k; l++) {
    if (kept[l] === 0) continue
    for (let i = 0; i < k; i++) {
      const scaled = (v[i * k + l] * kept[l]) / sigma[l]
      for (let j = 0; j < k; j++) factor[i * k + j] += scaled * v[j * k + l]
    }
  }
  return { value: wide ? product(factor, x, k, k, columns) : product(x, factor, rows, k, k), rank, nuclearNorm }
}

/** XᵀX or XXᵀ, whichever is smaller. */
function gram(x: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const wide = columns > rows
  const [length, k] = wide ? [columns, rows] : [rows, columns]
  const result = new Float64Array(k * k)
  const column = (l: number) => Float64Array.from({ length }, (_, i) => (wide ? x[l * columns + i] : x[i * columns + l]))
  const all = Array.from({ length: k }, (_, l) => column(l))
  for (let i = 0; i < k; i++) for (let j = 0; j <= i; j++) result[i * k + j] = result[j * k + i] = dot(all[i], all[j])
  return result
}

/** A [n, m] times B [m, p]. */
function product(a: ArrayLike<number>, b: ArrayLike<number>, n: number, m: number, p: number): Float64Array {
  const result = new Float64Array(n * p)
  for (let i = 0; i < n; i++)
    for (let l = 0; l < m; l++) {
      const factor = a[i * m + l]
      if (factor !== 0) for (let j = 0; j < p; j++) result[i * p + j] += factor * b[l * p + j]
    }
  return result
}
