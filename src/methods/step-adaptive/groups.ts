import { InputError } from '../../engine/index.ts'
import type { NoiseProcess } from '../../kits/diffusion/index.ts'
import { similarGroups } from './clustering.ts'

/** Neighbouring times that have a denoiser of their own. */
export interface StepGroup {
  /** First time, and the first after it, in the process's own units. */
  readonly from: number
  readonly to: number
  /** 10 log₁₀ of the ratio of signal to noise in the middle of the group. */
  readonly snrDb: number
  /** From 1, the easiest (little signal: ε is nearly the input itself), to the number of groups. */
  readonly difficulty: number
}

/** How the times are cut into groups. The losses and similarities are those of a base model, on parts of equal share of the times. */
export type Grouping =
  /** Equally many steps. */
  | { readonly by: 'uniform' }
  /** Equal spans of the signal-to-noise ratio in decibels. */
  | { readonly by: 'equalSnrDb' }
  /** Equal shares of the summed loss. */
  | { readonly by: 'lossQuantile'; readonly losses: ArrayLike<number> }
  /** Gradients within a group as alike as can be; [bins][bins] cosines. */
  | { readonly by: 'gradientSimilarity'; readonly cosines: readonly ArrayLike<number>[] }

export const groupingNames = ['uniform', 'equalSnrDb', 'lossQuantile', 'gradientSimilarity'] as const

export type GroupOptions = Grouping & {
  readonly count: number
  /** Steps that a group has at least: equal decibels leave the last group of a cosine schedule one. Default: 20. */
  readonly minWidth?: number
}

/** Parts into which the times of a continuous process are cut; of a chain it is the steps. */
const continuousSteps = 1000

/** Times of training as numbered steps, from the least noise on. */
export interface NumberedSteps {
  readonly count: number
  /** Time at which step i begins; step `count` is the end. */
  timeOf(step: number): number
}

export function numberedSteps(process: NoiseProcess): NumberedSteps {
  const { config, times } = process
  if (config.kind === 'discrete') return { count: config.steps, timeOf: (step) => 1 + step }
  return { count: continuousSteps, timeOf: (step) => (step === continuousSteps ? times[1] : process.atShare(step / continuousSteps)) }
}

/**
 * 10 log₁₀(signal² / noise²) at a time.
 *
 * @example
 * import { processOf } from 'quire/diffusion'
 *
 * const process = processOf({ kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] })
 * snrDbAt(process, 0.1) // 20
 */
export function snrDbAt(process: NoiseProcess, time: number): number {
  const { signal, noise } = process.at(time)
  return 20 * Math.log10(signal / noise)
}

/**
 * Cuts the times of a process into `count` neighbouring groups, from little noise to much.
 *
 * @throws InputError where so many groups of the least width have no room.
 * @example
 * import { processOf } from 'quire/diffusion'
 *
 * const process = processOf({ kind: 'discrete', steps: 1000, schedule: 'cosine' })
 * planGroups(process, { count: 5, by: 'uniform' }).map(({ from }) => from) // [1, 201, 401, 601, 801]
 */
export function planGroups(process: NoiseProcess, { count, minWidth = 20, ...grouping }: GroupOptions): StepGroup[] {
  const steps = numberedSteps(process)
  if (!Number.isInteger(count) || count < 1) throw new InputError(`${count} groups: a whole number from 1 is needed`)
  if (!Number.isInteger(minWidth) || minWidth < 1) throw new InputError(`a least width of ${minWidth}: a whole number from 1 is needed`)
  if (count * minWidth > steps.count)
    throw new InputError(`${count} groups of at least ${minWidth} steps do not fit into ${steps.count}`, {
      fix: `take at most ${Math.max(1, Math.floor(steps.count / minWidth))} groups, or a smaller least width`,
    })
  return groupsAt(process, widened(cutsOf(process, steps, grouping as Grouping, count), steps.count, minWidth).map(steps.timeOf))
}

