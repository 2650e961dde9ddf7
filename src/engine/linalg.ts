/**
 * Linear algebra: factorizations, solutions, functions of matrices, batched over leading axes.
 *
 * @module
 */

import { epsilon } from './dtype.ts'
import { InputError } from './errors.ts'
import { checkedAxis } from './ops/axes.ts'
import { norm as euclideanNorm } from './ops/reduce.ts'
import {
  abs,
  add,
  broadcastTo,
  equal,
  exp,
  expandDims,
  eye,
  greaterEqual,
  iota,
  lessEqual,
  matmul,
  max,
  min,
  mul,
  oneHot,
  pow,
  select,
  sign,
  slice,
  sub,
  sum,
  swapLast,
  transpose,
  where,
} from './ops.ts'
import { apply, shapeError } from './primitives/define.ts'
import {
  choleskyPrimitive,
  eighPrimitive,
  expmPrimitive,
  luPrimitive,
  pinvPrimitive,
  qrPrimitive,
  slogdetPrimitive,
  solvePrimitive,
  svdPrimitive,
  triangularSolvePrimitive,
} from './primitives/linalg.ts'
import type { Tensor } from './tensor.ts'

/*
 * Linear algebra on matrices [..., m, n]; leading axes are examples. Factorizations run on the host in float64 and are rounded to the dtype
 * of their input; a compiled program is cut around them. All have derivatives of any order in both modes (primitives/linalg.ts names the rules).
 */

const rows = (x: Tensor): number => x.shape.at(-2)!
const columns = (x: Tensor): number => x.shape.at(-1)!

// Parts of matrices

/** An element's column minus its row, int32 [m, n]. */
function offsets(x: Tensor): Tensor {
  if (x.shape.length < 2) throw shapeError('linalg', 'takes matrices', [x])
  return sub(expandDims(iota(columns(x)), 0), expandDims(iota(rows(x)), -1))
}

/**
 * The elements on and below the k-th diagonal (k > 0 lies above the main one), zeros elsewhere.
 *
 * @example
 * await tril(ones([2, 2])).array() // [[1, 0], [1, 1]]
 */
export const tril = (x: Tensor, k = 0): Tensor => where(lessEqual(offsets(x), k), x, 0)

/**
 * The elements on and above the k-th diagonal, zeros elsewhere.
 *
 * @example
 * await triu(ones([2, 2])).array() // [[1, 1], [0, 1]]
 */
export const triu = (x: Tensor, k = 0): Tensor => where(greaterEqual(offsets(x), k), x, 0)

/**
 * The main diagonal: [..., m, n] → [..., min(m, n)].
 *
 * @example
 * await diagonal(reshape(iota(4), [2, 2])).array() // [0, 3]
 */
export function diagonal(x: Tensor): Tensor {
  const kept = where(equal(offsets(x), 0), x, 0)
  return sum(kept, { axes: rows(x) <= columns(x) ? -1 : -2 })
}

/**
 * Matrices with these diagonals, zeros elsewhere: [..., n] → [..., n, n].
 *
 * @example
 * await diag(tensor([1, 2])).array() // [[1, 0], [0, 2]]
 */
export const diag = (x: Tensor): Tensor => where(equal(expandDims(iota(columns(x)), -1), iota(columns(x))), expandDims(x, -1), 0)

/**
 * The sum of the main diagonal.
 *
 * @example
 * await trace(eye(3)).item() // 3
 */
export const trace = (x: Tensor): Tensor => sum(diagonal(x), { axes: -1 })

// Systems of equations

/** A right-hand side [..., n, k], or a vector [n], as columns; and back. */
function onColumns(name: string, b: Tensor, compute: (columns: Tensor) => Tensor): Tensor {
  if (b.shape.length === 0) throw shapeError(name, 'takes a right-hand side [n] or [..., n, k]', [b])
  return b.shape.length > 1 ? compute(b) : select(compute(expandDims(b, -1)), 0, { axis: -1 })
}

export interface TriangularOptions {
  /** Which triangle of the matrix is read. Default: the lower. */
  readonly lower?: boolean
  /** Solve with the transposed matrix. */
  readonly transpose?: boolean
  /** Take the diagonal as ones. */
  readonly unitDiagonal?: boolean
}

