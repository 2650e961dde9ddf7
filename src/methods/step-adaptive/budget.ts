import { InputError } from '../../engine/index.ts'
import type { StepGroup } from './groups.ts'

/**
 * The share of the base model's operations that a group keeps: i/N + (N − i)/N · k for the i-th easiest of N. The hardest keeps all.
 *
 * @throws InputError for a retained share outside of (0, 1].
 * @example
 * [1, 2, 3, 4, 5].map((i) => shareOf(i, 5, 0.5)) // [0.6, 0.7, 0.8, 0.9, 1]
 */
export function shareOf(difficulty: number, count: number, retained: number): number {
  if (!(retained > 0 && retained <= 1))
    throw new InputError(`a retained share of ${retained}`, { where: 'k', fix: 'give a number above 0 and at most 1' })
  return (difficulty + (count - difficulty) * retained) / count
}

/**
 * The mean of `shareOf` over N groups: (N + 1)/2N + k (N − 1)/2N.
 *
 * @example
 * meanShare(5, 0.5) // 0.8
 */
export const meanShare = (count: number, retained: number): number => (count + 1 + (count - 1) * retained) / (2 * count)

/**
 * The retained share k with which N groups keep so much in the mean.
 *
 * @throws InputError for a mean that no k in (0, 1] gives.
 * @example
 * retainedFor(0.8, 5) // 0.5
 */
export function retainedFor(mean: number, count: number): number {
  const retained = count === 1 ? (mean === 1 ? 1 : Number.NaN) : (2 * count * mean - count - 1) / (count - 1)
  if (retained > 0 && retained <= 1 + 1e-12) return Math.min(1, retained)
  const least = count === 1 ? 1 : (count + 1) / (2 * count)
  throw new InputError(`${count} groups cannot keep ${mean} of the operations in the mean: the hardest group keeps all`, {
    fix: `give more than ${least.toFixed(3)} and at most 1`,
  })
}

/** How a budget is spread over groups: by the rule, alike, the wrong way round, or nothing is cut. */
export const sizings = ['difficulty', 'equal', 'reversed', 'none'] as const
export type Sizing = (typeof sizings)[number]

/**
 * The share that each group keeps; all ways but `none` keep as much in the mean.
 *
 * @example
 * sharesOf([{ difficulty: 2 }, { difficulty: 1 }], 'difficulty', 0.5) // [1, 0.75]
 */
export function sharesOf(groups: readonly Pick<StepGroup, 'difficulty'>[], sizing: Sizing, retained: number): number[] {
  const count = groups.length
  return groups.map(({ difficulty }) => {
    if (sizing === 'none') return 1
    if (sizing === 'equal') return meanShare(count, retained)
    return shareOf(sizing === 'reversed' ? count + 1 - difficulty : difficulty, count, retained)
  })
}

/**
 * The index of the group that a time falls into; times before the first and after the last are theirs.
 *
 * @example
 * groupAt([{ from: 1 }, { from: 201 }], 300) // 1
 */
export const groupAt = (groups: readonly Pick<StepGroup, 'from'>[], time: number): number =>
  Math.max(
    0,
    groups.findLastIndex(({ from }) => from <= time),
  )

/**
 * Operations of one sample, in units of those of the base a step, when these times are asked for: what a sampler with few steps really pays.
 *
 * @example
 * import { processOf } from 'quire/diffusion'
 *
 * const process = processOf({ kind: 'discrete', steps: 1000, schedule: 'cosine' })
 * const groups = planGroups(process, { count: 2, by: 'uniform' })
 * sampledShare(groups, [1, 0.5], [250, 500, 750, 1000]) // 0.75
 */
export const sampledShare = (groups: readonly StepGroup[], shares: readonly number[], times: readonly number[]): number =>
  times.reduce((sum, time) => sum + shares[groupAt(groups, time)], 0) / times.length
