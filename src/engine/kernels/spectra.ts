import { identity, multiply, norm, qr, solve, transposed } from './factorizations.ts'

/*
 * Eigenvalues, singular values and what is built on them, of one dense matrix in float64, row-major.
 */

const maxSweeps = 60
/** Columns whose cosine is below this count as orthogonal. */
const orthogonal = 1e-15

/**
 * The eigenvalues of (A + Aᵀ)/2 in ascending order, and its orthonormal eigenvectors as columns, each with its largest element positive.
 * Householder tridiagonalization and implicit QL (Golub & Van Loan 8.3).
 */
export function eigh(a: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  if (a.some((value) => !Number.isFinite(value)))
    return { values: new Float64Array(n).fill(Number.NaN), vectors: new Float64Array(n * n).fill(Number.NaN) }
  const { diagonal, offDiagonal, basis } = tridiagonalize(a, n)
  implicitQl(diagonal, offDiagonal, basis, n)
  const order = [...diagonal.keys()].sort((i, j) => diagonal[i] - diagonal[j])
  const vectors = new Float64Array(n * n)
  order.forEach((from, k) => {
    const vector = basis.subarray(from * n, (from + 1) * n)
    const flip = largest(vector) < 0 ? -1 : 1
    for (let i = 0; i < n; i++) vectors[i * n + k] = flip * vector[i]
  })
  return { values: Float64Array.from(order, (i) => diagonal[i]), vectors }
}

const largest = (vector: Float64Array): number => vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)

/** Qᵀ·A·Q tridiagonal by n − 2 reflections; `basis` holds the columns of Q one after another, `offDiagonal[i]` joins i and i + 1. */
function tridiagonalize(a: Float64Array, n: number): { diagonal: Float64Array; offDiagonal: Float64Array; basis: Float64Array } {
  const s = Float64Array.from(a, (value, i) => (value + a[(i % n) * n + Math.floor(i / n)]) / 2)
  const basis = identity(n)
  const offDiagonal = new Float64Array(n)
  for (let k = 0; k < n - 2; k++) {
    const v = s.slice(k * n, (k + 1) * n).fill(0, 0, k + 1)
    const length = norm(v)
    const alpha = v[k + 1] > 0 ? -length : length
    offDiagonal[k] = alpha
    if (v.subarray(k + 2).every((value) => value === 0)) {
      offDiagonal[k] = v[k + 1]
      continue
    }
    v[k + 1] -= alpha
    const scale = -1 / (alpha * v[k + 1])
    // S ← H·S·H = S − v·wᵀ − w·vᵀ with w = p − (scale/2)(pᵀv)·v, p = scale·S·v.
    const w = new Float64Array(n)
    for (let i = k; i < n; i++) {
      let product = 0
      for (let j = k + 1; j < n; j++) product += s[i * n + j] * v[j]
      w[i] = scale * product
    }
    let pv = 0
    for (let i = k + 1; i < n; i++) pv += w[i] * v[i]
    for (let i = k + 1; i < n; i++) w[i] -= (scale / 2) * pv * v[i]
    for (let i = k + 1; i < n; i++) for (let j = k + 1; j < n; j++) s[i * n + j] -= v[i] * w[j] + w[i] * v[j]
    for (let i = 0; i < n; i++) {
      let product = 0
      for (let j = k + 1; j < n; j++) product += basis[j * n + i] * v[j]
      for (let j = k + 1; j < n; j++) basis[j * n + i] -= scale * product * v[j]
    }
  }
  if (n > 1) offDiagonal[n - 2] = s[(n - 2) * n + n - 1]
  return { diagonal: Float64Array.from({ length: n }, (_, i) => s[i * n + i]), offDiagonal, basis }
}

/** Diagonalizes a tridiagonal matrix in place by QL steps with Wilkinson's shift, turning the vectors of `basis` along. */
function implicitQl(d: Float64Array, e: Float64Array, basis: Float64Array, n: number): void {
  for (let l = 0; l < n; l++) {
    for (let step = 0; step < maxSweeps; step++) {
      let m = l
      while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1]))) m++
      if (m === l) break
      const half = (d[l + 1] - d[l]) / (2 * e[l])
      let g = d[m] - d[l] + e[l] / (half + (half < 0 ? -1 : 1) * Math.hypot(half, 1))
      let [sine, cosine, p] = [1, 1, 0]
      let i = m - 1
      for (; i >= l; i--) {
        const [f, b] = [sine * e[i], cosine * e[i]]
        const r = Math.hypot(f, g)
        e[i + 1] = r
        if (r === 0) {
          d[i + 1] -= p
          break
        }
        sine = f / r
        cosine = g / r
        g = d[i + 1] - p
        const t = (d[i] - g) * sine + 2 * cosine * b
        p = sine * t
        d[i + 1] = g + p
        g = cosine * t - b
        rotate(basis.subarray(i * n, (i + 1) * n), basis.subarray((i + 1) * n, (i + 2) * n), cosine, sine)
      }
      if (i < l) {
        d[l] -= p
        e[l] = g
      }
      e[m] = 0
    }
  }
}

/**
 * A = U·diag(s)·Vᵀ with k = min(rows, columns) singular values, largest first; U rows × k and V columns × k have orthonormal columns, and
 * each column of the smaller of the two has its largest element positive. One-sided Jacobi rotations of the triangular factor (Demmel & Veselić 1992), which
 * finds small singular values to high relative accuracy where columns are scaled badly.
 */
