import type { PrunablePart } from './pruning-plan.ts'

/** One evaluation of a way to prune: a round of one group's search. */
export interface Trial {
  /** The group, from 0, and the round, from 1. */
  readonly group: number
  readonly round: number
  readonly advisor: string
  /** Kept shares as they were proposed, by part; nothing where the proposal could not be used. */
  readonly ratios?: readonly number[]
  /** Units kept after projection to the budget. */
  readonly counts?: readonly number[]
  readonly macs?: number
  /** Loss on the group's times after a short fine-tuning. */
  readonly loss?: number
  /** Why a proposal was changed or rejected. */
  readonly note?: string
}

/** The trials of a group, and which is the best so far. */
export type MemoryBank = readonly Trial[]

/**
 * The trial with the least loss.
 *
 * @example
 * const trial = { group: 0, advisor: 'search' }
 * bestOf([{ ...trial, round: 1, loss: 0.3 }, { ...trial, round: 2, loss: 0.2 }])?.round // 2
 */
export const bestOf = (bank: MemoryBank): Trial | undefined =>
  bank.reduce<Trial | undefined>((best, trial) => {
    if (trial.loss === undefined || !Number.isFinite(trial.loss)) return best
    return best === undefined || trial.loss < best.loss! ? trial : best
  }, undefined)

/** As lines of `memory_bank.jsonl`. */
export const bankText = (bank: MemoryBank): string => bank.map((trial) => `${JSON.stringify(trial)}\n`).join('')

/** The name of a part, as advisors and people know it. */
export const partName = ({ block, kind }: Pick<PrunablePart, 'block' | 'kind'>): string => `${block}.${kind}`
