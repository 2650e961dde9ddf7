import { permutation, seedKey } from '../../data/draws.ts'
import { rows } from '../../data/index.ts'
import { InputError, type NDArray } from '../../engine/index.ts'

/** Real examples, in two parts that share none. */
export interface RealData {
  /** float32 [m, ...shape], in the model's scale: what starts are drawn from, copies are looked for in, and the Gaussian is fitted to. */
  readonly train: NDArray
  /** What quality is measured against. */
  readonly heldOut: NDArray
  /** Classes of the training part, where they are known. */
  readonly labels?: ArrayLike<number>
}

/** Which of n examples are held out: those whose index ends in 0, 3 or 6. By index, not by position: the halves of MNIST's file differ in quality. */
function heldOutSplit(n: number): { readonly train: number[]; readonly heldOut: number[] } {
  const all = Array.from({ length: n }, (_, i) => i)
  const isHeldOut = (i: number) => [0, 3, 6].includes(i % 10)
  return { train: all.filter((i) => !isHeldOut(i)), heldOut: all.filter(isHeldOut) }
}

/**
 * Examples in both parts.
 *
 * @throws InputError for too few.
 * @example
 * splitReal({ data: new Float32Array(20), shape: [20, 1], dtype: 'float32' }).heldOut.shape // [6, 1]
 */
export function splitReal(x: NDArray, labels?: ArrayLike<number>): RealData {
  const split = heldOutSplit(x.shape[0])
  if (split.heldOut.length < 2 || split.train.length < 2)
    throw new InputError(`${x.shape[0]} examples cannot be split into starts and held-out ones`, { fix: 'give at least 10' })
  return {
    train: rows({ x }, split.train).x,
    heldOut: rows({ x }, split.heldOut).x,
    ...(labels && { labels: Int32Array.from(split.train, (i) => labels[i]) }),
  }
}

const startUse = 0x73747274

/** Which of the training examples U-turns start from: `count` different ones, or all where there are fewer. */
export function startsOf({ train }: RealData, count: number, seed: number): { readonly rows: Uint32Array; readonly x: NDArray } {
  const chosen = permutation(seedKey(seed, startUse), train.shape[0]).subarray(0, count)
  return { rows: chosen, x: rows({ x: train }, chosen).x }
}
