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

/** How much a sample counts, by its distance from the place that is asked for; nothing beyond the radius. */
export interface Kernel {
  readonly radius: number
  readonly weight: (distance: number) => number
}

export const triangle: Kernel = { radius: 1, weight: (distance) => Math.max(0, 1 - distance) }

/** Keys' cubic convolution kernel (1981). */
export const keys = (a: number): Kernel => ({
  radius: 2,
  weight(d) {
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1
    return d < 2 ? a * (((d - 5) * d + 8) * d - 4) : 0
  },
})

/** The shares of the elements around a place, by a kernel that is stretched; some may lie outside of the axis. */
export function sharesAround(source: number, { radius, weight }: Kernel, stretch = 1): Share[] {
  const first = Math.ceil(source - radius * stretch)
  const count = Math.floor(source + radius * stretch) - first + 1
  return Array.from({ length: count }, (_, k) => ({ from: first + k, weight: weight(Math.abs(source - first - k) / stretch) }))
}

/** The shares that lie inside of an axis. */
export const inside = (shares: readonly Share[], extent: number): Share[] => shares.filter(({ from }) => from >= 0 && from < extent)

/** Shares that add up to 1. */
export function normalized(shares: readonly Share[]): Share[] {
  const total = shares.reduce((sum, { weight }) => sum + weight, 0)
  return shares.map(({ from, weight }) => ({ from, weight: weight / total }))
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
