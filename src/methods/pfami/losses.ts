import { type NDArray, ndarray, sizeOf } from '../../engine/index.ts'
import type { Neighbours } from './neighbours/index.ts'
import { keyedNoise } from './noise.ts'
import { blockRecords, type LikelihoodOracle } from './oracles/oracle.ts'

export interface LossOptions {
  /** Draws of noise for each row. Default: 1. */
  readonly draws?: number
  /** The same noise for a record, its neighbours and every model. Default: true. */
  readonly common?: boolean
  /** Every second draw is the one before it with its sign turned. Default: true. */
  readonly antithetic?: boolean
  readonly seed?: number
  /** Distinguishes models where noise is not common. */
  readonly model?: number
  /** Numbers of the records, which their noise follows. Default: their places. */
  readonly ids?: readonly number[]
  progress?(done: number, total: number): Promise<void>
}

/** Losses of records and of their neighbours. */
export interface LossTable {
  readonly records: number
  readonly rows: number
  /** The record itself (0) and its neighbours. */
  readonly versions: number
  readonly draws: number
  /** [records, rows, versions, draws] */
  readonly data: Float64Array
  /** Evaluations of the model for each record. */
  readonly queries: number
  /** Records with a loss that is not finite. */
  readonly notFinite: readonly number[]
}

/**
 * The losses of records [n, ...shape] and their neighbours: a row for each of the oracle's, a column for the record and each strength. Records are
 * taken in blocks of constant size, so that a record's numbers are the same whatever else is scored.
 *
 * @example
 * import { denoiserOf, initModel } from 'quire/diffusion'
 *
 * const process = { kind: 'discrete', steps: 1000, schedule: 'linear' } as const
 * const denoiser = denoiserOf(initModel({ network: { kind: 'mlp', width: 8, hidden: [8] }, process, predict: 'eps', shape: [16] }, key(0)))
 * const records = await random.normal(key(1), [3, 16]).ndarray()
 * const { rows, versions, draws } = await lossTable(denoisingOracle(denoiser), records, crop({ count: 4 }), { draws: 2 })
 * const shape = [rows, versions, draws] // [10, 5, 2]
 */
export async function lossTable(
  oracle: LikelihoodOracle,
  records: NDArray,
  neighbours: Neighbours | undefined,
  options: LossOptions = {},
): Promise<LossTable> {
  const { draws = 1, common = true, antithetic = true, seed = 0, model = 0, progress } = options
  const [n, ...shape] = records.shape
  const { ids = Array.from({ length: n }, (_, i) => i) } = options
  const rows = oracle.rows.length
  const versions = 1 + (neighbours?.strengths.length ?? 0)
  const data = new Float64Array(n * rows * versions * draws)
  const distinct = common ? 1 : versions
  const noise = ndarray(new Float32Array(blockRecords * distinct * oracle.noise), [blockRecords, distinct, oracle.noise], 'float32')
  const fill = keyedNoise(seed, { antithetic })
  for (let first = 0; first < n; first += blockRecords) {
    const block = blockOf(records, ids, first)
    const perRow = neighbours?.perRow
    let inputs = neighbours && !perRow ? neighbours.versions(block.x, { ids: block.ids, row: 0 }) : alone(block.x)
    for (let row = 0; row < rows; row++) {
      if (neighbours && perRow) inputs = neighbours.versions(block.x, { ids: block.ids, row })
      for (let draw = 0; draw < draws; draw++) {
        for (const [i, record] of block.ids.entries())
          for (let version = 0; version < distinct; version++) {
            const begin = (i * distinct + version) * oracle.noise
            const key = common ? { record, row, draw } : { record, row, draw, version, model: model + 1 }
            fill(key, noise.data.subarray(begin, begin + oracle.noise) as Float32Array)
          }
        const found = await oracle.losses(row, inputs, noise)
        for (let i = 0; i < block.count; i++)
          for (let version = 0; version < versions; version++)
            data[(((first + i) * rows + row) * versions + version) * draws + draw] = found[i * versions + version]
      }
    }
    await progress?.(Math.min(n, first + blockRecords), n)
  }
  return { records: n, rows, versions, draws, data, queries: rows * versions * draws * oracle.cost, notFinite: notFiniteOf(data, n) }

  function alone(x: NDArray): NDArray {
    return { ...x, shape: [x.shape[0], 1, ...shape] }
  }
}

/** Whole blocks: the last one is filled up with its first record. */
function blockOf(
  { shape: [n, ...shape], data, dtype }: NDArray,
  ids: readonly number[],
  first: number,
): { x: NDArray; ids: number[]; count: number } {
  const size = sizeOf(shape)
  const count = Math.min(blockRecords, n - first)
  const places = Array.from({ length: blockRecords }, (_, i) => first + (i < count ? i : 0))
  const out = data.slice(0, 0).constructor as new (length: number) => Float32Array
  const x = new out(blockRecords * size)
  for (const [i, place] of places.entries()) x.set(data.subarray(place * size, (place + 1) * size) as Float32Array, i * size)
  return { x: ndarray(x, [blockRecords, ...shape], dtype), ids: places.map((place) => ids[place]), count }
}

function notFiniteOf(data: Float64Array, records: number): number[] {
  const each = data.length / records
  return Array.from({ length: records }, (_, i) => i).filter((i) => !data.subarray(i * each, (i + 1) * each).every(Number.isFinite))
}

/** Means over the draws [records, rows, versions]. */
export function meanLosses({ data, draws }: LossTable): Float64Array {
  return Float64Array.from({ length: data.length / draws }, (_, k) => {
    let sum = 0
    for (let m = 0; m < draws; m++) sum += data[k * draws + m]
    return sum / draws
  })
}

/** Some of a table's draws, from `begin` on. */
export function someDraws(table: LossTable, begin: number, draws: number): LossTable {
  const cells = table.data.length / table.draws
  const data = Float64Array.from({ length: cells * draws }, (_, k) => table.data[Math.floor(k / draws) * table.draws + begin + (k % draws)])
  return { ...table, draws, data, queries: (table.queries / table.draws) * draws }
}

/** The mean loss of each record over rows and draws, neighbours aside. */
export function ownLosses(table: LossTable): Float64Array {
  const { records, rows, versions } = table
  const means = meanLosses(table)
  return Float64Array.from({ length: records }, (_, n) => {
    let sum = 0
    for (let i = 0; i < rows; i++) sum += means[(n * rows + i) * versions]
    return sum / rows
  })
}
