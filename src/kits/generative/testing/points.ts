import { type NDArray, ndarray } from '../../../engine/index.ts'
import type { Features } from '../scores.ts'
import { drawsOf } from '../subsets.ts'

/** float64 rows. */
export const table = (rows: readonly (readonly number[])[]): NDArray =>
  ndarray(Float64Array.from(rows.flat()), [rows.length, rows[0].length], 'float64')

/** n standard normal points, moved and stretched. */
export function normalPoints(n: number, width: number, seed: number, { shift = 0, scale = 1 } = {}): NDArray {
  const random = drawsOf(seed)
  return ndarray(
    Float64Array.from({ length: n * width }, () => shift + scale * random.normal()),
    [n, width],
    'float64',
  )
}

export const bare = (rows: NDArray, network = 'none'): Features => ({ rows, network })
