import { type LossTable, meanLosses, someDraws } from './losses.ts'

/** Relative changes of the loss [records, rows, strengths]. */
export interface Fluctuation {
  readonly records: number
  readonly rows: number
  readonly strengths: number
  readonly data: Float64Array
}

/** Below this a loss is no denominator. */
const least = 1e-6

/**
 * F[i, j] = (l_i(x̃_j) − l_i(x)) / l_i(x), the fluctuation matrix of each record; 0 where a loss is not a number.
 *
 * @example
 * const table = { records: 1, rows: 1, versions: 2, draws: 1, data: Float64Array.of(2, 3), queries: 2, notFinite: [] }
 * fluctuation(table).data // Float64Array [0.5]
 */
export function fluctuation(table: LossTable): Fluctuation {
  const { records, rows, versions } = table
  const losses = meanLosses(table)
  const strengths = versions - 1
  const data = new Float64Array(records * rows * strengths)
  for (let k = 0; k < records * rows; k++) {
    const own = losses[k * versions]
    for (let j = 0; j < strengths; j++) {
      const change = (losses[k * versions + 1 + j] - own) / Math.max(Math.abs(own), least)
      data[k * strengths + j] = Number.isNaN(change) ? 0 : change
    }
  }
  return { records, rows, strengths, data }
}

/**
 * F of the target less F of a reference on the same records: what any model of these data shows is taken off.
 *
 * @example
 * const matrix = (value: number) => ({ records: 1, rows: 1, strengths: 1, data: Float64Array.of(value) })
 * calibrated(matrix(0.5), matrix(0.25)).data // Float64Array [0.25]
 */
export const calibrated = (target: Fluctuation, reference: Fluctuation | undefined): Fluctuation =>
  reference ? { ...target, data: target.data.map((value, k) => value - reference.data[k]) } : target

/** The rows of each column in rising order. */
export function withSortedRows({ records, rows, strengths, data }: Fluctuation): Fluctuation {
  const out = new Float64Array(data.length)
  for (let n = 0; n < records; n++)
    for (let j = 0; j < strengths; j++) {
      const at = (i: number) => (n * rows + i) * strengths + j
      const column = Float64Array.from({ length: rows }, (_, i) => data[at(i)]).sort()
      for (let i = 0; i < rows; i++) out[at(i)] = column[i]
    }
  return { records, rows, strengths, data: out }
}

/**
 * PFAMI-Met: the mean over rows of the fluctuation at one strength; higher = member.
 *
 * @example
 * metScores({ records: 1, rows: 2, strengths: 1, data: Float64Array.of(0.5, 1) }, 0) // Float64Array [0.75]
 */
export function metScores({ records, rows, strengths, data }: Fluctuation, strength: number): Float64Array {
  return Float64Array.from({ length: records }, (_, n) => {
    let sum = 0
    for (let i = 0; i < rows; i++) sum += data[(n * rows + i) * strengths + strength]
    return sum / rows
  })
}

/** The mean of all cells of the matrix. */
export const meanScores = ({ records, rows, strengths, data }: Fluctuation): Float64Array =>
  Float64Array.from({ length: records }, (_, n) => {
    let sum = 0
    for (let k = 0; k < rows * strengths; k++) sum += data[n * rows * strengths + k]
    return sum / (rows * strengths)
  })

/**
 * The standard error of PFAMI-Met's score over rows and draws. Two antithetic draws are no two samples but one, so that pairs are taken together.
 */
export function metErrors(
  target: LossTable,
  reference: LossTable | undefined,
  strength: number,
  { antithetic }: { readonly antithetic: boolean },
): Float64Array {
  const together = antithetic && target.draws % 2 === 0 ? 2 : 1
  const parts = Array.from({ length: target.draws / together }, (_, m) => {
    const part = (table: LossTable) => fluctuation(someDraws(table, m * together, together))
    return calibrated(part(target), reference && part(reference))
  })
  const { rows, strengths } = parts[0]
  return Float64Array.from({ length: target.records }, (_, n) => {
    const values = parts.flatMap(({ data }) => Array.from({ length: rows }, (_, i) => data[(n * rows + i) * strengths + strength]))
    if (values.length < 2) return Number.NaN
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
    return Math.sqrt(variance / values.length)
  })
}