export function svd(a: Float64Array, rows: number, columns: number): { u: Float64Array; s: Float64Array; v: Float64Array } {
  if (rows < columns) {
    const { u, s, v } = svd(transposed(a, rows, columns), columns, rows)
    return { u: v, s, v: u }
  }
  if (a.some((value) => !Number.isFinite(value))) {
    const unknown = (length: number) => new Float64Array(length).fill(Number.NaN)
    return { u: unknown(rows * columns), s: unknown(columns), v: unknown(columns * columns) }
  }
  const n = columns
  const { q, r } = qr(a, rows, n)
  // The columns of Rᵀ, that is the rows of R, are nearly orthogonal already. R = (turned columns)ᵀ: Rᵀ = W·diag(s)·Zᵀ gives A = (Q·Z)·diag(s)·Wᵀ.
  const z = identity(n)
  for (let sweep = 0, turned = true; turned && sweep < maxSweeps; sweep++) {
    turned = false
    for (let i = 0; i < n - 1; i++) for (let j = i + 1; j < n; j++) turned = orthogonalize(r, z, n, i, j) || turned
  }
  const lengths = Float64Array.from({ length: n }, (_, k) => norm(r.subarray(k * n, (k + 1) * n)))
  const order = [...lengths.keys()].sort((i, j) => lengths[j] - lengths[i])
  const s = Float64Array.from(order, (k) => lengths[k])
  const right = new Float64Array(n * n)
  const left = new Float64Array(n * n)
  order.forEach((from, k) => {
    const w = r.slice(from * n, (from + 1) * n)
    if (s[k] > 0) for (let i = 0; i < n; i++) w[i] /= s[k]
    else complete(w, right, k, n)
    const flip = largest(w) < 0 ? -1 : 1
    for (let i = 0; i < n; i++) right[k * n + i] = flip * w[i]
    for (let i = 0; i < n; i++) left[i * n + k] = flip * z[from * n + i]
  })
  return { u: multiply(q, left, [rows, n, n]), s, v: transposed(right, n, n) }
}

/** Fills `w` with a unit vector orthogonal to the first `count` rows of `rows`. */
function complete(w: Float64Array, rows: Float64Array, count: number, n: number): void {
  for (let axis = 0; axis < n; axis++) {
    w.fill(0)
    w[axis] = 1
    // Twice is enough (Kahan and Parlett).
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < count; k++) {
        const row = rows.subarray(k * n, (k + 1) * n)
        const along = dot(row, w)
        for (let i = 0; i < n; i++) w[i] -= along * row[i]
      }
    }
    const length = norm(w)
    if (length < 1 / (2 * Math.sqrt(n))) continue
    for (let i = 0; i < n; i++) w[i] /= length
    return
  }
}

function dot(x: Float64Array, y: Float64Array): number {
  let total = 0
  for (let i = 0; i < x.length; i++) total += x[i] * y[i]
  return total
}

/** Rotates rows i and j of `x` (and of `basis`) until they are orthogonal; whether they had to be. */
function orthogonalize(x: Float64Array, basis: Float64Array, n: number, i: number, j: number): boolean {
  const [a, b] = [x.subarray(i * n, (i + 1) * n), x.subarray(j * n, (j + 1) * n)]
  const [aa, bb, ab] = [dot(a, a), dot(b, b), dot(a, b)]
  if (!(Math.abs(ab) > orthogonal * Math.sqrt(aa) * Math.sqrt(bb))) return false
  const zeta = (bb - aa) / (2 * ab)
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta))
  const cosine = 1 / Math.hypot(1, tangent)
  rotate(a, b, cosine, cosine * tangent)
  rotate(basis.subarray(i * n, (i + 1) * n), basis.subarray(j * n, (j + 1) * n), cosine, cosine * tangent)
  return true
}

/** (x, y) ← (cosine·x − sine·y, sine·x + cosine·y) */
function rotate(x: Float64Array, y: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < x.length; i++) {
    const xi = x[i]
    x[i] = cosine * xi - sine * y[i]
    y[i] = sine * xi + cosine * y[i]
  }
}

/** The pseudo-inverse, columns × rows; singular values up to `tolerance` times the largest count as zero. */
export function pinv(a: Float64Array, [rows, columns]: readonly [number, number], tolerance: number): Float64Array {
  const { u, s, v } = svd(a, rows, columns)
  const k = s.length
  const scaled = v.map((value, i) => (s[i % k] > tolerance * s[0] ? value / s[i % k] : s[0] >= 0 ? 0 : Number.NaN))
  return multiply(scaled, transposed(u, rows, k), [columns, k, rows])
}

/** The coefficients of the Padé approximant of eˣ of degree 13, and the norm up to which it is accurate to float64 (Higham 2005). */
const pade = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600, 670442572800, 33522128640,
  1323241920, 40840800, 960960, 16380, 182, 1,
]
const padeNorm = 5.371920351148152

/** The exponential of a square matrix, by scaling and squaring. */
export function expm(a: Float64Array, n: number): Float64Array {
  const columnSums = new Float64Array(n)
  a.forEach((value, i) => {
    columnSums[i % n] += Math.abs(value)
  })
  const size = columnSums.reduce((most, value) => Math.max(most, value), 0)
  if (!Number.isFinite(size)) return new Float64Array(n * n).fill(Number.NaN)
  const squarings = Math.max(0, Math.ceil(Math.log2(size / padeNorm)))
  const x = a.map((value) => value / 2 ** squarings)
  const even = new Float64Array(n * n)
  const odd = new Float64Array(n * n)
  let power = identity(n)
  pade.forEach((coefficient, degree) => {
    const sum = degree % 2 === 0 ? even : odd
    for (let i = 0; i < sum.length; i++) sum[i] += coefficient * power[i]
    power = multiply(power, x, [n, n, n])
  })
  const [numerator, denominator] = [1, -1].map((sign) => even.map((value, i) => value + sign * odd[i]))
  let result = solve(denominator, numerator, [n, n])
  for (let k = 0; k < squarings; k++) result = multiply(result, result, [n, n, n])
  return result
}
