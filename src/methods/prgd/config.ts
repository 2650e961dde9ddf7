import { z } from 'zod'
import { ruleNames } from './trajectory.ts'

export const taskNames = ['plane', 'simplex', 'digits', 'map', 'field', 'network'] as const
export type TaskName = (typeof taskNames)[number]

export const variants = ['full', 'noGrowth', 'rescaledAtEnd', 'balanced', 'flipped', 'minibatch', 'lastLayer'] as const
export type Variant = (typeof variants)[number]

const count = (value: number) => z.number().int().positive().default(value)
const positive = (value: number) => z.number().positive().default(value)

/** What a run can be told. An arm sets `task`, `rule` and `variant`; the rest is common to all. */
export const config = z.object({
  task: z.enum(taskNames).default('plane').describe('the data that are separated (set by the arm)'),
  rule: z.enum(ruleNames).default('prgd').describe('what separates them (set by the arm)'),
  variant: z.enum(variants).default('full').describe('what was taken out of the method, or changed in the data (set by the arm)'),
  rho: positive(1.2).describe('ρ: what the radius is multiplied with at each stage (plane and simplex)'),
  interval: count(5).describe('τ: steps a stage'),
  degree: positive(2).describe('of the polynomial schedule, R_k = R₀ (k + 1)^degree'),
  plane: z
    .object({
      margins: z.array(z.number().positive().max(0.9)).default([0.1, 0.05, 0.2, 0.07, 0.14]).describe('g of seed 0, 1, 2 … in turn'),
      warmup: count(100).describe('normalized steps before the first stage'),
      steps: count(1000).describe('steps of PRGD and its variants'),
      slowSteps: count(20_000).describe('steps of the other rules'),
    })
    .prefault({})
    .describe('three examples in the plane'),
  simplex: z
    .object({
      sizes: z.array(z.number().int().min(2)).default([2, 3, 6, 11]).describe('dimensions m'),
      margin: z.number().positive().max(0.25).default(0.05).describe('g, the largest margin'),
      warmup: count(200).describe('normalized steps before the first stage'),
      steps: count(1000).describe('steps of PRGD and its variants'),
      slowSteps: count(4000).describe('steps of the other rules'),
    })
    .prefault({})
    .describe('the imbalanced simplex'),
  digits: z
    .object({
      pairs: z.number().int().min(1).max(6).default(6).describe('how many pairs of digits'),
      share: z.number().positive().max(1).default(0.8).describe('share of the training digits that a seed draws'),
      warmup: count(100).describe('normalized steps before the first stage'),
      steps: count(2000).describe('the smaller number of steps'),
      longSteps: count(10_000).describe('the larger one'),
      growth: positive(1e5).describe('what the radius grows by in all: the budgeted schedule'),
      learningRates: z.array(z.number().positive()).default([1, 2, 4, 8, 16]).describe('each rule is judged at its best of these'),
    })
    .prefault({})
    .describe('pairs of handwritten digits'),
  map: z
    .object({
      rhos: z.array(z.number().min(1)).default([1.02, 1.05, 1.2]).describe('ρ'),
      intervals: z.array(z.number().int().positive()).default([5, 50, 100, 300]).describe('τ'),
      learningRates: z.array(z.number().positive()).default([1, 4, 8]).describe('η'),
      steps: count(5000).describe('steps of each schedule'),
    })
    .prefault({})
    .describe('schedules from slow to fast, on one pair of digits'),
  field: z
    .object({
      margin: z.number().positive().max(0.9).default(0.2).describe('g'),
      warmup: count(5).describe('normalized steps before the first stage'),
      steps: count(40).describe('steps of each rule'),
      rho: positive(1.5).describe('ρ: large, so that the stages can be seen'),
    })
    .prefault({})
    .describe('the first steps in the plane, for the picture of its gradient field'),
  network: z
    .object({
      examples: z.number().int().nonnegative().default(0).describe('use only so many training digits; 0 for all'),
      hidden: count(64).describe('width of the hidden layer'),
      epochs: count(300).describe('passes, at most, until every training digit is right'),
      batch: count(128).describe('examples a step of stochastic gradient descent'),
      plainLearningRate: positive(0.5).describe('of gradient descent, stochastic and with all examples'),
      learningRate: positive(1e-3).describe('of normalized steps'),
      steps: count(1000).describe('steps on all examples that widen the margin'),
      growth: positive(3).describe('what the norm of all weights grows by in all'),
      interval: count(10).describe('steps a stage'),
      batchEpochs: count(100).describe('passes that the arms on batches widen the margin for'),
      epochGrowth: positive(1.02).describe('what the norm of all weights is multiplied with at each of these passes'),
    })
    .prefault({})
    .describe('a network without biases on ten digits'),
})

export type Config = z.output<typeof config>
