import { z } from 'zod'
import { sizings } from './budget.ts'
import { groupingNames } from './groups.ts'

/** Data and network: digits of 7 × 7 with an MLP that they fill, of 14 × 14 with one that is not trained to its end, of 28 × 28 with a small U-Net, CIFAR-10. */
export const taskNames = ['digits7', 'digits14', 'digits28', 'cifar10'] as const
export type TaskName = (typeof taskNames)[number]

/** Questions that a run can be about. */
const studies = ['capacity', 'under-trained', 'convolutional', 'advisors'] as const

/** What is trained: stage 1 alone, one model on all times, one in two stages, copies for groups, or a model for each group from scratch. */
export const trainings = ['base', 'uniform', 'two-stage', 'groups', 'scratch'] as const

/** Stage 2: more steps for harder groups at the rate of stage 1; equal steps at a lower rate; the steps of the first at the rate of the second. */
export const recipes = ['weighted', 'equal', 'cross'] as const
export type RecipeName = (typeof recipes)[number]

/** What is taken out or changed, in controls and baselines. */
export const variants = ['none', 'shuffled-groups', 'no-stage-2', 'same-model', 'min-snr', 'weighted-times', 'pruned'] as const

const count = (value: number) => z.number().int().positive().max(10_000_000).default(value)
const rate = (value: number) => z.number().positive().max(1).default(value)

interface TaskDefaults {
  readonly baseSteps: number
  readonly groupSteps: number
  readonly equalSteps: number
  readonly batch: number
  readonly learningRate: { readonly base: number; readonly weighted: number; readonly equal: number }
  readonly ema: number
}

const task = ({ baseSteps, groupSteps, equalSteps, batch, learningRate, ema }: TaskDefaults) =>
  z
    .object({
      baseSteps: count(baseSteps).describe('of stage 1'),
      groupSteps: count(groupSteps).describe('of stage 2 together, weighted by difficulty'),
      equalSteps: count(equalSteps).describe('of stage 2 together, with equal steps for all groups'),
      batch: count(batch).describe('examples a step'),
      learningRate: z
        .object({
          base: rate(learningRate.base).describe('of stage 1, and of models that are trained in one'),
          weighted: rate(learningRate.weighted).describe('of stage 2, weighted by difficulty'),
          equal: rate(learningRate.equal).describe('of stage 2 with equal steps'),
        })
        .prefault({})
        .describe('peaks; each stage has a warm-up of its own and falls to 0 along a cosine'),
      warmup: count(50).describe('steps of linear warm-up of each stage'),
      ema: z.number().min(0).max(0.999999).default(ema).describe('decay of the moving average of the parameters'),
    })
    .prefault({})

/** What a run can be told. An arm sets the keys down to `sizing`. */
export const config = z.object({
  task: z.enum(taskNames).default('digits7').describe('data and network (set by the arm)'),
  training: z.enum(trainings).default('groups').describe('what is trained (set by the arm)'),
  recipe: z.enum(recipes).default('weighted').describe('how stage 2 is trained (set by the arm)'),
  variant: z.enum(variants).default('none').describe('what was taken out or changed (set by the arm)'),
  sizing: z.enum(sizings).default('difficulty').describe('how the budget is spread over the groups (set by the arm)'),
  isSampled: z.boolean().default(true).describe('whether the arm’s FID is measured (set by the arm)'),
  study: z
    .enum(studies)
    .default('capacity')
    .describe('the question: judged is capacity; under-trained and convolutional have claims of their own'),
  size: z.enum(['digits', 'cifar10']).default('digits').describe('cifar10: the paper’s own network, which is planned and not run'),
  groups: z
    .object({
      count: count(5).describe('N'),
      by: z.enum(groupingNames).default('uniform').describe('how times are cut into groups'),
      minWidth: count(20).describe('steps that a group has at least'),
      overlap: z.number().min(0).max(0.5).default(0).describe('share of its width that a group is fine-tuned beyond its ends'),
    })
    .prefault({})
    .describe('groups of time steps'),
  meanShare: z.number().positive().max(1).default(0.8).describe('share of the operations that groups keep in the mean; it decides k'),
  advisor: z.enum(['magnitude', 'taylor', 'search']).default('magnitude').describe('who decides how copies are pruned'),
  rounds: count(1).describe('proposals of the advisor that are evaluated for each group; one is taken as it is'),
  digits7: task({
    baseSteps: 4800,
    groupSteps: 3400,
    equalSteps: 3200,
    batch: 256,
    learningRate: { base: 3e-3, weighted: 3e-3, equal: 1e-3 },
    ema: 0.995,
  }).describe('training on digits of 7 × 7'),
  digits14: task({
    baseSteps: 2400,
    groupSteps: 1600,
    equalSteps: 1600,
    batch: 128,
    learningRate: { base: 1e-3, weighted: 1e-3, equal: 1e-3 },
    ema: 0.995,
  }).describe('training on digits of 14 × 14'),
  digits28: task({
    baseSteps: 1500,
    groupSteps: 1000,
    equalSteps: 1000,
    batch: 32,
    learningRate: { base: 1e-3, weighted: 1e-3, equal: 3e-4 },
    ema: 0.995,
  }).describe('training on digits of 28 × 28'),
  cifar10: task({
    baseSteps: 300_000,
    groupSteps: 200_000,
    equalSteps: 200_000,
    batch: 128,
    learningRate: { base: 1e-4, weighted: 1e-4, equal: 1e-4 },
    ema: 0.9999,
  }).describe('training on CIFAR-10'),
  evaluation: z
    .object({
      times: z.number().int().min(5).max(1000).default(50).describe('evenly spaced, at each of which all examples are asked for'),
      examples: z.number().int().nonnegative().max(1_000_000).default(0).describe('held-out examples; 0: all'),
    })
    .prefault({})
    .describe('the held-out loss'),
  sampling: z
    .object({
      steps: z.number().int().min(1).max(1000).default(100).describe('of DDIM with η = 1'),
      count: z.number().int().min(40).max(1_000_000).default(10_000).describe('samples of each sampling seed'),
      seeds: z.number().int().min(3).max(100).default(5).describe('sampling seeds'),
      all: z.boolean().default(false).describe('also sample the arms that no claim about FID is about'),
    })
    .prefault({})
    .describe('what FID is computed from'),
  featureSteps: count(2000).describe('training steps of the feature network of FID'),
})
export type Config = z.output<typeof config>

export type TaskConfig = Config[TaskName]
