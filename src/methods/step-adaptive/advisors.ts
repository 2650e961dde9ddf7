import { draws, seedKey } from '../../data/draws.ts'
import { foldKey } from '../../engine/threefry.ts'
import { bestOf, type MemoryBank } from './memory-bank.ts'
import type { PrunablePart } from './pruning-plan.ts'

/** What an advisor is told of a group. */
export interface PruningTask {
  readonly group: number
  readonly parts: readonly PrunablePart[]
  /** Importance of each unit of each part. */
  readonly scores: readonly ArrayLike<number>[]
  /** Multiply-accumulates of the network, and those that may stay. */
  readonly total: number
  readonly target: number
  /** Rounds in all. */
  readonly rounds: number
}

/** Kept shares, one a part; only their proportions count, for the budget is met by projection. */
export type Proposal = { readonly ratios: readonly number[]; readonly note?: string } | { readonly rejected: string }

/** Proposes how to prune, with the memory of what earlier proposals came to. */
export interface PruneAdvisor {
  readonly name: string
  /** What tells the units of a part apart. */
  readonly importance: 'magnitude' | 'taylor'
  propose(task: PruningTask, bank: MemoryBank, round: number): Promise<Proposal>
}

/**
 * The ways to prune that there are, by name.
 *
 * @example
 * advisorNames // ['magnitude', 'taylor', 'search', 'llm']
 */
export const advisorNames = ['magnitude', 'taylor', 'search', 'llm'] as const

/**
 * Kept shares by importance: the first proposal shrinks all parts alike, later ones lean more and more to the parts whose units matter more (shares in
 * proportion to the mean importance to the power 0 … ½).
 *
 * @example
 * importanceAdvisor('taylor').importance // 'taylor'
 */
export const importanceAdvisor = (importance: PruneAdvisor['importance']): PruneAdvisor => ({
  name: importance,
  importance,
  async propose({ scores, rounds }, _, round) {
    const power = rounds === 1 ? 0 : (0.5 * (round - 1)) / (rounds - 1)
    const means = scores.map((all) => Array.from(all).reduce((sum, score) => sum + score, 0) / all.length)
    const most = Math.max(...means)
    return { ratios: means.map((mean) => Math.max(leastRatio, mean / most) ** power) }
  },
})

/** Kept shares that are asked for lie between it and 1. */
export const leastRatio = 0.1

/** Deviation of the logarithm of a kept share, from a parent to its child. */
const mutation = 0.3

const searchUse = 0x73656172

/**
 * A seeded evolutionary search: all parts alike first, then children of the best proposal so far, their kept shares multiplied with log-normal noise.
 *
 * @example
 * searchAdvisor(0).name // 'search'
 */
export const searchAdvisor = (seed: number): PruneAdvisor => ({
  name: 'search',
  importance: 'magnitude',
  async propose({ parts, group }, bank, round) {
    const parent = bestOf(bank)
    if (!parent) return { ratios: parts.map(() => 1) }
    const from = draws(foldKey(foldKey(seedKey(seed, searchUse), group), round))
    const kept = parts.map(({ units }, i) => parent.counts![i] / units)
    return { ratios: kept.map((ratio) => Math.min(1, Math.max(leastRatio, ratio * Math.exp(mutation * from.normal())))) }
  },
})
