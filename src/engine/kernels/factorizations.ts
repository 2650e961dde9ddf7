/*
 * Factorizations of one dense matrix in float64, row-major. Golub & Van Loan, "Matrix Computations", 4th edition, chapters 3 to 5.
 */

/** The identity, n × n. */
export function identity(n: number): Float64Array {
  const result = new Float64Array(n * n)
  for (let i = 0; i < n; i++) result[i * n + i] = 1
  return result
}

/** The transpose of a rows × columns matrix. */
export function transposed(a: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(a.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = a[i * columns + j]
  return result
}

/** The lower triangular L with L·Lᵀ = (A + Aᵀ)/2; all NaN where that is not positive definite. */
export function cholesky(a: Float64Array, n: number): Float64Array {
  const l = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = (a[i * n + j] + a[j * n + i]) / 2
      for (let k = 0; k < j; k++) rest -= l[i * n + k] * l[j * n + k]
      if (i !== j) l[i * n + j] = rest / l[j * n + j]
      else if (rest > 0) l[i * n + i] = Math.sqrt(rest)
      else return l.fill(Number.NaN)
    }
  }
  return l
}

export type Triangle = {
  /** Whether the matrix is lower triangular; what lies on the other side is not read. */
  readonly lower: boolean
  /** Whether the transposed matrix is meant. */
  readonly transpose: boolean
  /** Whether the diagonal counts as ones and is not read. */
  readonly unitDiagonal: boolean
}

/** X with T·X = B, T triangular n × n, B n × columns. */
export function triangularSolve(
  t: Float64Array,
  b: Float64Array,
  [n, columns]: readonly [number, number],
  { lower, transpose, unitDiagonal }: Triangle,
): Float64Array {
  const x = b.slice()
  const [row, column] = transpose ? [1, n] : [n, 1]
  const forward = lower !== transpose
  for (let step = 0; step < n; step++) {
    const i = forward ? step : n - 1 - step
    for (let before = 0; before < step; before++) {
      const k = forward ? before : n - 1 - before
      const factor = t[i * row + k * column]
      if (factor !== 0) for (let j = 0; j < columns; j++) x[i * columns + j] -= factor * x[k * columns + j]
    }
    if (!unitDiagonal) for (let j = 0; j < columns; j++) x[i * columns + j] /= t[i * n + i]
  }
  return x
}

export interface Lu {
  /** L below the diagonal (its own diagonal is ones) and U from the diagonal on. */
  readonly factors: Float64Array
  /** Row i of L·U is row `rows[i]` of the matrix. */
  readonly rows: Int32Array
  /** The sign of that permutation. */
  readonly sign: number
}

/** Gaussian elimination with partial pivoting. */
export function lu(a: Float64Array, n: number): Lu {
  const factors = a.slice()
  const rows = Int32Array.from({ length: n }, (_, i) => i)
  let sign = 1
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(factors[i * n + k]) > Math.abs(factors[pivot * n + k])) pivot = i
    if (pivot !== k) {
      const held = factors.slice(k * n, (k + 1) * n)
      factors.copyWithin(k * n, pivot * n, (pivot + 1) * n)
      factors.set(held, pivot * n)
      ;[rows[k], rows[pivot]] = [rows[pivot], rows[k]]
      sign = -sign
    }
    const diagonal = factors[k * n + k]
    if (diagonal === 0) continue
    for (let i = k + 1; i < n; i++) {
      const factor = (factors[i * n + k] /= diagonal)
      if (factor !== 0) for (let j = k + 1; j < n; j++) factors[i * n + j] -= factor * factors[k * n + j]
    }
  }
  return { factors, rows, sign }
}

/** X with A·X = B, by elimination; infinite or NaN where A is singular. */
export function solve(a: Float64Array, b: Float64Array, [n, columns]: readonly [number, number]): Float64Array {
  const { factors, rows } = lu(a, n)
  const permuted = new Float64Array(b.length)
  rows.forEach((from, i) => {
    permuted.set(b.subarray(from * columns, (from + 1) * columns), i * columns)
  })
  const y = triangularSolve(factors, permuted, [n, columns], { lower: true, transpose: false, unitDiagonal: true })
  return triangularSolve(factors, y, [n, columns], { lower: false, transpose: false, unitDiagonal: false })
}

/** The sign of the determinant and the logarithm of its magnitude (−∞ where it is 0). */
export function logDeterminant(a: Float64Array, n: number): { sign: number; log: number } {
  const { factors, sign } = lu(a, n)
  const result = { sign, log: 0 }
  for (let i = 0; i < n; i++) {
    result.sign *= Math.sign(factors[i * n + i])
    result.log += Math.log(Math.abs(factors[i * n + i]))
  }
  return result
}

/** A = Q·R for rows ≥ columns: Q rows × columns with orthonormal columns, R upper triangular with a diagonal ≥ 0. By Householder reflections. */
export function qr(a: Float64Array, rows: number, columns: number): { q: Float64Array; r: Float64Array } {
  // Columns lie contiguously; column k turns into the k-th reflection's vector below its diagonal element.
  const work = transposed(a, rows, columns)
  const column = (k: number) => work.subarray(k * rows, (k + 1) * rows)
  const r = new Float64Array(columns * columns)
  const scales = new Float64Array(columns)
  for (let k = 0; k < columns; k++) {
    const v = column(k)
    for (let i = 0; i < k; i++) r[i * columns + k] = v[i]
    const length = norm(v.subarray(k))
    if (length === 0) continue
    const diagonal = v[k] > 0 ? -length : length
    r[k * columns + k] = diagonal
    v[k] -= diagonal
    scales[k] = -1 / (diagonal * v[k])
    for (let j = k + 1; j < columns; j++) reflect(column(j), v, scales[k], k)
  }
  const q = new Float64Array(rows * columns)
  for (let j = 0; j < columns; j++) {
    const unit = new Float64Array(rows)
    unit[j] = 1
    for (let k = columns - 1; k >= 0; k--) reflect(unit, column(k), scales[k], k)
    const flip = r[j * columns + j] < 0 ? -1 : 1
    for (let i = 0; i < rows; i++) q[i * columns + j] = flip * unit[i]
    for (let i = j; i < columns; i++) r[j * columns + i] *= flip
  }
  return { q, r }
}

/** √Σx², without overflow. */
export function norm(x: Float64Array): number {
  const most = x.reduce((total, value) => Math.max(total, Math.abs(value)), 0)
  if (most === 0 || !Number.isFinite(most)) return most
  return most * Math.sqrt(x.reduce((total, value) => total + (value / most) ** 2, 0))
}

/** x ← (I − scale·v·vᵀ)·x, where v is zero before `from`. */
function reflect(x: Float64Array, v: Float64Array, scale: number, from: number): void {
  let product = 0
  for (let i = from; i < x.length; i++) product += v[i] * x[i]
  product *= scale
  if (product !== 0) for (let i = from; i < x.length; i++) x[i] -= product * v[i]
}

/** C = A·B for A m × k, B k × n. */
export function multiply(a: Float64Array, b: Float64Array, [m, k, n]: readonly [number, number, number]): Float64Array {
  const c = new Float64Array(m * n)
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const factor = a[i * k + p]
      if (factor !== 0) for (let j = 0; j < n; j++) c[i * n + j] += factor * b[p * n + j]
    }
  }
  return c
}
