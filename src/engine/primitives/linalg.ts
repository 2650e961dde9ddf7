import { epsilon } from '../dtype.ts'
import type { Primitive } from '../graph/primitive.ts'
import { cholesky, logDeterminant, lu, qr, solve, type Triangle, triangularSolve } from '../kernels/factorizations.ts'
import { eigh, expm, pinv, svd } from '../kernels/spectra.ts'
import { diagonal, tril, triu } from '../linalg.ts'
import { concat, expandDims, eye, matmul, max, oneHot, slice, sum, swapLast, zerosLike } from '../ops.ts'
import type { Tensor } from '../tensor.ts'
import { apply, sumOf, sumTo } from './define.ts'
import { abs, add, lessEqual, mul, neg, reciprocal, sub, where } from './elementwise.ts'
import { matrixKernel } from './kernel.ts'

/*
 * Factorizations and solvers. Each states its forward derivative by the published matrix rule; reverse mode is its transpose.
 *   Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation", 2008 (solve, determinant, eigh, svd)
 *   Murray, "Differentiation of the Cholesky decomposition", 2016
 *   Walter & Lehmann, "Algorithmic differentiation of linear algebra functions with application in optimum experimental design", 2010 (qr)
 *   Townsend, "Differentiating the singular value decomposition", 2016
 *   Golub & Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems", 1973
 *   Al-Mohy & Higham, "Computing the Fréchet derivative of the matrix exponential", 2009
 */

type Shape = readonly number[]

const one = (primitive: Primitive, inputs: readonly Tensor[], attributes = {}): Tensor => apply(primitive, inputs, attributes)[0]

const isSquare = ([[rows, columns]]: readonly Shape[]) => rows === columns
const symmetric = (x: Tensor): Tensor => mul(add(x, swapLast(x)), 0.5)

export const choleskyPrimitive: Primitive = matrixKernel({
  name: 'cholesky',
  takes: 'square matrices',
  results: (shapes) => (isSquare(shapes) ? [shapes[0]] : undefined),
  compute: ([a], [[n]]) => [cholesky(a, n)],
  // dL = L·Φ(L⁻¹·dA·L⁻ᵀ), Φ the lower triangle with half its diagonal (Murray).
  tangents({ outputs: [l] }, [t]) {
    if (t === null) return [null]
    const left = substitute(l, symmetric(t))
    const both = substitute(l, swapLast(left))
    return [matmul(l, mul(tril(both), halfDiagonal(both)))]
  },
})

/** 1, but 1/2 on the diagonal. */
const halfDiagonal = (x: Tensor): Tensor => sub(1, mul(eye(x.shape.at(-1)!, x.dtype), 0.5))

const lowerTriangle: Triangle = { lower: true, transpose: false, unitDiagonal: false }
/** L⁻¹·B */
const substitute = (l: Tensor, b: Tensor): Tensor => one(triangularSolvePrimitive, [l, b], lowerTriangle)

/** The part of a square matrix that a triangular solver reads. */
const partOf = (x: Tensor, { lower, unitDiagonal }: Triangle): Tensor =>
  lower ? tril(x, unitDiagonal ? -1 : 0) : triu(x, unitDiagonal ? 1 : 0)

const systems = {
  takes: 'square matrices [..., n, n] and right-hand sides [..., n, k]',
  results: (shapes: readonly Shape[]) => (isSquare(shapes) && shapes[1][0] === shapes[0][0] ? [shapes[1]] : undefined),
}

// Solvers are linear in the right-hand side: what is transposed for them is the matrix.

export const triangularSolvePrimitive: Primitive = {
  ...matrixKernel<Triangle>({
    name: 'triangularSolve',
    ...systems,
    compute: ([a, b], [_, [n, k]], triangle) => [triangularSolve(a, b, [n, k], triangle)],
    tangents({ inputs: [a], outputs: [x], attributes }, [ta, tb]) {
      const triangle = attributes as Triangle
      const part = ta && partOf(ta, triangle)
      const right = sumOf([tb, part && neg(matmul(triangle.transpose ? swapLast(part) : part, x))])
      return [right && one(triangularSolvePrimitive, [a, right], attributes)]
    },
  }),
  vjp({ inputs: [a, b], outputs: [x], attributes }, [ct], wanted) {
    if (ct === null) return [null, null]
    const triangle = attributes as Triangle
    const right = one(triangularSolvePrimitive, [a, ct], { ...triangle, transpose: !triangle.transpose })
    const outer = () => (triangle.transpose ? matmul(x, swapLast(right)) : matmul(right, swapLast(x)))
    return [wanted[0] ? sumTo(neg(partOf(outer(), triangle)), a.shape) : null, sumTo(right, b.shape)]
  },
}

