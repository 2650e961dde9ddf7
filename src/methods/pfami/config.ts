import { z } from 'zod'

const count = (value: number) => z.number().int().positive().default(value)

export const tasks = ['overfitted', 'sweep', 'vae', 'exact', 'defence', 'control'] as const
const defences = ['none', 'shifts', 'decay', 'early', 'dp'] as const

/** What a run can be told. An arm sets `task`, `defence` and `noise`; the rest is common to all. */
export const config = z.object({
  task: z.enum(tasks).default('overfitted').describe('which experiment (set by the arm)'),
  defence: z.enum(defences).default('none').describe('how the attacked model was protected (set by the arm)'),
  noise: z.number().nonnegative().default(0).describe('noise of DP-SGD in clip norms (set by the arm)'),
  overfitted: z
    .object({
      train: count(500).describe('records that each model is trained on'),
      width: count(384).describe('units of the denoiser'),
      steps: count(3000).describe('training steps'),
      checkpoints: z.array(z.number().int().positive()).default([500]).describe('earlier steps at which the sweep looks too'),
    })
    .prefault({})
    .describe('few records, many steps'),
  sweep: z
    .object({
      sizes: z.array(z.number().int().positive()).default([2000]).describe('records that the other models of the sweep are trained on'),
      width: count(256).describe('units of the denoiser'),
      steps: count(4000).describe('training steps'),
      checkpoints: z.array(z.number().int().positive()).default([1000]).describe('earlier steps at which the sweep looks too'),
    })
    .prefault({})
    .describe('from little memorisation to much'),
  vae: z
    .object({ steps: count(3000).describe('training steps') })
    .prefault({})
    .describe('the autoencoder'),
  train: count(500).describe('records of the arm’s models (set by the arm)'),
  scored: count(500).describe('members, and non-members, that are scored'),
  draws: count(2).describe('antithetic draws of noise in the table beside the one of a single draw'),
  samples: count(1000).describe('samples of each model for attacks that see nothing else'),
  network: z
    .object({
      channels: count(16).describe('channels of the attack network; 64 in the paper'),
      epochs: count(80).describe('its steps on the whole shadow set, at most'),
    })
    .prefault({})
    .describe('PFAMI-NNs'),
  logan: z.boolean().default(false).describe('whether LOGAN is among the attacks, which trains a GAN for each model'),
  protect: z.boolean().default(false).describe('whether protected models are trained and attacked too'),
  dp: z
    .object({
      width: count(128).describe('units of the denoisers that are protected'),
      steps: count(600).describe('steps of DP-SGD'),
      noises: z.array(z.number().nonnegative()).default([0, 1, 4, 16]).describe('noises in clip norms'),
      delta: z.number().positive().default(1e-5).describe('δ of (ε, δ)'),
    })
    .prefault({})
    .describe('differentially private training'),
})

export type Config = z.output<typeof config>
