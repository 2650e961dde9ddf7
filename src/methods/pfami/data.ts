import { permutation } from '../../data/draws.ts'
import { type LocateOptions, loadMnist, type Provenance } from '../../data/index.ts'
import { type NDArray, ndarray } from '../../engine/index.ts'
import { foldKey } from '../../engine/threefry.ts'
import { useKey } from './noise.ts'

/** Digits of 14 × 14 pixels from −1 (background) to 1. */
export interface Digits {
  /** [n, 196] */
  readonly x: NDArray
  readonly labels: ArrayLike<number>
}

/** MNIST as means of 2 × 2 pixels. */
export async function loadDigits(options: LocateOptions): Promise<{ digits: Digits; provenance: Provenance }> {
  const { images, labels, provenance } = await loadMnist(options)
  const [n, height, width] = images.shape
  const side = [height / 2, width / 2]
  const size = side[0] * side[1]
  const data = new Float32Array(n * size)
  for (let i = 0; i < n; i++)
    for (let row = 0; row < side[0]; row++)
      for (let column = 0; column < side[1]; column++) {
        const at = i * height * width + 2 * row * width + 2 * column
        const mean = (images.data[at] + images.data[at + 1] + images.data[at + width] + images.data[at + width + 1]) / 4
        data[i * size + row * side[1] + column] = (mean / 255) * 2 - 1
      }
  return { digits: { x: ndarray(data, [n, size], 'float32'), labels: labels.data }, provenance }
}

/** Who has seen what. Parts share no record. */
export const roles = ['members', 'nonMembers', 'reference', 'shadowMembers', 'shadowNonMembers'] as const
export type Role = (typeof roles)[number]

/** Indices of each part, drawn at random: files may be sorted. Non-members are as many as are scored, the others as many as train a model. */
export function splitOf(total: number, { train, scored }: { train: number; scored: number }, seed: number): Record<Role, number[]> {
  const order = permutation(foldKey(useKey(seed, 'splits'), 0), total)
  let used = 0
  const next = (count: number) => Array.from(order.subarray(used, (used += count)))
  return {
    members: next(train),
    nonMembers: next(scored),
    reference: next(train),
    shadowMembers: next(train),
    shadowNonMembers: next(scored),
  }
}

export function rowsOf({ shape: [, ...shape], data }: NDArray, indices: readonly number[]): NDArray {
  const size = shape.reduce((a, b) => a * b, 1)
  const out = new Float32Array(indices.length * size)
  for (const [i, row] of indices.entries()) out.set(data.subarray(row * size, (row + 1) * size) as Float32Array, i * size)
  return ndarray(out, [indices.length, ...shape], 'float32')
}