export const solvePrimitive: Primitive = {
  ...matrixKernel({
    name: 'solve',
    ...systems,
    compute: ([a, b], [_, [n, k]]) => [solve(a, b, [n, k])],
    tangents({ inputs: [a], outputs: [x] }, [ta, tb]) {
      const right = sumOf([tb, ta && neg(matmul(ta, x))])
      return [right && one(solvePrimitive, [a, right])]
    },
  }),
  vjp({ inputs: [a, b], outputs: [x] }, [ct], wanted) {
    if (ct === null) return [null, null]
    const right = one(solvePrimitive, [swapLast(a), ct])
    return [wanted[0] ? sumTo(neg(matmul(right, swapLast(x))), a.shape) : null, sumTo(right, b.shape)]
  },
}

/** The sign of the determinant and the logarithm of its magnitude. */
export const slogdetPrimitive: Primitive = matrixKernel({
  name: 'slogdet',
  takes: 'square matrices',
  results: (shapes) => (isSquare(shapes) ? [[], []] : undefined),
  compute: ([a], [[n]]) => {
    const { sign, log } = logDeterminant(a, n)
    return [[sign], [log]]
  },
  tangents({ inputs: [a] }, [t]) {
    return [null, t && sum(mul(swapLast(one(solvePrimitive, [a, eye(a.shape.at(-1)!, a.dtype)])), t), { axes: [-2, -1] })]
  },
})

/** L and U in one matrix, and the row of A that each of their rows belongs to. */
export const luPrimitive: Primitive = matrixKernel({
  name: 'lu',
  takes: 'square matrices',
  results: (shapes) => (isSquare(shapes) ? [shapes[0], [shapes[0][0]]] : undefined),
  integers: [1],
  compute([a], [[n]]) {
    const { factors, rows } = lu(a, n)
    return [factors, rows]
  },
  // With X = L⁻¹·P·dA·U⁻¹: dL is L times X below the diagonal, dU is X's upper triangle times U.
  tangents({ outputs: [factors, rows] }, [t]) {
    if (t === null) return [null, null]
    const left = one(triangularSolvePrimitive, [factors, matmul(oneHot(rows, t.shape.at(-1)!, t.dtype), t)], {
      lower: true,
      transpose: false,
      unitDiagonal: true,
    })
    const upper = { lower: false, transpose: true, unitDiagonal: false }
    const x = swapLast(one(triangularSolvePrimitive, [factors, swapLast(left)], upper))
    const l = add(tril(factors, -1), eye(t.shape.at(-1)!, t.dtype))
    return [add(matmul(l, tril(x, -1)), matmul(triu(x), triu(factors))), null]
  },
})

/** Q and R of matrices with at least as many rows as columns; R's diagonal is not negative. */
export const qrPrimitive: Primitive = matrixKernel({
  name: 'qr',
  takes: 'matrices with at least as many rows as columns',
  results: ([[m, n]]) =>
    m >= n
      ? [
          [m, n],
          [n, n],
        ]
      : undefined,
  compute([a], [[m, n]]) {
    const { q, r } = qr(a, m, n)
    return [q, r]
  },
  // With X = dA·R⁻¹ and C = Qᵀ·X, the skew part of C turns Q: dR = M·R and dQ = X − Q·M, M = triu(C) + tril(C, −1)ᵀ (Walter & Lehmann).
  tangents({ outputs: [q, r] }, [t]) {
    if (t === null) return [null, null]
    const x = swapLast(one(triangularSolvePrimitive, [r, swapLast(t)], { lower: false, transpose: true, unitDiagonal: false }))
    const c = matmul(swapLast(q), x)
    const m = add(triu(c), swapLast(tril(c, -1)))
    return [sub(x, matmul(q, m)), matmul(m, r)]
  },
})

/** 1/x; 0 where |x| is at most the rounding error of `values` [..., k]. */
function guardedReciprocal(x: Tensor, values: Tensor): Tensor {
  const rounding = mul(max(abs(values), { axes: -1, keepDims: true }), values.shape.at(-1)! * epsilon(values.dtype))
  const small = lessEqual(abs(x), expandDims(rounding, -1))
  return where(small, 0, reciprocal(where(small, 1, x)))
}

