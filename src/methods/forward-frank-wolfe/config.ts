import { z } from 'zod'

export const taskNames = ['quadratic', 'logistic', 'mlp', 'memory'] as const
export type TaskName = (typeof taskNames)[number]

export const setNames = ['l2', 'l1', 'ksparse'] as const
export type SetName = (typeof setNames)[number]

/** With exact gradients: Frank-Wolfe and its rivals. With forward gradients: the same, and Frank-Wolfe is then the paper's. */
export const ruleNames = ['frankWolfe', 'projectedSgd', 'sgd', 'adam'] as const
export type RuleName = (typeof ruleNames)[number]

export const averagingNames = ['none', 'mokhtari', 'power', 'momentum'] as const

export const variants = ['full', 'decoupled', 'slack', 'reverse', 'forward', 'tapeKept'] as const
export type Variant = (typeof variants)[number]

const count = (value: number) => z.number().int().positive().default(value)
const positive = (value: number) => z.number().positive().default(value)

/** What a run can be told. An arm sets the keys down to `variant`; the rest is common to all. */
export const config = z.object({
  task: z.enum(taskNames).default('quadratic').describe('what is minimized, or measured (set by the arm)'),
  set: z.enum(setNames).default('l2').describe('the constraint (set by the arm)'),
  rule: z.enum(ruleNames).default('frankWolfe').describe('how parameters follow gradients (set by the arm)'),
  gradient: z.enum(['forward', 'exact']).default('forward').describe('where gradients come from (set by the arm)'),
  averaging: z.enum(averagingNames).default('mokhtari').describe('how gradients are averaged (set by the arm)'),
  power: z.number().positive().max(1).default(0.9).describe('of averaging with r = (k + 1)^-power (set by the arm)'),
  directions: count(1).describe('forward-mode evaluations a step (set by the arm)'),
  variant: z.enum(variants).default('full').describe('what was taken out of the method, or how memory is measured (set by the arm)'),
  quadratic: z
    .object({
      steps: count(100_000).describe('steps'),
      l2: positive(1.5).describe('radius of the l2 ball'),
      l1: positive(5).describe('radius of the l1 ball'),
      slack: positive(6).describe('radius of an l2 ball that holds the optimum'),
    })
    .prefault({})
    .describe('least squares with a known optimum'),
})

export type Config = z.output<typeof config>
