import { mean } from './statistics.ts'

/** What a claim measures of one seed: a number, or a number for each stratum (a task, a data set), by its name. */
export type Score = number | Readonly<Record<string, number>>

/** Scores by stratum, those of the seeds in order. */
export type Strata = Readonly<Record<string, readonly number[]>>

/** The name of the only stratum of plain numbers. */
export const onlyStratum = 'all'

/** A seed that lacks a stratum that others have has no number there; a plain number beside others' strata, such as that of a seed that diverged, stands for each. */
export function strataOf(scores: readonly Score[]): Strata {
  const named = new Set(scores.flatMap((score) => (typeof score === 'number' ? [] : Object.keys(score))))
  const names = named.size > 0 ? [...named].sort() : [onlyStratum]
  const at = (score: Score, name: string) => (typeof score === 'number' ? score : (score[name] ?? Number.NaN))
  return Object.fromEntries(names.map((name) => [name, scores.map((score) => at(score, name))]))
}

/** Whether scores come by strata. */
export const isStratified = (scores: readonly Score[]): boolean => scores.some((score) => typeof score !== 'number')

/** One number a seed: the mean over strata, each counting alike. */
export function perSeed(strata: Strata): number[] {
  const columns = Object.values(strata)
  if (columns.length === 1) return [...columns[0]]
  return columns[0].map((_, seed) => mean(columns.map((column) => column[seed])))
}