/**
 * Groups with these boundaries, rising; the first and the last are the ends of the process.
 *
 * @throws InputError for boundaries that do not rise or leave times out.
 * @example
 * import { processOf } from 'quire/diffusion'
 *
 * const process = processOf({ kind: 'discrete', steps: 1000, schedule: 'cosine' })
 * groupsAt(process, [1, 501, 1001]).map(({ difficulty }) => difficulty) // [2, 1]
 */
export function groupsAt(process: NoiseProcess, boundaries: readonly number[]): StepGroup[] {
  const { count, timeOf } = numberedSteps(process)
  const fall = boundaries.findIndex((time, i) => i > 0 && !(time > boundaries[i - 1]))
  if (boundaries.length < 2 || fall > 0)
    throw new InputError(`boundaries ${boundaries.join(', ')} are no groups`, {
      fix: 'give rising times, the ends of the process included',
    })
  if (boundaries[0] !== timeOf(0) || boundaries.at(-1) !== timeOf(count))
    throw new InputError(`groups from ${boundaries[0]} to ${boundaries.at(-1)} leave times out, or hold others`, {
      fix: `begin with ${timeOf(0)} and end with ${timeOf(count)}`,
    })
  const snr = boundaries.slice(1).map((to, i) => snrDbAt(process, middleOf(process, boundaries[i], to)))
  return snr.map((snrDb, i) => ({
    from: boundaries[i],
    to: boundaries[i + 1],
    snrDb,
    difficulty: snr.filter((other) => other < snrDb).length + 1,
  }))
}

/** The time in the middle of a group, by the share of training's draws. */
const middleOf = (process: NoiseProcess, from: number, to: number): number =>
  process.atShare((process.shareBelow(from) + process.shareBelow(to)) / 2)

/** Numbers of the steps at which groups begin, and the end. */
function cutsOf(process: NoiseProcess, steps: NumberedSteps, grouping: Grouping, count: number): number[] {
  switch (grouping.by) {
    case 'uniform':
      return equalShares(new Float64Array(steps.count).fill(1), count)
    case 'equalSnrDb':
      return equalDecibels(process, steps, count)
    case 'lossQuantile': {
      const { losses } = grouping
      return equalShares(
        Float64Array.from({ length: steps.count }, (_, i) => losses[Math.floor((i * losses.length) / steps.count)]),
        count,
      )
    }
    case 'gradientSimilarity': {
      const { cosines } = grouping
      return similarGroups(cosines, count).map((bin) => Math.round((bin * steps.count) / cosines.length))
    }
  }
}

/** Cuts at which the running sum passes 1/count, 2/count, … of the whole. */
function equalShares(weights: Float64Array, count: number): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (!(total > 0 && weights.every((weight) => weight >= 0)))
    throw new InputError('losses by which times are grouped are not negative, and not all zero')
  const cuts = [0]
  let sum = 0
  weights.forEach((weight, i) => {
    while (cuts.length < count && sum + weight / 2 >= (cuts.length / count) * total) cuts.push(i)
    sum += weight
  })
  return [...cuts, weights.length]
}

/** Cuts at equal distances of the decibels of the first and the last step. */
function equalDecibels(process: NoiseProcess, { count: all, timeOf }: NumberedSteps, count: number): number[] {
  const decibels = Array.from({ length: all }, (_, i) => snrDbAt(process, timeOf(i)))
  const [first, last] = [decibels[0], decibels[all - 1]]
  const wanted = (i: number) => first + ((last - first) * i) / count
  return Array.from({ length: count + 1 }, (_, i) => (i === 0 ? 0 : i === count ? all : decibels.findIndex((db) => db <= wanted(i))))
}

/** The nearest cuts, pushed first up and then down, that leave each group its width. */
function widened(cuts: readonly number[], all: number, width: number): number[] {
  const moved = [...cuts]
  for (let i = 1; i < moved.length - 1; i++) moved[i] = Math.max(moved[i], moved[i - 1] + width)
  moved[moved.length - 1] = all
  for (let i = moved.length - 2; i > 0; i--) moved[i] = Math.min(moved[i], moved[i + 1] - width)
  return moved
}
