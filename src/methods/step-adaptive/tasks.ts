import { type DiffusionConfig, macs, type NetworkConfig, parameterCount, type TrainingRecipe } from '../../kits/diffusion/index.ts'
import { retainedFor } from './budget.ts'
import type { Config, RecipeName, TaskName } from './config.ts'
import type { GroupOptions, StepGroup } from './groups.ts'

interface Task {
  readonly shape: readonly [channels: number, height: number, width: number]
  readonly network: NetworkConfig
  /** Steps of the chain. */
  readonly steps: number
  /** Adds noise · x to the predicted ε: a network narrower than the data cannot copy it. */
  readonly skip?: boolean
}

export const tasks: Readonly<Record<TaskName, Task>> = {
  digits7: {
    shape: [1, 7, 7],
    network: { kind: 'mlp', width: 64, hidden: [64, 64], embedding: 16, embed: 'input' },
    steps: 1000,
    skip: true,
  },
  digits14: {
    shape: [1, 14, 14],
    network: { kind: 'mlp', width: 128, hidden: [256, 256, 256], embedding: 16, embed: 'input' },
    steps: 1000,
    skip: true,
  },
  digits28: {
    shape: [1, 28, 28],
    network: { kind: 'unet', channels: 16, multiples: [1, 2, 2], blocks: 1, attention: [7] },
    steps: 1000,
  },
  // Nichol & Dhariwal 2021, on CIFAR-10.
  cifar10: {
    shape: [3, 32, 32],
    network: { kind: 'unet', channels: 128, multiples: [1, 2, 2, 2], blocks: 3, attention: [16, 8], heads: 4, dropout: 0.3 },
    steps: 4000,
  },
}

/** The model that a run trains. */
export function modelConfig(name: TaskName): DiffusionConfig {
  const { shape, network, steps, skip } = tasks[name]
  return { network, process: { kind: 'discrete', steps, schedule: 'cosine' }, predict: 'eps', shape, range: [-1, 1], ...(skip && { skip }) }
}

const costs = new Map<TaskName, { readonly macs: number; readonly parameters: number }>()

/** What the network of a task costs, counted once on its graph. */
export function costOf(name: TaskName): { readonly macs: number; readonly parameters: number } {
  const { network, shape } = tasks[name]
  const cost = costs.get(name) ?? { macs: macs(network, shape), parameters: parameterCount(network, shape) }
  costs.set(name, cost)
  return cost
}

const common = (config: Config): Pick<TrainingRecipe, 'batch' | 'warmup' | 'ema'> => {
  const { batch, warmup, ema } = config[config.task]
  return { batch, warmup, ema }
}

/** One model on all times, for so many steps. */
export const allTimes = (config: Config, steps: number, more: Partial<TrainingRecipe> = {}): TrainingRecipe => ({
  ...common(config),
  steps,
  learningRate: config[config.task].learningRate.base,
  ...more,
})

/** How the copies of stage 2 are trained. */
export const fineTuning = (config: Config, recipe: RecipeName) => ({
  ...common(config),
  learningRate: config[config.task].learningRate[recipe === 'weighted' ? 'weighted' : 'equal'],
})

/**
 * Steps of stage 2 by group. Weighted by difficulty: the hardest group has twice as many as the middle ones, the easiest two thirds, so that no pruned copy
 * goes without time to recover.
 *
 * @example
 * stepsOf([5, 4, 3, 2, 1].map((difficulty) => ({ difficulty })), 3400, true) // [1200, 600, 600, 600, 400]
 */
export function stepsOf(groups: readonly Pick<StepGroup, 'difficulty'>[], total: number, isWeighted: boolean): number[] {
  const weights = groups.map(({ difficulty }) => (!isWeighted ? 1 : difficulty === groups.length ? 2 : difficulty === 1 ? 2 / 3 : 1))
  const sum = weights.reduce((a, b) => a + b, 0)
  // Rounded running sums, so that all together are the total.
  const ends = weights.map((_, i) => Math.round((total * weights.slice(0, i + 1).reduce((a, b) => a + b, 0)) / sum))
  return ends.map((end, i) => end - (ends[i - 1] ?? 0))
}

/** Steps of stage 2 together. */
export const stageTwoSteps = (config: Config): number => config[config.task][config.recipe === 'equal' ? 'equalSteps' : 'groupSteps']

/** k of the budget rule. */
export const retainedOf = ({ groups, meanShare }: Config): number => retainedFor(meanShare, groups.count)

export const groupOptions = ({ groups: { count, minWidth } }: Config): Pick<GroupOptions, 'count' | 'minWidth'> => ({ count, minWidth })
