import { ndarray, sizeOf } from '../array.ts'
import { allocate, type DType } from '../dtype.ts'
import type { Tensor } from '../tensor.ts'
import { fromArray } from './create.ts'
import { reshape, swapLast } from './movement.ts'
import { matmul } from './products.ts'

/*
 * Weighted sums along an axis by a matrix made on the host: how axes are resampled and pooled to a given extent.
 */

/** One element's share in an element of the result. */
export interface Share {
  readonly from: number
  readonly weight: number
}

/** For each element of the result its shares, as a matrix [result, extent]. Shares outside the axis fall to its first or last element. */
export function matrixOf(rows: readonly (readonly Share[])[], extent: number, dtype: DType): Tensor {
  const data = allocate(dtype, rows.length * extent)
  rows.forEach((shares, row) => {
    for (const { from, weight } of shares) data[row * extent + Math.min(Math.max(from, 0), extent - 1)] += weight
  })
  return fromArray(ndarray(data, [rows.length, extent], dtype))
}

/** matrix [m, n] times an axis of extent n, which becomes m. */
export function alongAxis(x: Tensor, axis: number, matrix: Tensor): Tensor {
  const shape = x.shape.with(axis, matrix.shape[0])
  const [outer, inner] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)].map(sizeOf)
  // The last axis needs no products of matrices that are one column wide.
  if (inner === 1) return reshape(matmul(reshape(x, [outer, x.shape[axis]]), swapLast(matrix)), shape)
  return reshape(matmul(matrix, reshape(x, [outer, x.shape[axis], inner])), shape)
}
