import { deviation, mean, studentT, summarize } from '../../verdict/statistics.ts'

/** Values of one run, and the seed of each; a value that is not finite is null. */
export interface Sample {
  readonly values: readonly (number | null)[]
  readonly seeds: readonly number[]
}

/**
 * How a difference was reached. paired: seed by seed. welch: two independent samples. exact: both are one and the same number for every seed.
 * none: too few values for an interval. point: of another statistic than the mean, without an interval.
 */
export type Method = 'paired' | 'welch' | 'exact' | 'none' | 'point'

/** B − A of two means. */
export interface MeanDifference {
  readonly mean: number | null
  readonly ci95: readonly [number, number] | null
  readonly method: Method
}

const samples = ({ values }: Sample): readonly number[] | undefined =>
  values.length > 0 && values.every((value) => value !== null && Number.isFinite(value)) ? (values as readonly number[]) : undefined

const sameSeeds = (a: Sample, b: Sample): boolean =>
  a.seeds.length === a.values.length && a.seeds.length === b.seeds.length && a.seeds.every((seed) => b.seeds.includes(seed))

/**
 * How much larger the mean of B is than that of A, with its 95 % interval: paired where both have the same seeds, since a seed's draws are common to
 * both; else Welch's, which lets the two have different variances and rounds no degrees of freedom.
 * @example meanDifference({ values: [1, 2, 3], seeds: [0, 1, 2] }, { values: [2, 3, 4], seeds: [0, 1, 2] })   // mean 1, ci95 [1, 1], paired
 */
export function meanDifference(a: Sample, b: Sample): MeanDifference {
  const [first, second] = [samples(a), samples(b)]
  if (!first || !second) return { mean: null, ci95: null, method: 'none' }
  const centre = mean(second) - mean(first)
  if (first.length < 2 || second.length < 2) return { mean: centre, ci95: null, method: 'none' }
  if (deviation(first) === 0 && deviation(second) === 0) {
    const exact = second[0] - first[0]
    return { mean: exact, ci95: [exact, exact], method: 'exact' }
  }
  return sameSeeds(a, b) ? paired(a, b, first) : welch(first, second, centre)
}

function paired(a: Sample, b: Sample, first: readonly number[]): MeanDifference {
  const differences = first.map((value, i) => b.values[b.seeds.indexOf(a.seeds[i])]! - value)
  const { mean: centre, ci95 } = summarize(differences)
  return { mean: centre, ci95: ci95 ?? null, method: 'paired' }
}

/** Welch's interval, with the degrees of freedom of Satterthwaite. */
function welch(first: readonly number[], second: readonly number[], centre: number): MeanDifference {
  const [own, other] = [first, second].map((values) => deviation(values) ** 2 / values.length)
  const variance = own + other
  const share = variance > 0 ? own / variance : 1
  const freedom = 1 / (share ** 2 / (first.length - 1) + (1 - share) ** 2 / (second.length - 1))
  const half = studentT(0.95, freedom) * Math.sqrt(variance)
  return { mean: centre, ci95: [centre - half, centre + half], method: 'welch' }
}
