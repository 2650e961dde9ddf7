import type { Statistic } from './estimate.ts'

/**
 * Seeds below which a statistic's interval is not trusted, whatever the number of strata: the interval of a mean with 95 % by construction for normal
 * values; the bootstrap where its simulated coverage, for normal and for skewed scores, one stratum and five, comes to 90 % (coverage.test.ts holds
 * that, docs/verdicts.md has the table). More strata do not help: within each, the bootstrap sees as few values.
 */
export const minimumRuns: Readonly<Record<Statistic, number>> = { mean: 3, iqm: 10, improvement: 5 }

/** Seeds below which nothing is judged, except a claim that is declared deterministic. */
export const minimumSeeds = minimumRuns.mean

/** Whether so many seeds, and for `improvement` so many of the baseline, are enough. */
export const isEnough = (statistic: Statistic, runs: number, rivals: number): boolean =>
  runs >= minimumRuns[statistic] && (statistic !== 'improvement' || rivals >= minimumRuns.improvement)
