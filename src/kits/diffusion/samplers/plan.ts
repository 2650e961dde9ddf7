import type { NoiseProcess } from '../process.ts'

/*
 * Score, ε and x̂₀ are three names of one thing, linear in each other. So every sampler of this folder moves by x ← a·x + b·x̂₀(x) + c·w, where w is noise or
 * an earlier state: samplers differ in three numbers a move, and one compiled graph serves them all. The numbers are found in float64, before anything is
 * sampled.
 */

/** One evaluation of the denoiser at `time`, and what follows from it: x ← a·x + b·x̂₀ + c·w. */
export interface Move {
  readonly time: number
  readonly a: number
  readonly b: number
  readonly c: number
  /** `start`: the state with which the step began, after its churn. Where c is 0 it does not matter. */
  readonly w: 'noise' | 'start'
  /** Where the variance is learned: c is multiplied by e to the growth times the share of the variance. */
  readonly growth?: number
}

/** From one time of a grid to the next. */
export interface Step {
  /** What happens first, without the denoiser: x ← scale·x + noise·z. */
  readonly churn?: { readonly scale: number; readonly noise: number }
  readonly moves: readonly Move[]
}

/** Plans the step from time `from` to time `to`, one of `steps`. */
export type StepPlanner = (process: NoiseProcess, from: number, to: number, steps: number) => Step

/** x ← a·x + b·x̂₀ + noise·z */
export const move = (time: number, a: number, b: number, noise = 0): Move => ({ time, a, b, c: noise, w: 'noise' })

/** x ← a·x + factor·∇log p + noise·z, where ∇log p = (signal·x̂₀ − x) / noise². */
export function moveByScore(process: NoiseProcess, time: number, a: number, factor: number, noise = 0): Move {
  const level = process.at(time)
  const scale = factor / level.noise ** 2
  return move(time, a - scale, scale * level.signal, noise)
}

/** The forward transition between two times of a process: x_from = scale · x_to + √variance · ε. */
export function transition(process: NoiseProcess, from: number, to: number): { readonly scale: number; readonly variance: number } {
  const [after, before] = [process.at(from), process.at(to)]
  const scale = after.signal / before.signal
  return { scale, variance: after.noise ** 2 - (scale * before.noise) ** 2 }
}

/** Draws of noise that a step needs, at most. */
export const drawsOf = (steps: readonly Step[]): number =>
  Math.max(1, ...steps.map(({ churn, moves }) => Number(churn !== undefined) + moves.filter(({ w }) => w === 'noise').length))
