import { z } from 'zod'
import { distributions } from './directions.ts'

export const taskNames = ['quadratic', 'logistic', 'mlp', 'memory', 'mnist'] as const
export type TaskName = (typeof taskNames)[number]

export const setNames = ['l2', 'l1', 'ksparse'] as const
export type SetName = (typeof setNames)[number]

/** With exact gradients: Frank-Wolfe and its rivals. With forward gradients: the same, and Frank-Wolfe is then the paper's. */
export const ruleNames = ['frankWolfe', 'projectedSgd', 'sgd', 'adam'] as const
export type RuleName = (typeof ruleNames)[number]

export const averagingNames = ['none', 'mokhtari', 'power', 'momentum'] as const

export const variants = ['full', 'decoupled', 'slack', 'controlVariate', 'lastLayer', 'activity', 'reverse', 'forward', 'tapeKept'] as const
export type Variant = (typeof variants)[number]

const count = (value: number) => z.number().int().positive().default(value)
const positive = (value: number) => z.number().positive().default(value)

/** Learning rates of the rules that are not Frank-Wolfe. */
const rates = (values: Record<'sgd' | 'adam' | 'forward', number>) =>
  z
    .object({
      sgd: positive(values.sgd).describe('of gradient descent with exact gradients, projected or not'),
      adam: positive(values.adam).describe('of Adam'),
      forward: positive(values.forward).describe('of gradient descent with forward gradients, projected or not'),
    })
    .prefault({})
    .describe('learning rates of the rules that are not Frank-Wolfe')

/** What a run can be told. An arm sets the keys down to `variant`; the rest is common to all. */
export const config = z.object({
  task: z.enum(taskNames).default('quadratic').describe('what is minimized, or measured (set by the arm)'),
  set: z.enum(setNames).default('l2').describe('the constraint (set by the arm)'),
  rule: z.enum(ruleNames).default('frankWolfe').describe('how parameters follow gradients (set by the arm)'),
  gradient: z.enum(['forward', 'exact']).default('forward').describe('where gradients come from (set by the arm)'),
  averaging: z.enum(averagingNames).default('mokhtari').describe('how gradients are averaged (set by the arm)'),
  power: z.number().positive().max(1).default(0.9).describe('of averaging with r = (k + 1)^-power (set by the arm)'),
  directions: count(1).describe('forward-mode evaluations a step (set by the arm)'),
  equalEvaluations: z
    .boolean()
    .default(false)
    .describe('take fewer steps, so that evaluations are as many as with one direction (set by the arm)'),
  distribution: z.enum(distributions).default('gaussian').describe('of the directions (set by the arm)'),
  variant: z
    .enum(variants)
    .default('full')
    .describe('what was taken out of the method or added to it, or how memory is measured (set by the arm)'),
  quadratic: z
    .object({
      steps: count(100_000).describe('steps'),
      l2: positive(1.5).describe('radius of the l2 ball'),
      l1: positive(5).describe('radius of the l1 ball'),
      slack: positive(6).describe('radius of an l2 ball that holds the optimum'),
    })
    .prefault({})
    .describe('least squares with a known optimum'),
  logistic: z
    .object({
      steps: count(10_000).describe('steps'),
      batch: count(128).describe('examples a step'),
      sets: z
        .object({
          l2: positive(20).describe('radius of the l2 ball'),
          l1: positive(150).describe('radius of the l1 ball'),
          ksparse: positive(1.5).describe('radius of the k-sparse polytope'),
          k: count(100).describe('its k'),
        })
        .prefault({})
        .describe('sizes of the sets'),
      rates: rates({ sgd: 0.5, adam: 0.01, forward: 0.03 }),
    })
    .prefault({})
    .describe('softmax regression on 8 × 8 digits'),
  mlp: z
    .object({
      steps: count(20_000).describe('steps; an arm with several directions takes as many, or as many evaluations'),
      batch: count(128).describe('examples a step'),
      weightRadius: positive(12).describe('radius of the l2 ball of each weight'),
      biasRadius: positive(3).describe('radius of the l2 ball of each bias'),
      warmStart: z.number().nonnegative().default(20).describe('k0 of the step size 2/(k + 2 + k0)'),
      rates: rates({ sgd: 0.5, adam: 0.01, forward: 0.01 }),
    })
    .prefault({})
    .describe('a network 64-32-10 on 8 × 8 digits'),
  large: z.boolean().default(false).describe('also a network of more than a million parameters on MNIST'),
  mnist: z
    .object({
      epochs: count(100).describe('passes through the training digits'),
      batch: count(128).describe('examples a step'),
      hidden: z.array(z.number().int().positive()).default([1024, 512]).describe('widths of the hidden layers'),
      initMultiple: positive(10).describe('diameter of the set of each weight, in twice its norm at the start'),
      share: z.number().positive().max(1).default(0.1).describe('k of the k-sparse polytope, as a share of the entries'),
      warmStart: z.number().nonnegative().default(20).describe('k0 of the step size 2/(k + 2 + k0)'),
      rates: rates({ sgd: 0.1, adam: 1e-3, forward: 1e-5 }),
    })
    .prefault({})
    .describe('a large network on MNIST, of the paper preset'),
  memory: z
    .object({
      depths: z.array(z.number().int().positive()).default([4, 8, 16, 32, 64]).describe('hidden layers'),
      width: count(256).describe('units of a layer'),
      batch: count(512).describe('examples a step, in the graph'),
      process: z
        .object({
          depth: count(64).describe('hidden layers'),
          batch: count(4096).describe('examples a step'),
          steps: z.number().int().nonnegative().default(20).describe('steps; 0 starts no process'),
        })
        .prefault({})
        .describe('what a process of its own trains'),
    })
    .prefault({})
    .describe('memory of a training step against depth'),
})

export type Config = z.output<typeof config>
