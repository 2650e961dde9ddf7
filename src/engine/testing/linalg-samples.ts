import { add, eye, matmul, mul, type Tensor } from '../index.ts'
import * as linalg from '../linalg.ts'
import type { Sample, SampleInput } from './samples.ts'

const matrix = (...shape: number[]): SampleInput => ({ kind: 'float', shape, values: { low: -1, high: 1 } })

/** Inputs with a function of them that applies the primitive. */
const of =
  (run: (...inputs: Tensor[]) => Tensor[]) =>
  (...inputs: SampleInput[]): Sample => ({ inputs, run })

/** A + c·I: far from singular, with eigenvalues and pivots apart. */
const shifted = (a: Tensor, c = 3): Tensor => add(a, mul(eye(a.shape.at(-1)!, a.dtype), c))

const cholesky = of((a) => [linalg.cholesky(shifted(a))])
const lu = of((a) => [linalg.lu(shifted(a, -3))].flatMap(({ l, u }) => [l, u]))
const eigh = of((a) => [linalg.eigh(a)].flatMap(({ values, vectors }) => [values, vectors]))
const svd = of((a) => [linalg.svd(a)].flatMap(({ u, s, v }) => [u, s, v]))
const qr = of((a) => [linalg.qr(a)].flatMap(({ q, r }) => [q, r]))

const triangular = (options: linalg.TriangularOptions) => of((t, b) => [linalg.triangularSolve(shifted(t), b, options)])

/** Inputs for the primitives of linear algebra, by name. */
export const linalgSamples: Readonly<Record<string, readonly Sample[]>> = {
  cholesky: [cholesky(matrix(3, 3)), cholesky(matrix(2, 1, 2, 2)), cholesky(matrix(1, 1)), cholesky(matrix(0, 2, 2))],
  triangularSolve: [
    triangular({})(matrix(3, 3), matrix(3, 2)),
    triangular({ lower: false })(matrix(2, 3, 3), matrix(3, 1)),
    triangular({ transpose: true })(matrix(3, 3), matrix(2, 3, 2)),
    triangular({ lower: false, transpose: true, unitDiagonal: true })(matrix(2, 1, 2, 2), matrix(3, 2, 1)),
    triangular({ unitDiagonal: true })(matrix(3, 3), matrix(3)),
  ],
  solve: [
    of((a, b) => [linalg.solve(shifted(a), b)])(matrix(3, 3), matrix(3, 2)),
    of((a, b) => [linalg.solve(shifted(a), b)])(matrix(2, 2, 2), matrix(2)),
    of((a) => [linalg.inverse(a)])(matrix(2, 3, 3)),
  ],
  slogdet: [of((a) => [linalg.slogdet(a).logAbs])(matrix(3, 3)), of((a) => [linalg.det(shifted(a))])(matrix(2, 4, 4))],
  lu: [lu(matrix(3, 3)), lu(matrix(2, 2, 2))],
  qr: [qr(matrix(4, 3)), qr(matrix(2, 2, 2)), qr(matrix(2, 3)), qr(matrix(3, 1))],
  eigh: [eigh(matrix(3, 3)), eigh(matrix(2, 2, 2)), eigh(matrix(1, 1))],
  svd: [svd(matrix(3, 3)), svd(matrix(4, 2)), svd(matrix(2, 2, 3))],
  pinv: [
    of((a) => [linalg.pinv(a)])(matrix(4, 2)),
    of((a) => [linalg.pinv(a)])(matrix(2, 2, 3)),
    // A product of this form has rank 2 wherever it lies.
    of((a, b) => [linalg.pinv(matmul(a, b), { tolerance: 1e-4 })])(matrix(4, 2), matrix(2, 3)),
    of((a, b) => [linalg.lstsq(a, b)])(matrix(4, 2), matrix(4)),
  ],
  expm: [of((a) => [linalg.expm(a)])(matrix(3, 3)), of((a) => [linalg.expm(mul(a, 8))])(matrix(2, 2, 2))],
}
