import { z } from 'zod'
import { karrasSigmas } from '../../kits/diffusion/index.ts'
import { returns } from './u-turn.ts'

/** What is turned: digits by a trained network, or a mixture whose score is known. */
export const tasks = ['digits', 'mixture'] as const

/** What a unit samples, and what was taken out or put in the place of something. */
export const variants = [
  'sweep', // U-turns over a grid of σ, and full runs
  'identity', // by Euler-Maruyama, for the identity of the exact SDE
  'isotropic', // the Gaussian test with the same variance in all directions
  'affine', // the fitted Gaussian's denoiser in the place of the network
  'shuffled', // x₀ beside what came back of another
  'reduced', // full runs with fewer steps
  'gaussianStart', // from N(μ, Σ + σ²)
  'noiseStart', // from N(0, σ²)
  'halfNoise', // from N(0, (σ/2)²)
  'gaussianSamples', // from N(μ, Σ), without a network
  'starts', // the real examples themselves
  'noNoise', // x₀ taken for noisy data
] as const
export type Variant = (typeof variants)[number]

const count = (value: number) => z.number().int().positive().default(value)
const positive = (value: number) => z.number().positive().default(value)

/** What a run can be told. An arm sets `task`, `variant` and `sampler`; the rest is common to all. */
export const config = z.object({
  task: z.enum(tasks).default('digits').describe('what is turned (set by the arm)'),
  variant: z.enum(variants).default('sweep').describe('what is sampled (set by the arm)'),
  sampler: z.enum(returns).default('churn').describe('how it returns (set by the arm)'),
  network: z
    .object({
      width: count(512).describe('extent of the residual stream, and hidden units of its blocks'),
      blocks: count(4).describe('residual blocks'),
      frequencies: count(32).describe('sines of the noise level, and as many cosines'),
      scale: positive(1000).describe('what ln(σ)/4 is multiplied with before its sines and cosines'),
    })
    .prefault({})
    .describe('the denoiser'),
  training: z
    .object({
      steps: count(2500).describe('steps of Adam'),
      batch: count(256).describe('digits a step'),
      rate: positive(1e-3).describe('learning rate, after warm-up; then a cosine'),
      warmup: z.number().int().nonnegative().default(100).describe('steps of linear warm-up'),
      floor: z.number().min(0).max(1).default(0.02).describe('share of the rate at the end'),
      ema: z.number().min(0).max(0.99999).default(0.998).describe('decay of the moving average that is sampled from'),
      mean: z.number().min(-10).max(10).default(-0.4).describe('mean of ln σ in training'),
      deviation: positive(1.6).describe('its deviation'),
      sigmaData: positive(0.5).describe('deviation of the data that preconditioning assumes'),
    })
    .prefault({})
    .describe('its training'),
  features: z
    .object({ steps: count(2000).describe('steps of the classifier whose features FID and KID rest on') })
    .prefault({})
    .describe('the judge'),
  sigmas: z
    .object({ least: positive(0.02).describe('least σ'), most: positive(40).describe('most σ, where full runs begin') })
    .prefault({})
    .describe('the range of σ'),
  steps: z.number().int().min(2).default(24).describe('levels of a full run'),
  turns: z
    .array(z.number().positive())
    .min(1)
    .default([40, 16.98, 10.6, 8.26, 6.4, 3.71, 2.06, 1.5, 1.08, 0.53, 0.24, 0.035])
    .describe('σ of the U-turns, each at the nearest level of the full run'),
  judged: positive(6.4).describe('σ at which the speed-up is judged'),
  churn: z.number().nonnegative().default(8).describe('S_churn of the partly stochastic way back'),
  samples: z.number().int().min(64).default(1500).describe('U-turns at each level'),
  samplingSeeds: count(3).describe('draws of noise at the judged level, and of baselines'),
  identity: z
    .object({
      samples: z.number().int().min(64).default(1000).describe('U-turns at each level'),
      steps: count(100).describe('steps of Euler-Maruyama from each σ'),
      sigmas: z
        .array(z.number().positive())
        .min(1)
        .default([0.53, 1.08, 2.06, 3.71, 6])
        .describe('levels at which the identity of the exact SDE is held against the network'),
    })
    .prefault({})
    .describe('the identity'),
  mixture: z
    .object({
      samples: z.number().int().min(64).default(4096).describe('U-turns at each level'),
      steps: count(200).describe('steps of Euler-Maruyama from each σ'),
      sigmas: z.array(z.number().positive()).min(1).default([0.5, 1, 2, 3, 4, 6, 8, 12, 20]).describe('levels'),
    })
    .prefault({})
    .describe('the mixture of two modes'),
})

export type Config = z.output<typeof config>

/** The level of the full run that is nearest to σ, in ln σ: its index. */
export function levelNear({ sigmas, steps }: Config, sigma: number): number {
  const distances = karrasSigmas({ count: steps, ...sigmas }).map((level) => Math.abs(Math.log(level / sigma)))
  return distances.indexOf(Math.min(...distances))
}
