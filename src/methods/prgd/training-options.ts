import { z } from 'zod'
import { lossNames } from './margin.ts'
import type { MaxMarginOptions } from './max-margin.ts'
import type { Schedule } from './schedule.ts'

/** Options of every verb that fits planes. */
export const trainingOptions = {
  steps: z.number().int().positive().default(2000).describe('gradient steps; of the perceptron, passes'),
  learningRate: z.number().positive().optional().describe('η; default: the best of 1, 2, 4, 8, 16'),
  loss: z.enum(lossNames).default('exponential').describe('what gradient methods go down'),
  warmup: z.number().int().positive().default(100).describe('normalized steps before the norm begins to grow'),
  interval: z.number().int().positive().default(5).describe('τ: steps between two rescalings'),
  growth: z.number().positive().default(1e5).describe('what the norm grows by in all, spread over the steps'),
  rho: z.number().positive().optional().describe('ρ: instead of growth, what the norm is multiplied with at each rescaling'),
  degree: z.number().positive().optional().describe('instead of growth, radii that grow like (k + 1)^degree with the stage k'),
  standardize: z.boolean().default(false).describe('measure margins on features of mean 0 and deviation 1'),
}
const training = z.object(trainingOptions)
export type TrainingOptions = z.output<typeof training>

function scheduleOf({ rho, degree, growth, interval }: TrainingOptions): Schedule {
  if (rho !== undefined) return { kind: 'exponential', rho, interval }
  return degree === undefined ? { kind: 'budget', growth, interval } : { kind: 'polynomial', degree, interval }
}

export function optionsOf(options: TrainingOptions): MaxMarginOptions {
  const { steps, learningRate = 'auto', warmup, loss } = options
  return { steps, learningRate, warmup, loss, schedule: scheduleOf(options) }
}