/**
 * X with T·X = B for triangular T [..., n, n] and B [..., n, k] or [n]. Infinite or NaN where the diagonal has a zero.
 *
 * @example
 * const t = tensor([
 *   [2, 0],
 *   [1, 1],
 * ])
 * await triangularSolve(t, tensor([2, 3])).array() // [1, 2]
 */
export const triangularSolve = (
  t: Tensor,
  b: Tensor,
  { lower = true, transpose: transposed = false, unitDiagonal = false }: TriangularOptions = {},
): Tensor =>
  onColumns('triangularSolve', b, (right) => apply(triangularSolvePrimitive, [t, right], { lower, transpose: transposed, unitDiagonal })[0])

/**
 * X with A·X = B for A [..., n, n] and B [..., n, k] or [n], by elimination with partial pivoting. Infinite or NaN where A is singular.
 *
 * @example
 * const a = tensor([
 *   [2, 0],
 *   [1, 1],
 * ])
 * await solve(a, tensor([2, 3])).array() // [1, 2]
 */
export const solve = (a: Tensor, b: Tensor): Tensor => onColumns('solve', b, (right) => apply(solvePrimitive, [a, right])[0])

/**
 * X with A·X = B given the factor L of A = L·Lᵀ.
 *
 * @example
 * const a = tensor([
 *   [4, 0],
 *   [0, 9],
 * ])
 * await choleskySolve(cholesky(a), tensor([4, 9])).array() // [1.00000, 1.00000]
 */
export const choleskySolve = (l: Tensor, b: Tensor): Tensor => triangularSolve(l, triangularSolve(l, b), { transpose: true })

/**
 * A⁻¹. To solve a system, `solve` is faster and more accurate.
 *
 * @example
 * await inverse(diag(tensor([2, 4]))).array() // [[0.5, 0], [0, 0.25]]
 */
export function inverse(a: Tensor): Tensor {
  if (a.shape.length < 2) throw shapeError('inverse', 'takes square matrices', [a])
  return apply(solvePrimitive, [a, eye(columns(a), a.dtype)])[0]
}

export interface RankOptions {
  /** Singular values up to this times the largest count as zero. Default: the larger extent times the rounding error of the dtype. */
  readonly tolerance?: number
}

/**
 * The Moore–Penrose inverse [..., n, m] of A [..., m, n]. Its derivative holds where the rank does not change.
 *
 * @example
 * pinv(ones([3, 2])).shape // [2, 3]
 */
export function pinv(a: Tensor, { tolerance = Math.max(rows(a), columns(a)) * epsilon(a.dtype) }: RankOptions = {}): Tensor {
  return apply(pinvPrimitive, [a], { tolerance })[0]
}

/**
 * The X of least Frobenius norm among those that minimise ‖A·X − B‖, for A [..., m, n] and B [..., m, k] or [m].
 *
 * @example
 * const line = tensor([
 *   [1, 0],
 *   [1, 1],
 *   [1, 2],
 * ])
 * await lstsq(line, tensor([[1], [3], [5]])).array() // [[1.0000], [2.0000]]
 */
export const lstsq = (a: Tensor, b: Tensor, options: RankOptions = {}): Tensor => matmul(pinv(a, options), b)

// Determinants

/**
 * The sign of the determinant and the logarithm of its magnitude: 0 and −∞ for singular matrices.
 *
 * @example
 * const { sign, logAbs } = slogdet(diag(tensor([-1, Math.E])))
 * await sign.item() // -1
 * await logAbs.item() // 1.00000
 */
export function slogdet(a: Tensor): { sign: Tensor; logAbs: Tensor } {
  const [signOf, logAbs] = apply(slogdetPrimitive, [a])
  return { sign: signOf, logAbs }
}

/**
 * log det A for a determinant that is positive; NaN where it is negative.
 *
 * @example
 * await logdet(diag(tensor([1, Math.E]))).item() // 1.00000
 */
export function logdet(a: Tensor): Tensor {
  const { sign: signOf, logAbs } = slogdet(a)
  return where(lessEqual(0, signOf), logAbs, Number.NaN)
}

/**
 * The determinant. From 4 × 4 on its derivative needs an invertible matrix; smaller ones are expanded, and have it everywhere.
 *
 * @example
 * await det(diag(tensor([2, 3]))).item() // 6
 */
