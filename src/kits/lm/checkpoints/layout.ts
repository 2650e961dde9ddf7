import { type NDArray, ndarray } from '../../../engine/index.ts'
import type { StoredTensor } from './names.ts'

type Laid = Pick<StoredTensor, 'transposed' | 'order'>

/** Rows and columns that are turned together, so that both stay in the cache. */
const tile = 32

/** [rows, columns] → [columns, rows]; entry r of `to` is the new column of row r. */
function turned(data: Float32Array, rows: number, columns: number, to?: Int32Array): Float32Array {
  const out = new Float32Array(data.length)
  for (let top = 0; top < rows; top += tile)
    for (let left = 0; left < columns; left += tile)
      for (let r = top; r < Math.min(rows, top + tile); r++) {
        const column = to ? to[r] : r
        for (let c = left; c < Math.min(columns, left + tile); c++) out[c * rows + column] = data[r * columns + c]
      }
  return out
}

/** Entries along the last axis, of `length`, each moved to its place in `to`, or from it. */
function moved(data: Float32Array, length: number, to: Int32Array, back: boolean): Float32Array {
  const out = new Float32Array(data.length)
  for (let row = 0; row < data.length; row += length)
    for (let i = 0; i < length; i++) {
      if (back) out[row + i] = data[row + to[i]]
      else out[row + to[i]] = data[row + i]
    }
  return out
}

/** A tensor as files hold it → as the parameters hold it. */
export function fromStored({ shape, data }: NDArray, { transposed, order }: Laid): NDArray {
  const values = data instanceof Float32Array ? data : Float32Array.from(data)
  if (transposed) return ndarray(turned(values, shape[0], shape[1], order), [shape[1], shape[0]], 'float32')
  return ndarray(order ? moved(values, order.length, order, false) : values, shape, 'float32')
}

/** A parameter → as files hold it. */
export function toStored({ shape, data }: NDArray, { transposed, order }: Laid): NDArray {
  const values = data instanceof Float32Array ? data : Float32Array.from(data)
  const ordered = order ? moved(values, order.length, order, true) : values
  return transposed ? ndarray(turned(ordered, shape[0], shape[1]), [shape[1], shape[0]], 'float32') : ndarray(ordered, shape, 'float32')
}
