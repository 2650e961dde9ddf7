import { summarize } from '../../experiment/index.ts'

/** What paired differences say: below 0 is better. */
export interface PairedVerdict {
  readonly verdict: 'better' | 'worse' | 'undecided'
  readonly mean: number
  /** 95 % interval of the mean, Student's t over the pairs. */
  readonly low: number
  readonly high: number
}

/**
 * The verdict on differences of pairs that share their noise: decided only where the interval leaves 0 out.
 *
 * @example
 * pairedVerdict([-0.3, -0.31, -0.29]).verdict // 'better'
 */
export function pairedVerdict(differences: readonly number[]): PairedVerdict {
  const { mean, ci95 } = summarize(differences)
  const [low, high] = ci95 ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  return { verdict: high < 0 ? 'better' : low > 0 ? 'worse' : 'undecided', mean, low, high }
}
