import { type NDArray, ndarray, sizeOf } from '../engine/array.ts'
import { allocate } from '../engine/dtype.ts'
import { InputError } from '../engine/errors.ts'

/** Columns with one common first dimension: row i of every column is example i. */
export type Dataset = Readonly<Record<string, NDArray>>

/**
 * The number of examples. @throws InputError if the columns disagree, or there are none.
 * @example
 * countOf({ x: zerosArray([5, 3]), y: zerosArray([5], 'int32') }) // 5
 */
export function countOf(dataset: Dataset): number {
  const columns = Object.entries(dataset)
  if (columns.length === 0) throw new InputError('the data set has no columns')
  const [[first, { shape }]] = columns
  for (const [name, column] of columns) {
    if (column.shape.length === 0) throw new InputError(`column "${name}" is a scalar; its first dimension must count the examples`)
    if (column.shape[0] !== shape[0])
      throw new InputError(`column "${name}" has ${column.shape[0]} rows, column "${first}" has ${shape[0]}`)
  }
  return shape[0]
}

/**
 * The examples at `indices`, in that order, repeats allowed. Every column keeps its dtype and its other dimensions.
 *
 * With `into`, a result of an earlier call with as many indices, its buffers are filled again and nothing is allocated.
 * @throws InputError for an index outside the data set, or an `into` of other sizes.
 * @example
 * const digits = generateDigits({ count: 10, seed: 0 })
 * rows({ x: digits.images, y: digits.labels }, [0, 7]).x.shape // [2, 28, 28]
 */
export function rows<D extends Dataset>(dataset: D, indices: ArrayLike<number>, into?: Dataset): D {
  const count = countOf(dataset)
  for (let i = 0; i < indices.length; i++) {
    if (!(Number.isInteger(indices[i]) && indices[i] >= 0 && indices[i] < count))
      throw new InputError(`there is no row ${indices[i]} among ${count}`)
  }
  const columns = Object.entries(dataset).map(([name, column]) => [name, gather(column, indices, into?.[name], name)])
  return Object.fromEntries(columns) as D
}

function gather({ shape, dtype, data }: NDArray, indices: ArrayLike<number>, into: NDArray | undefined, name: string): NDArray {
  const width = sizeOf(shape.slice(1))
  const target = into ?? ndarray(allocate(dtype, indices.length * width), [indices.length, ...shape.slice(1)], dtype)
  if (target.dtype !== dtype || target.data.length !== indices.length * width)
    throw new InputError(`the buffer for column "${name}" has another size or dtype`)
  for (let i = 0; i < indices.length; i++) target.data.set(data.subarray(indices[i] * width, (indices[i] + 1) * width), i * width)
  return target
}

/**
 * The first `count` examples (all, where there are fewer), as views that share the data.
 * @example
 * const digits = generateDigits({ count: 10, seed: 0 })
 * take({ x: digits.images, y: digits.labels }, 3).y.shape // [3]
 */
export function take<D extends Dataset>(dataset: D, count: number): D {
  const kept = Math.min(count, countOf(dataset))
  if (!Number.isInteger(kept) || kept < 0) throw new InputError(`cannot take ${count} rows; give a whole number, 0 or more`)
  const columns = Object.entries(dataset).map(([name, { shape, dtype, data }]) => {
    return [name, ndarray(data.subarray(0, kept * sizeOf(shape.slice(1))), [kept, ...shape.slice(1)], dtype)]
  })
  return Object.fromEntries(columns) as D
}

/**
 * Copies of the two parts of a data set; `part` names the side of each example by its index, so that the split never depends on chance or on order of reading.
 * @example
 * const digits = generateDigits({ count: 10, seed: 0 })
 * const { train, test } = splitBy({ x: digits.images, y: digits.labels }, (index) => (index % 5 === 0 ? 'test' : 'train'))
 * test.y.shape // [2]
 */
export function splitBy<D extends Dataset>(dataset: D, part: (index: number) => 'train' | 'test'): { train: D; test: D } {
  const indices = { train: [] as number[], test: [] as number[] }
  for (let i = 0; i < countOf(dataset); i++) indices[part(i)].push(i)
  return { train: rows(dataset, indices.train), test: rows(dataset, indices.test) }
}
