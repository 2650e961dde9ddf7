import { fromArray, type NDArray, ndarray } from '../../engine/index.ts'
import * as linalg from '../../engine/linalg.ts'

/**
 * How fast the direction follows at a fixed norm. A step multiplies the parts of its error by 1 − ηλ for the eigenvalues λ, but for zeros, of the covariance
 * of the support vectors under the optimal weights p: so η may not exceed 2/`largest`, and the norm may grow by η·`least` a step (κ = ln ρ/τ), or it
 * outruns the direction, which then freezes.
 */
export interface Contraction {
  readonly least: number
  readonly largest: number
}

/** Of signed examples z [n, d] with weights p, as `exactMaxMargin` and `certify` give them; both 0 for a single support vector, where there is nothing to turn. */
export async function contractionOf({ shape: [_, d], data }: NDArray, multipliers: Float64Array): Promise<Contraction> {
  const support = [...multipliers.keys()].filter((i) => multipliers[i] > 0)
  if (support.length < 2) return { least: 0, largest: 0 }
  const rows = support.map((i) => [...data.subarray(i * d, (i + 1) * d)])
  const mean = rows[0].map((_, j) => rows.reduce((sum, row, k) => sum + multipliers[support[k]] * row[j], 0))
  const centred = rows.map((row, k) => row.map((value, j) => Math.sqrt(multipliers[support[k]]) * (value - mean[j])))
  // The Gram matrix of the centred rows has the covariance's eigenvalues, and one zero, since the rows sum to nothing.
  const gram = centred.flatMap((a) => centred.map((b) => a.reduce((sum, value, j) => sum + value * b[j], 0)))
  const { values } = linalg.eigh(fromArray(ndarray(Float64Array.from(gram), [rows.length, rows.length], 'float64')))
  const ascending = await values.data()
  return { least: ascending[1], largest: ascending[ascending.length - 1] }
}
