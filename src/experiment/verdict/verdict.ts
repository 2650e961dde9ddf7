import { type Summary, summarize } from './statistics.ts'

export type Verdict = 'holds' | 'fails' | 'undecided'

/** Seeds below which nothing is judged, except a claim that is declared deterministic. */
export const minimumSeeds = 3

export interface Bar {
  readonly threshold: number
  readonly direction: 'atLeast' | 'atMost'
  /** `interval` (default): the interval of the mean decides. `everySeed`: besides, every single seed must pass. */
  readonly judge?: 'interval' | 'everySeed'
  /** The quantity is deterministic, so that one value decides. */
  readonly single?: boolean
}

export type Reason = 'wrongSide' | 'straddles' | 'seedBelow' | 'tooFewSeeds' | 'notFinite' | 'missing'

export interface Judgement extends Summary {
  readonly verdict: Verdict
  /** Why it is not `holds`. */
  readonly reason?: Reason
}

export const passes = (value: number, { threshold, direction }: Bar): boolean =>
  direction === 'atLeast' ? value >= threshold : value <= threshold

/**
 * Judges the values of all seeds against a bar, which itself counts as passing.
 *
 * - **holds**: the whole 95 % interval of the mean passes (and with `everySeed` each value does).
 * - **fails**: the whole interval does not pass, or a value is NaN or infinite.
 * - **undecided**: the interval straddles the bar, or (`everySeed`) some seed does not pass, or there are fewer than three seeds.
 *
 * A straddling interval is thus never a pass, in either mode.
 * @example judge([0.58, 0.578, 0.577], { threshold: 0.5, direction: 'atLeast' }).verdict   // 'holds'
 */
export function judge(values: readonly number[], bar: Bar): Judgement {
  const summary = summarize(values)
  if (values.length === 0) return { ...summary, verdict: 'undecided', reason: 'missing' }
  if (!values.every(Number.isFinite)) return { ...summary, ci95: undefined, verdict: 'fails', reason: 'notFinite' }
  if (bar.single && values.every((value) => value === values[0])) return { ...judgeOne(values[0], bar), n: values.length, values }
  if (values.length < minimumSeeds) return { ...summary, verdict: 'undecided', reason: 'tooFewSeeds' }
  return judgeInterval(summary, bar)
}

function judgeOne(value: number, bar: Bar): Judgement {
  const verdict = passes(value, bar) ? 'holds' : 'fails'
  return { mean: value, ci95: [value, value], n: 1, values: [value], verdict, ...(verdict === 'fails' && { reason: 'wrongSide' as const }) }
}

function judgeInterval(summary: Summary, bar: Bar): Judgement {
  const [low, high] = summary.ci95!
  const ends = [passes(low, bar), passes(high, bar)]
  if (!ends[0] && !ends[1]) return { ...summary, verdict: 'fails', reason: 'wrongSide' }
  if (!ends[0] || !ends[1]) return { ...summary, verdict: 'undecided', reason: 'straddles' }
  if (bar.judge === 'everySeed' && !summary.values.every((value) => passes(value, bar)))
    return { ...summary, verdict: 'undecided', reason: 'seedBelow' }
  return { ...summary, verdict: 'holds' }
}
