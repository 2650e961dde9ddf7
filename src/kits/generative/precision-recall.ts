import { any, cast, greaterEqual, type NDArray, ndarray, sub, sum } from '../../engine/index.ts'
import { blocks, centredPair, nearest, squaredDistances } from './nearest.ts'
import { onMatrices } from './programs.ts'
import { type Features, requireAlike } from './scores.ts'

/** All between 0 and 1, but density, which can be larger. */
export interface PrecisionRecall {
  /** Share of samples within the k-th-neighbour ball of a real example: quality. */
  readonly precision: number
  /** Share of real examples within the k-th-neighbour ball of a sample: variety. */
  readonly recall: number
  /** Balls of real examples that hold a sample, over k: as precision, but one outlier among the real examples counts little. */
  readonly density: number
  /** Share of real examples in whose ball a sample lies. */
  readonly coverage: number
  readonly n: number
  readonly real: number
  readonly network: string
}

/** Of each query: how many of the balls about y hold it; of each ball: whether it holds one. */
const ballsAround = onMatrices(
  (x, y, radii) => {
    const inside = greaterEqual(sub(radii, squaredDistances(x, y)), 0)
    return [sum(cast(inside, 'float64'), { axes: 1 }), any(inside, { axes: 0 })]
  },
  'n width',
  'm width',
  '1 m',
)

/**
 * Precision and recall of samples by k nearest neighbours (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020).
 *
 * They depend on n and k: compare equal ones only.
 *
 * @throws InputError for features of two networks, or no more than k rows.
 * @example
 * const real = bareFeatures({ data: Float32Array.of(0, 1, 2, 3, 4), shape: [5, 1], dtype: 'float32' })
 * const { precision, recall } = await precisionRecall(real, real)
 * precision // 1
 */
export async function precisionRecall(samples: Features, real: Features, { k = 3 }: { k?: number } = {}): Promise<PrecisionRecall> {
  requireAlike(samples, real, k + 1)
  const counts = await countInside(samples.rows, real.rows, k)
  const back = await countInside(real.rows, samples.rows, k)
  const [n, m] = [samples.rows.shape[0], real.rows.shape[0]]
  const share = (inside: ArrayLike<number>) => Array.from(inside).filter((count) => count > 0).length / inside.length
  return {
    precision: share(counts.holding),
    recall: share(back.holding),
    density: counts.holding.reduce((total, count) => total + count, 0) / (k * n),
    coverage: share(counts.held),
    n,
    real: m,
    network: real.network,
  }
}

/** Which queries lie in the balls about `centres` that reach to their k-th neighbours. */
async function countInside(queries: NDArray, centres: NDArray, k: number): Promise<{ holding: Float64Array; held: Uint8Array }> {
  const [x, y] = centredPair(queries, centres)
  const radii = ndarray(await squaredRadii(centres, k), [1, y.shape[0]], 'float64')
  const found = { holding: new Float64Array(x.shape[0]), held: new Uint8Array(y.shape[0]) }
  for (const [from, block] of blocks(x, y.shape[0])) {
    const [counts, reached] = await ballsAround(block, y, radii)
    found.holding.set(counts.data, from)
    for (let j = 0; j < found.held.length; j++) if (reached.data[j]) found.held[j] = 1
  }
  return found
}

/** A little larger, so that a sample that is a neighbour itself lies inside whatever the rounding. */
const slack = 1 + 1e-9

async function squaredRadii(centres: NDArray, k: number): Promise<Float64Array> {
  const { distances } = await nearest(centres, centres, k)
  return Float64Array.from({ length: centres.shape[0] }, (_, i) => slack * distances[i * k + k - 1] ** 2)
}
