import { fold, fromArray, InputError, type NDArray, ndarray, sizeOf, type Tensor } from '../../engine/index.ts'

/*
 * A batch is cut into logical shards, as many as the run says, however many ranks there are: neighbouring rows, their numbers differing by one at
 * most. What makes a shard's numbers is thus the same wherever it is computed.
 */

const isPowerOfTwo = (n: number): boolean => Number.isInteger(n) && n >= 1 && (n & (n - 1)) === 0

/**
 * Whether so many ranks can share so many shards out; throws an InputError that says what would do.
 *
 * @example
 * // Two ranks can share eight shards out:
 * checkShards(8, 2)
 */
export function checkShards(shards: number, ranks: number): void {
  if (!isPowerOfTwo(shards)) throw new InputError(`${shards} shards are no power of two`, { where: 'shards', fix: 'give 1, 2, 4, 8, 16 …' })
  if (!isPowerOfTwo(ranks) || ranks > shards)
    throw new InputError(`${ranks} ranks cannot share ${shards} shards out evenly`, {
      where: 'mpirun -n',
      fix: `start ${powersUpTo(shards).join(', ')} ranks, or use shards: 'fast', which takes any number`,
    })
}

const powersUpTo = (most: number): number[] => [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024].filter((n) => n <= most)

/** Whether a tensor of a batch is a key (uint32 [2]): it is folded with the shard's number and not cut. */
const isKey = ({ dtype, shape }: NDArray): boolean => dtype === 'uint32' && shape.length === 1 && shape[0] === 2

const isCut = (array: NDArray): boolean => array.shape.length > 0 && !isKey(array)

/** The rows of a batch: the first extent of everything that is neither a key nor a scalar. */
export function rowsOf(batch: Readonly<Record<string, NDArray>>): number {
  const cut = Object.entries(batch).filter(([, array]) => isCut(array))
  const counts = new Set(cut.map(([, { shape }]) => shape[0]))
  if (counts.size !== 1 || counts.has(0))
    throw new InputError(`its tensors have ${cut.map(([name, { shape }]) => `${name} ${shape[0]}`).join(', ') || 'no'} rows`, {
      where: 'a batch that is cut into shards',
      fix: 'give each of its tensors the same number of rows, at least one; scalars and keys (uint32 [2]) are not cut',
    })
  return [...counts][0]
}

/** Rows before a shard, so that a shard has those from `rowsBefore(s)` to `rowsBefore(s + 1)`. */
export const rowsBefore = (shard: number, shards: number, rows: number): number => Math.floor((shard * rows) / shards)

/** A shard's part of a batch, without a copy. Keys are folded with the shard's number, so that shards draw different numbers. */
export function shardOf(batch: Readonly<Record<string, NDArray>>, shard: number, shards: number, rows: number): Record<string, Tensor> {
  const [begin, end] = [rowsBefore(shard, shards, rows), rowsBefore(shard + 1, shards, rows)]
  const cut = (array: NDArray): Tensor => {
    if (isKey(array)) return fold(fromArray(array), shard)
    if (!isCut(array)) return fromArray(array)
    const rest = array.shape.slice(1)
    const width = sizeOf(rest)
    return fromArray(ndarray(array.data.subarray(begin * width, end * width), [end - begin, ...rest], array.dtype))
  }
  return Object.fromEntries(Object.entries(batch).map(([name, array]) => [name, cut(array)]))
}