export function det(a: Tensor): Tensor {
  if (a.shape.length >= 2 && rows(a) === columns(a) && columns(a) <= 3) return expandedDeterminant(a)
  const { sign: signOf, logAbs } = slogdet(a)
  return mul(signOf, exp(logAbs))
}

function expandedDeterminant(a: Tensor): Tensor {
  const n = columns(a)
  const at = (i: number, j: number) => select(select(a, i, { axis: -2 }), j, { axis: -1 })
  const minor = (i: number, j: number) => sub(mul(at(1, i), at(2, j)), mul(at(1, j), at(2, i)))
  if (n === 0) return exp(sum(a, { axes: [-2, -1] }))
  if (n === 1) return at(0, 0)
  if (n === 2) return sub(mul(at(0, 0), at(1, 1)), mul(at(0, 1), at(1, 0)))
  return add(sub(mul(at(0, 0), minor(1, 2)), mul(at(0, 1), minor(0, 2))), mul(at(0, 2), minor(0, 1)))
}

// Factorizations

/**
 * The lower triangular L with A = L·Lᵀ, A symmetric (its symmetric part is taken). NaN for a matrix that is not positive definite.
 *
 * @example
 * await cholesky(diag(tensor([4, 9]))).array() // [[2, 0], [0, 3]]
 */
export const cholesky = (a: Tensor): Tensor => apply(choleskyPrimitive, [a])[0]

/**
 * A = P·L·U for square A: a permutation matrix, a lower triangular matrix with ones on its diagonal, an upper triangular one.
 *
 * @example
 * const a = tensor([
 *   [0, 1],
 *   [2, 0],
 * ])
 * const { p, l, u } = lu(a)
 * await matmul(p, matmul(l, u)).array() // [[0, 1], [2, 0]]
 */
export function lu(a: Tensor): { p: Tensor; l: Tensor; u: Tensor } {
  const [factors, order] = apply(luPrimitive, [a])
  return {
    p: swapLast(oneHot(order, columns(a), a.dtype)),
    l: add(tril(factors, -1), eye(columns(a), a.dtype)),
    u: triu(factors),
  }
}

/**
 * A = Q·R with k = min(m, n): Q [..., m, k] with orthonormal columns, R [..., k, n] upper triangular with a diagonal that is not negative.
 * The derivative needs k independent leading columns.
 *
 * @example
 * const { q, r } = qr(tensor([[3], [4]]))
 * await matmul(q, r).array() // [[3.00000], [4.00000]]
 */
export function qr(a: Tensor): { q: Tensor; r: Tensor } {
  if (a.shape.length < 2) throw shapeError('qr', 'takes matrices', [a])
  if (rows(a) >= columns(a)) {
    const [q, r] = apply(qrPrimitive, [a])
    return { q, r }
  }
  // The leading square fixes Q; the other columns are turned by it.
  const { q } = qr(slice(a, { axis: -1, end: rows(a) }))
  return { q, r: triu(matmul(swapLast(q), a)) }
}

/**
 * The eigenvalues of a symmetric matrix, ascending, [..., n], and its orthonormal eigenvectors as columns [..., n, n], each with its largest
 * element positive. The symmetric part of `a` is taken. Derivatives of vectors whose eigenvalues are equal up to rounding leave out their
 * rotation among each other: they are right for functions that do not depend on it.
 *
 * @example
 * const { values } = eigh(diag(tensor([3, 1])))
 * await values.array() // [1, 3]
 */
export function eigh(a: Tensor): { values: Tensor; vectors: Tensor } {
  const [values, vectors] = apply(eighPrimitive, [a])
  return { values, vectors }
}

/**
 * A = U·diag(s)·Vᵀ with k = min(m, n): U [..., m, k] and V [..., n, k] with orthonormal columns, s [..., k] from the largest on. Derivatives
 * leave out the rotation of vectors whose singular values are equal up to rounding, and count reciprocals of zero ones as zero.
 *
 * @example
 * const { s } = svd(diag(tensor([3, -4])))
 * await s.array() // [4, 3]
 */
export function svd(a: Tensor): { u: Tensor; s: Tensor; v: Tensor } {
  const [u, s, v] = apply(svdPrimitive, [a])
  return { u, s, v }
}

