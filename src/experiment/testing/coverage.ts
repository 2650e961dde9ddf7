import { type Draws, draws, seedKey } from '../../data/draws.ts'
import { estimate, type Statistic } from '../verdict/estimate.ts'
import { interquartileMean } from '../verdict/robust.ts'

/*
 * How often the 95 % interval of a statistic holds the true value. Each stratum is a task of its own level, a standard deviation above the one before;
 * scores scatter about it normally, or as a lognormal variable does, with a long tail upwards.
 */

export const shapes = ['normal', 'skewed'] as const
export type Shape = (typeof shapes)[number]

export interface Cell {
  readonly statistic: Statistic
  readonly shape: Shape
  readonly strata: number
  readonly seeds: number
  /** Of `improvement`: the true probability. Default 0.5. */
  readonly probability?: 0.5 | 0.9
}

/** Φ⁻¹(0.9) √2: two normal variables so far apart are in this order nine times of ten. */
const shifts = { 0.5: 0, 0.9: 1.8123876 } as const

const drawn = (random: Draws, shape: Shape, shift = 0): number =>
  shape === 'normal' ? random.normal() + shift : Math.exp(random.normal() + shift)

/** The value that the statistic would have with infinitely many seeds; of the interquartile mean from 200,000 draws. */
export function truth({ statistic, shape, strata, probability = 0.5 }: Cell): number {
  if (statistic === 'improvement') return probability
  const level = (strata - 1) / 2
  if (statistic === 'mean') return level + (shape === 'normal' ? 0 : Math.exp(0.5))
  const random = draws(seedKey(1, 0))
  return interquartileMean(Float64Array.from({ length: 200_000 }, (_, i) => drawn(random, shape) + (i % strata)))
}

/** The share of `repeats` experiments whose interval holds the truth, with fewer resamples than a verdict has. */
export function coverage(cell: Cell, { repeats = 500, resamples = 200 } = {}): number {
  const { statistic, shape, strata, seeds, probability = 0.5 } = cell
  const value = truth(cell)
  const random = draws(seedKey(2, 0))
  const experiment = (shift: number) =>
    Array.from({ length: seeds }, () =>
      Object.fromEntries(Array.from({ length: strata }, (_, level) => [String(level), drawn(random, shape, shift) + level])),
    )
  let held = 0
  for (let i = 0; i < repeats; i++) {
    const { ci95 } = estimate(experiment(shifts[probability]), statistic, experiment(0), resamples)
    if (ci95![0] <= value && value <= ci95![1]) held++
  }
  return held / repeats
}
