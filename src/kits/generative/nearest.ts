import {
  concat,
  fromArray,
  InputError,
  jit,
  matmul,
  mul,
  type NDArray,
  ndarray,
  onesLike,
  square,
  sum,
  swapLast,
  type Tensor,
  topK,
} from '../../engine/index.ts'
import { meanOf } from './moments.ts'
import { onMatrices } from './programs.ts'
import { flat } from './scores.ts'

/** The nearest references of each query, the nearest first. */
export interface Neighbours {
  /** Euclidean, float64 [queries, k], row-major. */
  readonly distances: Float64Array
  /** Rows of the references, [queries, k]. */
  readonly indices: Int32Array
  readonly k: number
}

/** Queries × references of one block of squared distances, at most: 64 MB in float64. */
const blockSize = 2 ** 23

/**
 * |x − y|² of all rows of two sets as one product of matrices, [−2x, |x|², 1] · [y, 1, |y|²]ᵀ: passes over all pairs cost more than the product. By rounding
 * a little below 0 where it should be 0.
 */
export const squaredDistances = (x: Tensor, y: Tensor): Tensor => {
  const length = (z: Tensor) => sum(square(z), { axes: 1, keepDims: true })
  const one = (z: Tensor) => onesLike(length(z))
  return matmul(concat([mul(x, -2), length(x), one(x)], { axis: 1 }), swapLast(concat([y, one(y), length(y)], { axis: 1 })))
}

type Search = (x: NDArray, y: NDArray) => Promise<NDArray[]>

const searches = new Map<number, Search>()

/** The program that finds k neighbours. */
function searchOf(k: number): Search {
  const known = searches.get(k)
  if (known) return known
  const find = (x: Tensor, y: Tensor) => {
    const { values, indices } = topK(squaredDistances(x, y), k, { largest: false })
    return [values, indices]
  }
  const search = k <= mostOfOpen ? onMatrices(find, 'n width', 'm width') : ofTheseSizes(find)
  searches.set(k, search)
  return search
}

/** A program for any number of references is traced with some, which must be enough for k. */
const mostOfOpen = 256

/** Compiled anew for each size. */
function ofTheseSizes(find: (x: Tensor, y: Tensor) => Tensor[]): Search {
  const compiled = jit(find)
  return (x, y) => Promise.all(compiled(fromArray(x), fromArray(y)).map((found) => found.ndarray()))
}

/**
 * The k nearest rows of `references` to each row of `queries`, by blocks of matrix products in float64. Where both are the same array, a row is not its own
 * neighbour.
 *
 * @throws InputError for sets of unlike rows, or fewer references than k.
 * @example
 * const line = { data: Float32Array.of(0, 1, 3), shape: [3, 1], dtype: 'float32' } as const
 * const { distances } = await nearest(line, line)
 * distances // Float64Array [1, 1, 2]
 */
export async function nearest(queries: NDArray, references: NDArray, k = 1): Promise<Neighbours> {
  const own = queries === references
  const [x, y] = centredPair(queries, references)
  const [n, m] = [x.shape[0], y.shape[0]]
  if (!Number.isInteger(k) || k < 1 || k + Number(own) > m)
    throw new InputError(`${k} neighbours cannot be found among ${m - Number(own)}`, { fix: 'give more examples, or a smaller k' })
  const found = { distances: new Float64Array(n * k), indices: new Int32Array(n * k), k }
  const asked = k + Number(own)
  for (const [from, block] of blocks(x, m)) {
    const [{ data: squares }, { data: places }] = await searchOf(asked)(block, y)
    for (let row = 0; row < block.shape[0]; row++) keep(found, from + row, { squares, places, offset: row * asked, own })
  }
  return found
}

interface Found {
  readonly squares: ArrayLike<number>
  readonly places: ArrayLike<number>
  readonly offset: number
  readonly own: boolean
}

/** Copies the neighbours of one query, without itself. */
function keep({ distances, indices, k }: Neighbours, query: number, { squares, places, offset, own }: Found): void {
  let kept = 0
  for (let j = offset; kept < k; j++) {
    // Of several equal rows, itself may come after another or not at all; then the last one found is left out.
    if (own && places[j] === query) continue
    distances[query * k + kept] = Math.sqrt(Math.max(squares[j], 0))
    indices[query * k + kept] = places[j]
    kept++
  }
}

/** Blocks of rows whose distances to `m` others fit the memory, with the first row's number. */
export function* blocks({ shape: [n, width], data }: NDArray, m: number): Generator<[from: number, block: NDArray]> {
  const size = Math.max(1, Math.floor(blockSize / m))
  for (let from = 0; from < n; from += size) {
    const count = Math.min(size, n - from)
    yield [from, ndarray(data.subarray(from * width, (from + count) * width), [count, width], 'float64')]
  }
}

/** Both sets as float64 rows about the mean of the second, so that little is lost where distances are small beside the coordinates. */
export function centredPair(a: NDArray, b: NDArray): [NDArray, NDArray] {
  const [x, y] = [flat(a), flat(b)]
  const width = x.shape[1]
  if (width !== y.shape[1]) throw new InputError(`rows of ${width} and of ${y.shape[1]} numbers cannot be compared`)
  const mean = meanOf(y.data, width)
  const centred = ({ data, shape }: NDArray) =>
    ndarray(
      Float64Array.from(data, (value, i) => value - mean[i % width]),
      shape,
      'float64',
    )
  return [centred(x), a === b ? centred(x) : centred(y)]
}