/** The eigenvalues, ascending, and eigenvectors of symmetric matrices. */
export const eighPrimitive: Primitive = matrixKernel({
  name: 'eigh',
  takes: 'square matrices',
  results: (shapes) => (isSquare(shapes) ? [[shapes[0][0]], shapes[0]] : undefined),
  compute([a], [[n]]) {
    const { values, vectors } = eigh(a, n)
    return [values, vectors]
  },
  // dw = diag(Vᵀ·dA·V), dV = V·(F∘(Vᵀ·dA·V)) with F = 1/(wⱼ − wᵢ), 0 where they are equal up to rounding (Giles 3.1).
  tangents({ outputs: [w, v] }, [t]) {
    if (t === null) return [null, null]
    const turned = matmul(swapLast(v), matmul(symmetric(t), v))
    const f = guardedReciprocal(sub(expandDims(w, -2), expandDims(w, -1)), w)
    return [diagonal(turned), matmul(v, mul(f, turned))]
  },
})

/** The thin singular value decomposition: U, s, V. */
export const svdPrimitive: Primitive = matrixKernel({
  name: 'svd',
  takes: 'matrices',
  results([[m, n]]) {
    const k = Math.min(m, n)
    return [[m, k], [k], [n, k]]
  },
  compute([a], [[m, n]]) {
    const { u, s, v } = svd(a, m, n)
    return [u, s, v]
  },
  // With P = Uᵀ·dA·V and F = 1/(sⱼ² − sᵢ²): ds = diag(P), dU = U·(F∘(P·S + S·Pᵀ)) + (I − U·Uᵀ)·dA·V·S⁻¹, and dV with dAᵀ (Townsend).
  tangents({ outputs: [u, s, v] }, [t]) {
    if (t === null) return [null, null, null]
    const p = matmul(swapLast(u), matmul(t, v))
    const [across, down] = [expandDims(s, -2), expandDims(s, -1)]
    const f = mul(guardedReciprocal(sub(across, down), s), guardedReciprocal(add(across, down), s))
    const inverse = guardedReciprocal(across, s)
    const turn = (basis: Tensor, other: Tensor, own: Tensor, change: Tensor) => {
      const inside = matmul(basis, mul(f, add(mul(own, across), mul(down, swapLast(own)))))
      if (basis.shape.at(-2) === basis.shape.at(-1)) return inside
      return add(inside, mul(sub(matmul(change, other), matmul(basis, own)), inverse))
    }
    return [turn(u, v, p, t), diagonal(p), turn(v, u, swapLast(p), swapLast(t))]
  },
})

/** The Moore–Penrose inverse; singular values up to `tolerance` times the largest count as zero. */
export const pinvPrimitive: Primitive = matrixKernel<{ readonly tolerance: number }>({
  name: 'pinv',
  takes: 'matrices',
  results: ([[m, n]]) => [[n, m]],
  compute: ([a], [[m, n]], { tolerance }) => [pinv(a, [m, n], tolerance)],
  // dA⁺ = −A⁺·dA·A⁺ + A⁺·A⁺ᵀ·dAᵀ·(I − A·A⁺) + (I − A⁺·A)·dAᵀ·A⁺ᵀ·A⁺ (Golub & Pereyra).
  tangents({ inputs: [a], outputs: [p] }, [t]) {
    if (t === null) return [null]
    const [pt, tt] = [swapLast(p), swapLast(t)]
    const left = matmul(p, matmul(pt, tt))
    const right = matmul(tt, matmul(pt, p))
    const outside = add(sub(left, matmul(left, matmul(a, p))), sub(right, matmul(p, matmul(a, right))))
    return [sub(outside, matmul(p, matmul(t, p)))]
  },
})

/** The derivative of the matrix exponential along t: the upper right block of the exponential of [A t; 0 A] (Al-Mohy & Higham). */
function frechet(a: Tensor, t: Tensor): Tensor {
  const n = a.shape.at(-1)!
  const blocks = concat([concat([a, t], { axis: -1 }), concat([zerosLike(a), a], { axis: -1 })], { axis: -2 })
  return slice(slice(one(expmPrimitive, [blocks]), { axis: -2, end: n }), { axis: -1, start: n })
}

export const expmPrimitive: Primitive = {
  ...matrixKernel({
    name: 'expm',
    takes: 'square matrices',
    results: (shapes) => (isSquare(shapes) ? [shapes[0]] : undefined),
    compute: ([a], [[n]]) => [expm(a, n)],
    tangents: ({ inputs: [a] }, [t]) => [t && frechet(a, t)],
  }),
  // The tangent is linear in t, but the graph that computes it is not: the transposed map is stated.
  vjp: ({ inputs: [a] }, [ct]) => [ct && frechet(swapLast(a), ct)],
}
