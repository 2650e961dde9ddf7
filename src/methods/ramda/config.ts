import { z } from 'zod'

export const optimizerNames = ['ramda', 'rmda', 'proxSgd', 'proxAdamW', 'proxSsi', 'sgd', 'adam'] as const
export type OptimizerName = (typeof optimizerNames)[number]

export const taskNames = ['logreg', 'mlp', 'convnet', 'text', 'logregNuclear', 'mlpNuclear'] as const
export type TaskName = (typeof taskNames)[number]

const rate = (value: number) => z.number().positive().default(value).describe('learning rate before the first milestone')
const passes = (value: number) => z.number().int().positive().default(value).describe('passes through the training examples')

/** What a run can be told. An arm sets `task`, `optimizer`, `variant` and `lambda`; the rest is common to all. */
export const config = z.object({
  task: z.enum(taskNames).default('logreg').describe('the model that is trained (set by the arm)'),
  optimizer: z.enum(optimizerNames).default('ramda').describe('what trains it (set by the arm)'),
  variant: z
    .enum(['full', 'noDualAveraging', 'regularizerNotAccumulated', 'noFinalRamp', 'noRestart', 'randomZeros', 'minimizer'])
    .default('full')
    .describe('what was taken out of the method (set by the arm)'),
  lambda: z.number().nonnegative().default(1e-3).describe('weight of the regularizer'),
  momentum: z.number().positive().max(1).default(0.1).describe('c of the averaging W ← (1 − c)·W + c·Ŵ, before the last stage'),
  batch: z.number().int().positive().default(128).describe('examples a step'),
  examples: z.number().int().nonnegative().default(0).describe('use only so many training examples; 0 for all'),
  epochs: z
    .object({
      logreg: passes(50),
      mlp: passes(40),
      convnet: passes(30),
      text: passes(12),
    })
    .prefault({})
    .describe('passes through the training examples'),
  learningRate: z
    .object({
      ramda: rate(1e-2),
      rmda: rate(1e-1),
      proxSgd: rate(1e-1),
      proxAdamW: rate(1e-3),
      proxSsi: rate(1e-3),
      sgd: rate(1e-1),
      adam: rate(1e-3),
    })
    .prefault({})
    .describe('of each optimizer, before the first milestone'),
  minimizerIterations: z.number().int().positive().default(4000).describe('FISTA steps towards the true minimizer'),
  solver: z.enum(['pg', 'exact']).default('pg').describe("subproblem solver: the paper's proximal gradient, or the exact group solver"),
  mlp: z.boolean().default(true).describe('whether the network arms are trained beside logistic regression'),
  extended: z.boolean().default(false).describe('also a convolutional network, a small transformer on text, and the nuclear norm'),
})

export type Config = z.output<typeof config>
