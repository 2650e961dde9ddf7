import { InputError, matmul, maximum, type NDArray, ndarray, sqrt, sum } from '../../engine/index.ts'
import { blocks, centredPair, squaredDistances } from './nearest.ts'
import { onMatrices } from './programs.ts'
import { drawsOf } from './subsets.ts'

/* Distances between two sets of points [n, ...] and [m, ...] without a feature network: for toy data, latents, and as a second opinion. */

export interface SlicedOptions {
  /** Random directions. Default: 128. */
  readonly projections?: number
  /** p of W_p. Default: 2. */
  readonly order?: 1 | 2
  readonly seed?: number
}

const projected = onMatrices((x, directions) => [matmul(x, directions)], 'n width', 'width count')

/**
 * The sliced Wasserstein distance (E W_pᵖ of projections on random directions)^(1/p). A shift by δ in d dimensions alone gives about |δ| / √d for p = 2.
 *
 * @throws InputError for points of unlike dimensions.
 * @example
 * const line = (...data: number[]) => ({ data: Float32Array.from(data), shape: [data.length, 1], dtype: 'float32' }) as const
 * await slicedWasserstein(line(0, 1), line(3, 4)) // 3
 */
export async function slicedWasserstein(
  a: NDArray,
  b: NDArray,
  { projections = 128, order = 2, seed = 0 }: SlicedOptions = {},
): Promise<number> {
  if (!Number.isInteger(projections) || projections < 1) throw new InputError(`${projections} projections are no number of directions`)
  const [x, y] = centredPair(a, b)
  const directions = unitVectors(x.shape[1], projections, seed)
  const [{ data: p }] = await projected(x, directions)
  const [{ data: q }] = await projected(y, directions)
  let total = 0
  for (let k = 0; k < projections; k++) total += wasserstein(column(p, k, projections), column(q, k, projections), order)
  return (total / projections) ** (1 / order)
}

const column = (data: ArrayLike<number>, k: number, width: number): Float64Array =>
  Float64Array.from({ length: data.length / width }, (_, i) => data[i * width + k])

/** Unit vectors as columns, [width, count]. */
function unitVectors(width: number, count: number, seed: number): NDArray {
  const random = drawsOf(seed)
  const data = new Float64Array(width * count)
  for (let k = 0; k < count; k++) {
    const vector = Float64Array.from({ length: width }, () => random.normal())
    const length = Math.hypot(...vector)
    for (let j = 0; j < width; j++) data[j * count + k] = vector[j] / length
  }
  return ndarray(data, [width, count], 'float64')
}

/** W_pᵖ on a line: the p-th power of the difference of the quantile functions, integrated. */
function wasserstein(a: Float64Array, b: Float64Array, order: number): number {
  a.sort()
  b.sort()
  let [total, at, i, j] = [0, 0, 0, 0]
  while (i < a.length && j < b.length) {
    // Compared as whole numbers, so that equal places of both are met together.
    const [endA, endB] = [(i + 1) * b.length, (j + 1) * a.length]
    const end = Math.min(endA, endB)
    total += ((end - at) / (a.length * b.length)) * Math.abs(a[i] - b[j]) ** order
    at = end
    if (endA === end) i++
    if (endB === end) j++
  }
  return total
}

const totalDistance = onMatrices((x, y) => [sum(sqrt(maximum(squaredDistances(x, y), 0)))], 'n width', 'm width')

async function meanDistance(a: NDArray, b: NDArray): Promise<number> {
  const [x, y] = centredPair(a, b)
  let total = 0
  for (const [, block] of blocks(x, y.shape[0])) total += (await totalDistance(block, y))[0].data[0]
  return total / (x.shape[0] * y.shape[0])
}

/**
 * The energy distance 2 E|X − Y| − E|X − X′| − E|Y − Y′| (Székely & Rizzo 2013), over all pairs, each point with itself too: never below 0, and 0 for equal
 * sets alone. No root is taken.
 *
 * @throws InputError for points of unlike dimensions.
 * @example
 * const line = (...data: number[]) => ({ data: Float32Array.from(data), shape: [data.length, 1], dtype: 'float32' }) as const
 * await energyDistance(line(0), line(3)) // 6
 */
export async function energyDistance(a: NDArray, b: NDArray): Promise<number> {
  return 2 * (await meanDistance(a, b)) - (await meanDistance(a, a)) - (await meanDistance(b, b))
}
