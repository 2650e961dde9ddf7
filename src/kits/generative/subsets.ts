import { draws, permutation, seedKey } from '../../data/draws.ts'
import { rows } from '../../data/index.ts'
import { InputError, type NDArray } from '../../engine/index.ts'
import type { KeyWords } from '../../engine/threefry.ts'
import { foldKey } from '../../engine/threefry.ts'
import type { Features } from './scores.ts'

/** What random numbers of this folder are drawn for. */
const use = 0x67656e65

/** The k-th key of a seed. */
export const drawKey = (seed: number, k = 0): KeyWords => foldKey(seedKey(seed, use), k)

/** The k-th stream of random numbers of a seed. */
export const drawsOf = (seed: number, k = 0) => draws(drawKey(seed, k))

/** `count` of the rows, without repeats: the k-th such choice of a seed; all of them as they are where there are no more. */
export function someRows(x: NDArray, count: number, seed: number, k = 0): NDArray {
  const n = x.shape[0]
  if (!Number.isInteger(count) || count < 1 || count > n)
    throw new InputError(`${count} rows cannot be drawn from ${n}`, { fix: `give a whole number from 1 to ${n}` })
  if (count === n) return x
  return rows({ x }, permutation(drawKey(seed, k), n).subarray(0, count)).x
}

export const someFeatures = ({ rows, network }: Features, count: number, seed: number, k = 0): Features => ({
  rows: someRows(rows, count, seed, k),
  network,
})
