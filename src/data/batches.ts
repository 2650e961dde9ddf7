import { InputError } from '../engine/errors.ts'
import { foldKey } from '../engine/threefry.ts'
import { countOf, type Dataset, rows } from './dataset.ts'
import { permutation, seedKey, uses } from './draws.ts'

/*
 * The position in the data is a function of (seed, step): each epoch visits the examples in an order that follows from (seed, epoch) alone. There is
 * nothing to store in a checkpoint, and a resumed run sees what an uninterrupted one would have seen.
 */

/** What becomes of an epoch's last, incomplete batch: filled up from the start of the same order, kept short, or left out. */
export type Last = 'wrap' | 'keep' | 'drop'

export interface BatchOptions {
  /** Examples a batch. */
  size: number
  /** Decides the order, together with the epoch. A whole number, 0 or more. */
  seed: number
  /** Default 'wrap': every batch has the same size (a compiled step needs no second shape), and every example is visited in each epoch. */
  last?: Last
  /** The same as `last: 'drop'`. */
  dropLast?: boolean
  /** false: every epoch in the order of the data. Default true. */
  shuffle?: boolean
}

/**
 * The number of batches in an epoch of `count` examples: rounded down with `last: 'drop'`, up otherwise.
 * @example
 * stepsPerEpoch(8000, { size: 128 }) // 63
 */
export function stepsPerEpoch(count: number, options: Pick<BatchOptions, 'size' | 'last' | 'dropLast'>): number {
  const { size } = options
  if (!Number.isInteger(size) || size < 1) throw new InputError(`batch size ${size} is not a whole number of at least 1`)
  if (count === 0) throw new InputError('the data set is empty: there is nothing to batch')
  const steps = lastOf(options) === 'drop' ? Math.floor(count / size) : Math.ceil(count / size)
  if (steps === 0)
    throw new InputError(`a batch of ${size} is larger than the data set of ${count}`, { fix: "choose a smaller size, or last: 'wrap'" })
  return steps
}

const lastOf = ({ last, dropLast }: Pick<BatchOptions, 'last' | 'dropLast'>): Last => last ?? (dropLast ? 'drop' : 'wrap')

/**
 * The example numbers of every batch of one epoch, a pure function of its arguments. Together they are a permutation of 0 … count-1 with
 * `last: 'keep'`, one with the beginning repeated at the end with 'wrap', one with the end cut off with 'drop'.
 * @example
 * batchIndices({ count: 6, size: 2, seed: 0, epoch: 0 }).length // 3
 */
export function batchIndices({ count, epoch, ...options }: BatchOptions & { count: number; epoch: number }): Uint32Array[] {
  const order = orderOf(count, options, epoch)
  return Array.from({ length: stepsPerEpoch(count, options) }, (_, step) => slice(order, options, step))
}

function orderOf(count: number, { seed, shuffle = true }: Pick<BatchOptions, 'seed' | 'shuffle'>, epoch: number): Uint32Array {
  if (!Number.isInteger(epoch) || epoch < 0 || epoch >= 2 ** 32) throw new InputError(`epoch ${epoch} is not a whole number of at least 0`)
  if (!shuffle) return Uint32Array.from({ length: count }, (_, i) => i)
  return permutation(foldKey(seedKey(seed, uses.order), epoch), count)
}

function slice(order: Uint32Array, options: BatchOptions, step: number): Uint32Array {
  const begin = step * options.size
  const batch = order.slice(begin, begin + options.size)
  if (batch.length === options.size || lastOf(options) !== 'wrap') return batch
  return Uint32Array.from({ length: options.size }, (_, i) => order[(begin + i) % order.length])
}

/** A data set seen as an endless sequence of batches that can be entered at any step. */
export interface Batcher<D extends Dataset> {
  readonly stepsPerEpoch: number
  /** The batch of a step, counted over all epochs from 0. `into`: an earlier batch of the same size, whose buffers are filled again. */
  at(step: number, into?: Dataset): D
  /** The example numbers of that batch. */
  indicesAt(step: number): Uint32Array
}

/**
 * Prepares a data set for batching. Only the order of one epoch is held at a time.
 * @throws InputError for a size, a seed or a data set that cannot be batched.
 * @example
 * const x = { data: Float32Array.of(0, 1, 2, 3), shape: [4], dtype: 'float32' } as const
 * const batcher = createBatcher({ x }, { size: 2, seed: 0 })
 */
export function createBatcher<D extends Dataset>(dataset: D, options: BatchOptions): Batcher<D> {
  const count = countOf(dataset)
  const perEpoch = stepsPerEpoch(count, options)
  let held = { epoch: 0, order: orderOf(count, options, 0) }
  const indicesAt = (step: number) => {
    if (!Number.isInteger(step) || step < 0) throw new InputError(`step ${step} is not a whole number of at least 0`)
    const epoch = Math.floor(step / perEpoch)
    if (held.epoch !== epoch) held = { epoch, order: orderOf(count, options, epoch) }
    return slice(held.order, options, step % perEpoch)
  }
  return { stepsPerEpoch: perEpoch, indicesAt, at: (step, into) => rows(dataset, indicesAt(step), into) }
}

/**
 * The batch of one step, counted over all epochs from 0; for many steps `createBatcher` or `batches` keep the epoch's order between calls.
 *
 * @example
 * const x = { data: Float32Array.of(0, 1, 2, 3), shape: [4], dtype: 'float32' } as const
 * batchAt({ x }, { size: 2, seed: 0 }, 7).x.shape // [2]
 */
export function batchAt<D extends Dataset>(dataset: D, options: BatchOptions, step: number): D {
  return createBatcher(dataset, options).at(step)
}

export interface IterationOptions extends BatchOptions {
  /** Walk this epoch. Default 0, unless `start` is given. */
  epoch?: number
  /** The first step, counted over all epochs; instead of `epoch`. */
  start?: number
  /** How many batches; default one epoch's number. May run over several epochs. */
  steps?: number
  /** Fill the same buffers for every batch. Only for a loop that is done with a batch before it asks for the next. Default false. */
  reuse?: boolean
}

/**
 * The batches of one epoch, or of `steps` steps from `start`.
 * @example
 * const x = { data: Float32Array.of(0, 1, 2, 3), shape: [4], dtype: 'float32' } as const
 * for (const batch of batches({ x }, { size: 2, seed: 0, steps: 10 })) console.log(batch.x.data)
 */
export function* batches<D extends Dataset>(
  dataset: D,
  { epoch = 0, start, steps, reuse = false, ...options }: IterationOptions,
): Generator<D> {
  const batcher = createBatcher(dataset, options)
  const first = start ?? epoch * batcher.stepsPerEpoch
  const end = first + (steps ?? batcher.stepsPerEpoch)
  if (!Number.isSafeInteger(end)) throw new InputError(`steps ${steps} from ${first} are not whole numbers`)
  // Two sizes at most: the full one, and the last batch's with `last: 'keep'`.
  const buffers = new Map<number, D>()
  for (let step = first; step < end; step++) {
    const indices = batcher.indicesAt(step)
    const batch = rows(dataset, indices, buffers.get(indices.length))
    if (reuse) buffers.set(indices.length, batch)
    yield batch
  }
}
