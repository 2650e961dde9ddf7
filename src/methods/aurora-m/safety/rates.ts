import { draws, seedKey } from '../../../data/draws.ts'

/** So many of so many. */
export interface Count {
  readonly hits: number
  readonly of: number
}

export type Interval = readonly [low: number, high: number]

/** The 97.5th percentile of the standard normal distribution. */
const z = 1.959963984540054

/**
 * The 95 % interval of Wilson (1927) for a probability, of independent trials. Unlike the one of the normal approximation it never leaves [0, 1], and has
 * a width where all or none hit.
 *
 * @example
 * wilson({ hits: 186, of: 192 }) // [0.9335, 0.9856]
 */
export function wilson({ hits, of }: Count): Interval {
  if (of === 0) return [0, 1]
  const p = hits / of
  const spread = z * Math.sqrt((p * (1 - p)) / of + (z / (2 * of)) ** 2)
  const scale = 1 + z ** 2 / of
  const middle = p + z ** 2 / (2 * of)
  return [hits === 0 ? 0 : (middle - spread) / scale, hits === of ? 1 : (middle + spread) / scale]
}

const bootstrapUse = 0x6f626a65

/**
 * The 95 % interval of a rate whose trials come in groups that resemble each other, such as the questions about one object: whole groups are drawn again
 * (the cluster bootstrap, percentiles of 10,000). The draws follow from a fixed key.
 *
 * @example
 * groupInterval([{ hits: 4, of: 4 }, { hits: 0, of: 4 }, { hits: 3, of: 4 }]) // [0, 1]
 */
export function groupInterval(groups: readonly Count[], resamples = 10_000): Interval {
  if (groups.length === 0) return [0, 1]
  const random = draws(seedKey(0, bootstrapUse))
  const rates = Float64Array.from({ length: resamples }, () => {
    let [hits, of] = [0, 0]
    for (let i = 0; i < groups.length; i++) {
      const group = groups[random.integer(groups.length)]
      hits += group.hits
      of += group.of
    }
    return hits / of
  }).sort()
  const at = (share: number) => rates[Math.min(resamples - 1, Math.floor(share * resamples))]
  return [at(0.025), at(0.975)]
}

export const rateOf = ({ hits, of }: Count): number => hits / of

export const pooled = (counts: readonly Count[]): Count => ({
  hits: counts.reduce((sum, { hits }) => sum + hits, 0),
  of: counts.reduce((sum, { of }) => sum + of, 0),
})
