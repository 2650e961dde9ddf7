import { z } from 'zod'
import { type SizeName, sizes } from '../../kits/lm/config.ts'
import { statePolicies } from './controller.ts'
import { samplerNames } from './sampler.ts'

/** Texts that the base model is tuned to: Python answers, which are like what it knows, and Vietnamese news, which it has never seen. */
export const shifts = ['far', 'near'] as const
export type Shift = (typeof shifts)[number]

/** Ways of fine-tuning that are compared. */
export const tuningMethods = [
  'lisa',
  'full',
  'static',
  'static-top',
  'ends',
  'lora',
  'lora-attention',
  'lora-ends',
  'galore',
  'sgd',
  'adafactor',
] as const
export type TuningMethod = (typeof tuningMethods)[number]

export const sweeps = ['none', 'layers', 'interval', 'policy', 'sampler', 'baselines', 'near'] as const

/** What is taken out of LISA in the controls, or of what it is judged by. */
export const variants = ['none', 'frozen-ends', 'late-blocks-dead', 'mask-after', 'untrained', 'wrong-plan'] as const

const count = (value: number) => z.number().int().positive().default(value)
const rate = (value: number) => z.number().positive().max(1).default(value)

/** What a run can be told. An arm sets the keys down to `resetOnRedraw`; the rest is common to all. */
export const config = z.object({
  task: z.enum(['tuning', 'speed', 'process']).default('tuning').describe('what is measured (set by the arm)'),
  shift: z.enum(shifts).default('far').describe('the text to be tuned to (set by the arm)'),
  method: z.enum(tuningMethods).default('lisa').describe('how it is tuned (set by the arm)'),
  variant: z.enum(variants).default('none').describe('what was taken out (set by the arm)'),
  activeLayers: z.number().int().nonnegative().max(1000).default(2).describe('γ, blocks that train at a time (set by arms of a sweep)'),
  intervalSteps: count(10).describe('K, steps between two draws (set by arms of a sweep)'),
  sampler: z.enum(samplerNames).default('uniform').describe('how blocks are drawn (set by arms of a sweep)'),
  statePolicy: z.enum(statePolicies).default('reset-blocks').describe('moments of blocks that are frozen again (set by arms of a sweep)'),
  resetOnRedraw: z.boolean().default(false).describe('a block that is drawn again at once begins anew (set by arms of a sweep)'),
  size: z
    .enum(Object.keys(sizes) as [SizeName])
    .default('nano')
    .describe('the model'),
  batch: count(16).describe('windows a step'),
  context: z.number().int().min(8).max(1024).default(128).describe('bytes of a window'),
  steps: z
    .object({ base: count(400).describe('of the base model'), tuning: count(120).describe('of each arm') })
    .prefault({})
    .describe('training steps'),
  rank: count(16).describe('of LoRA’s matrices, which gives it as many trainable numbers as LISA has; of GaLore’s projection'),
  learningRate: z
    .object({
      base: rate(3e-3).describe('of the base model'),
      full: rate(6e-3).describe('of full tuning'),
      lisa: rate(6e-3).describe('of LISA'),
      static: rate(6e-3).describe('of blocks that are chosen once'),
      ends: rate(6e-3).describe('of embedding, head and last norm alone'),
      lora: rate(1e-2).describe('of LoRA'),
      loraEnds: rate(1e-2).describe('of LoRA with embedding, head and norm'),
      galore: rate(6e-3).describe('of GaLore'),
      sgd: rate(0.3).describe('of SGD'),
      adafactor: rate(6e-3).describe('of Adafactor'),
    })
    .prefault({})
    .describe('peaks; each falls to a tenth along a cosine'),
  evaluations: count(6).describe('points of each curve'),
  curveWindows: count(16).describe('windows that a curve is measured on'),
  testWindows: z.number().int().nonnegative().default(0).describe('windows of each text that the ends are measured on; 0: all'),
  speed: z
    .object({
      width: z
        .number()
        .int()
        .min(16)
        .max(8192)
        .multipleOf(16)
        .default(256)
        .describe('d; each head has 32 entries, or all if there are fewer'),
      layers: count(6).describe('blocks'),
      warmup: count(3).describe('steps that are not timed'),
      steps: count(15).describe('steps that are timed'),
      batch: count(16).describe('windows a step'),
      context: z.number().int().min(8).max(1024).default(128).describe('tokens of a window'),
    })
    .prefault({})
    .describe('the model whose steps are timed'),
  process: z
    .object({
      widths: z
        .array(z.number().int().min(16).max(8192).multipleOf(16))
        .min(1)
        .max(8)
        .default([256, 384, 512])
        .describe('models that grow'),
      layers: count(8).describe('blocks of each'),
      steps: count(4).describe('steps, enough for every buffer to have been used'),
      batch: count(2).describe('windows a step'),
      context: z.number().int().min(8).max(1024).default(64).describe('tokens of a window'),
    })
    .prefault({})
    .describe('models that are trained in processes of their own, whose memory is measured'),
  tune: z.boolean().default(false).describe('choose learning rates on validation text instead: three for every method, both shifts'),
  sweep: z.enum(sweeps).default('none').describe('compare settings of LISA, or all baselines, instead; nothing is judged'),
  horizon: z
    .enum(['short', 'long'])
    .default('short')
    .describe('long: 1,500 steps of LISA, fixed blocks and full tuning instead; nothing is judged'),
  firstSeed: z.number().int().nonnegative().max(1_000_000).default(101).describe('what is added to the seeds of a run'),
})
export type Config = z.output<typeof config>

/** The key of a method's learning rate. */
export const rateKey = {
  full: 'full',
  lisa: 'lisa',
  static: 'static',
  'static-top': 'static',
  ends: 'ends',
  lora: 'lora',
  'lora-attention': 'lora',
  'lora-ends': 'loraEnds',
  galore: 'galore',
  sgd: 'sgd',
  adafactor: 'adafactor',
} as const satisfies Record<TuningMethod, keyof Config['learningRate']>

/** Whether a run compares what the claims are about. */
export const isJudged = ({ tune, sweep, horizon }: Pick<Config, 'tune' | 'sweep' | 'horizon'>): boolean =>
  !tune && sweep === 'none' && horizon === 'short'
