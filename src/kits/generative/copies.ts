import { InputError, type NDArray } from '../../engine/index.ts'
import { nearest } from './nearest.ts'
import { someRows } from './subsets.ts'

/** How close samples come to the training data. Shares of 0 to 1, distances Euclidean. */
export interface CopyReport {
  /** Share of samples that are closer to a training example than `threshold`. */
  readonly copyRate: number
  /** 0.5 × the median distance of a training example to its nearest other. */
  readonly threshold: number
  /** Share of samples that are farther from their nearest training example than that one is from its nearest other (Alaa et al. 2022). */
  readonly authenticity: number
  /** Where held-out examples were given: what the same says of them, who are certainly no copies. */
  readonly heldOut?: {
    readonly copyRate: number
    readonly authenticity: number
    /** Share of samples that are nearer to as many training as held-out examples: 0.5 where the training data are not preferred. */
    readonly nearerToTraining: number
  }
  /** Of each sample: the nearest training example, and how far it is. */
  readonly nearest: { readonly indices: Int32Array; readonly distances: Float64Array }
}

export interface CopyOptions {
  /** Real examples that were not trained on. */
  readonly heldOut?: NDArray
  /** Times the median train-train distance: what counts as a copy. Default: 0.5. */
  readonly factor?: number
  readonly seed?: number
}

/** What a set of samples, held against training examples, is found to be. */
export type CopyFinding = Pick<CopyReport, 'copyRate' | 'authenticity' | 'nearest'>

/** Training examples, whose distances from each other are found once for many sets of samples. */
export interface CopyDetector {
  readonly threshold: number
  judge(samples: NDArray): Promise<CopyFinding>
}

/**
 * Finds copies of training examples [m, ...] in any number of sets of samples; see {@link copies}.
 *
 * @throws InputError for fewer than two training examples.
 * @example
 * const detector = await copyDetector({ data: Float32Array.of(0, 1, 2, 3), shape: [4, 1], dtype: 'float32' })
 * const { copyRate } = await detector.judge({ data: Float32Array.of(0.1, 7), shape: [2, 1], dtype: 'float32' })
 * copyRate // 0.5
 */
export async function copyDetector(train: NDArray, { factor = 0.5 }: Pick<CopyOptions, 'factor'> = {}): Promise<CopyDetector> {
  if (!(factor > 0)) throw new InputError(`a factor of ${factor} finds no copies`, { fix: 'give a positive number' })
  const spacing = (await nearest(train, train)).distances
  const threshold = factor * median(spacing)
  return {
    threshold,
    async judge(samples) {
      const { distances, indices } = await nearest(samples, train)
      return {
        copyRate: shareOf(distances, (distance) => distance < threshold),
        authenticity: shareOf(distances, (distance, i) => distance > spacing[indices[i]]),
        nearest: { indices, distances },
      }
    },
  }
}

/**
 * Whether samples [n, ...] copy training examples [m, ...]: a generator that returns its training data has the best FID of all, so that FID alone says nothing.
 *
 * On pixels, or on any features; of the same kind for all arguments.
 *
 * @throws InputError for fewer than two training examples.
 * @example
 * const train = { data: Float32Array.of(0, 1, 2, 3), shape: [4, 1], dtype: 'float32' } as const
 * const { copyRate } = await copies({ data: Float32Array.of(0.1, 7), shape: [2, 1], dtype: 'float32' }, train)
 * copyRate // 0.5
 */
export async function copies(samples: NDArray, train: NDArray, { heldOut, factor, seed = 0 }: CopyOptions = {}): Promise<CopyReport> {
  const { threshold, judge } = await copyDetector(train, { factor })
  const report = { ...(await judge(samples)), threshold }
  if (!heldOut) return report
  const nearerToTraining = await preference(samples, train, heldOut, seed)
  const { copyRate, authenticity } = await judge(heldOut)
  return { ...report, heldOut: { copyRate, authenticity, nearerToTraining } }
}

/** Nearest neighbours among as many of both: more examples lie closer by chance. */
async function preference(samples: NDArray, train: NDArray, heldOut: NDArray, seed: number): Promise<number> {
  const count = Math.min(train.shape[0], heldOut.shape[0])
  const own = (await nearest(samples, someRows(train, count, seed, 0))).distances
  const other = (await nearest(samples, someRows(heldOut, count, seed, 1))).distances
  return shareOf(own, (distance, i) => distance < other[i]) + shareOf(own, (distance, i) => distance === other[i]) / 2
}

const shareOf = (values: Float64Array, holds: (value: number, i: number) => boolean): number => values.filter(holds).length / values.length

function median(values: Float64Array): number {
  const sorted = values.toSorted()
  const half = sorted.length / 2
  return (sorted[Math.floor(half - 0.5)] + sorted[Math.floor(half)]) / 2
}