// Functions of matrices

/**
 * Aᵏ for a square matrix and a whole k; by the inverse where k is negative.
 *
 * @example
 * await matrixPower(diag(tensor([2, 3])), 2).array() // [[4, 0], [0, 9]]
 */
export function matrixPower(a: Tensor, k: number): Tensor {
  if (!Number.isInteger(k)) throw new InputError(`matrixPower: the exponent is a whole number, not ${k}`)
  if (a.shape.length < 2 || rows(a) !== columns(a)) throw shapeError('matrixPower', 'takes square matrices', [a])
  if (k < 0) return matrixPower(inverse(a), -k)
  if (k === 0) return broadcastTo(eye(columns(a), a.dtype), a.shape)
  if (k === 1) return a
  const half = matrixPower(a, Math.floor(k / 2))
  const even = matmul(half, half)
  return k % 2 === 0 ? even : matmul(even, a)
}

/**
 * The exponential of square matrices, by a Padé approximant with scaling and squaring (Higham 2005).
 *
 * @example
 * await expm(diag(tensor([0, 1]))).array() // [[1, 0], [0, 2.718282]]
 */
export const expm = (a: Tensor): Tensor => apply(expmPrimitive, [a])[0]

// Norms

export interface NormOptions {
  /** One axis for vectors (default for rank 1: all of them), two for matrices: the rows' and the columns'. Default: the last two. */
  readonly axes?: number | readonly [number, number]
  /** Vectors: p ≥ 1, Infinity, −Infinity or 0 (the count of nonzeros). Matrices: 'fro', 'nuc', 1, 2, Infinity and their negatives. Default: Euclidean. */
  readonly order?: number | 'fro' | 'nuc'
}

/**
 * The norm of vectors or of matrices.
 *
 * @example
 * await norm(tensor([3, 4])).item() // 5
 */
export function norm(x: Tensor, { axes = x.shape.length === 1 ? 0 : [-2, -1], order }: NormOptions = {}): Tensor {
  if (typeof axes === 'number') return vectorNorm(x, checkedAxis('norm', x, axes), order ?? 2)
  const [down, across] = axes.map((axis) => checkedAxis('norm', x, axis))
  if (down === across) throw shapeError('norm', `a matrix has two axes, not ${down} twice`, [x])
  const others = [...x.shape.keys()].filter((axis) => axis !== down && axis !== across)
  return matrixNorm(transpose(x, [...others, down, across]), order ?? 'fro')
}

function vectorNorm(x: Tensor, axis: number, order: number | string): Tensor {
  if (order === 2) return euclideanNorm(x, { axes: axis })
  if (order === 1) return sum(abs(x), { axes: axis })
  if (order === 0) return sum(abs(sign(x)), { axes: axis })
  if (order === Number.POSITIVE_INFINITY) return max(abs(x), { axes: axis })
  if (order === Number.NEGATIVE_INFINITY) return min(abs(x), { axes: axis })
  if (typeof order !== 'number' || !(order >= 1)) throw new InputError(`norm: vectors have no norm of order ${order}`)
  return pow(sum(pow(abs(x), order), { axes: axis }), 1 / order)
}

function matrixNorm(x: Tensor, order: number | string): Tensor {
  switch (order) {
    case 'fro':
      return euclideanNorm(x, { axes: [-2, -1] })
    case 'nuc':
      return sum(svd(x).s, { axes: -1 })
    case 2:
      return select(svd(x).s, 0, { axis: -1 })
    case -2:
      return select(svd(x).s, -1, { axis: -1 })
    case 1:
      return max(sum(abs(x), { axes: -2 }), { axes: -1 })
    case -1:
      return min(sum(abs(x), { axes: -2 }), { axes: -1 })
    case Number.POSITIVE_INFINITY:
      return max(sum(abs(x), { axes: -1 }), { axes: -1 })
    case Number.NEGATIVE_INFINITY:
      return min(sum(abs(x), { axes: -1 }), { axes: -1 })
    default:
      throw new InputError(`norm: matrices have no norm of order ${order}`, {
        fix: "it is 'fro', 'nuc', 1, -1, 2, -2, Infinity or -Infinity",
      })
  }
}
