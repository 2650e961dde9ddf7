import { isEnough, minimumSeeds } from './enough.ts'
import { type Estimate, estimate, type Statistic } from './estimate.ts'
import type { Score } from './scores.ts'

export type Verdict = 'holds' | 'fails' | 'undecided'

export interface Bar {
  readonly threshold: number
  readonly direction: 'atLeast' | 'atMost'
  /** What of the seeds' numbers is held against the threshold. Default `mean`. */
  readonly statistic?: Statistic
  /** `interval` (default): the statistic's interval decides. `everySeed`: besides, every single seed must pass. */
  readonly judge?: 'interval' | 'everySeed'
  /** The quantity is deterministic, so that one value decides. */
  readonly single?: boolean
}

export type Reason = 'wrongSide' | 'straddles' | 'seedBelow' | 'tooFewSeeds' | 'tooFewRuns' | 'notFinite' | 'missing'

export interface Judgement extends Estimate {
  readonly verdict: Verdict
  /** Why it is not `holds`. */
  readonly reason?: Reason
}

export const passes = (value: number, { threshold, direction }: Bar): boolean =>
  direction === 'atLeast' ? value >= threshold : value <= threshold

/**
 * Judges the scores of all seeds against a bar, which itself counts as passing. `rival`: the baseline's scores, for the statistic `improvement`.
 *
 * - **holds**: the whole 95 % interval of the statistic passes (and with `everySeed` each seed does).
 * - **fails**: the whole interval does not pass, or a score is NaN or infinite.
 * - **undecided**: the interval straddles the bar, or (`everySeed`) some seed does not pass, or there are fewer than three seeds, or too few for the
 *   bootstrap to be trusted.
 *
 * A straddling interval is thus never a pass, in either mode.
 * @example judge([0.58, 0.578, 0.577], { threshold: 0.5, direction: 'atLeast' }).verdict   // 'holds'
 */
export function judge(scores: readonly Score[], bar: Bar, rival: readonly Score[] = []): Judgement {
  if (scores.length === 0) return { ...estimate([], 'mean'), verdict: 'undecided', reason: 'missing' }
  const found = estimate(scores, bar.statistic, rival)
  if (!found.values.every(Number.isFinite)) return { ...found, ci95: undefined, verdict: 'fails', reason: 'notFinite' }
  if (bar.single && found.values.every((value) => value === found.values[0])) return judgeSingle(found, bar)
  if (scores.length < minimumSeeds) return { ...found, verdict: 'undecided', reason: 'tooFewSeeds' }
  if (!isEnough(found.statistic, scores.length, rival.length)) return { ...found, verdict: 'undecided', reason: 'tooFewRuns' }
  return judgeInterval(found, bar)
}

function judgeSingle(found: Estimate, bar: Bar): Judgement {
  const [value] = found.values
  const verdict = passes(value, bar) ? 'holds' : 'fails'
  const point = { ...found, interval: 'none', estimate: value, mean: value, ci95: [value, value] } as const
  return { ...point, verdict, ...(verdict === 'fails' && { reason: 'wrongSide' as const }) }
}

function judgeInterval(found: Estimate, bar: Bar): Judgement {
  const [low, high] = found.ci95!
  const ends = [passes(low, bar), passes(high, bar)]
  if (!ends[0] && !ends[1]) return { ...found, verdict: 'fails', reason: 'wrongSide' }
  if (!ends[0] || !ends[1]) return { ...found, verdict: 'undecided', reason: 'straddles' }
  if (bar.judge === 'everySeed' && !found.values.every((value) => passes(value, bar)))
    return { ...found, verdict: 'undecided', reason: 'seedBelow' }
  return { ...found, verdict: 'holds' }
}
