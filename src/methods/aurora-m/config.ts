import { z } from 'zod'
import { type SizeName, sizes } from '../../kits/lm/config.ts'

/** How the text of each step is put together: the curriculum, or what it is compared with. */
export const curricula = ['capCat', 'naive', 'replay', 'wrongReplay', 'joint'] as const
export type CurriculumName = (typeof curricula)[number]

/** What a unit of the second experiment trains on beside text. */
export const safetyVariants = [
  'textOnly',
  'instructions',
  'contrast',
  'spread',
  'capFirst',
  'labelsShuffled',
  'allBytes',
  'refuseAll',
] as const
export type SafetyVariant = (typeof safetyVariants)[number]

const count = (value: number) => z.number().int().positive().default(value)
const share = (value: number) => z.number().min(0).max(1).default(value)
const rate = (value: number) => z.number().nonnegative().max(1).default(value)

/** What a run can be told. An arm sets `task`, `curriculum`, `start`, `replay` and `variant`; the rest is common to all. */
export const config = z.object({
  part: z.enum(['both', 'curriculum', 'safety']).default('both').describe('which of the two experiments is run'),
  task: z.enum(['curriculum', 'safety']).default('curriculum').describe('which experiment a unit belongs to (set by the arm)'),
  size: z
    .enum([...(Object.keys(sizes) as SizeName[]), 'starcoder'])
    .default('nano')
    .describe('the model; starcoder is that of the paper, of 15.5 billion parameters'),
  batch: count(16).describe('windows, or instructions, a step'),
  context: z.number().int().min(8).max(8192).default(128).describe('bytes of a window'),
  steps: z
    .object({
      scale: z.number().positive().max(100).default(1).describe('multiplies all of the below; nothing is judged unless it is 1'),
      base: count(400).describe('of the base model'),
      continual: count(250).describe('of each arm of the first experiment'),
      instructions: count(500).describe('on instructions, in the second; a quarter as many on text come between'),
    })
    .prefault({})
    .describe('training steps'),
  learningRate: z
    .object({
      base: rate(3e-3).describe('of the base model'),
      continual: rate(2e-3).describe('of continual pre-training'),
      safety: rate(3e-3).describe('of alignment tuning'),
    })
    .prefault({})
    .describe('peaks; each falls to a tenth along a cosine'),
  curriculum: z.enum(curricula).default('capCat').describe('how text is mixed (set by the arm)'),
  catShare: share(0.133).describe('the part of the steps that is CAT, at the end'),
  replay: share(0.25).describe('share of old domains, of an arm with one mixture (set by the arm)'),
  start: z.enum(['base', 'random']).default('base').describe('what training starts from (set by the arm)'),
  schedule: z.enum(['one', 'rewarm']).default('one').describe('one schedule over both stages, or one a stage'),
  method: z.enum(['full', 'lora', 'lisa']).default('full').describe('all weights, low-rank adapters, or layers by turns'),
  anchor: z.number().nonnegative().max(1e6).default(0).describe('λ of λ ‖θ − θ_base‖²'),
  average: share(0).describe('α of α θ_base + (1 − α) θ, after training'),
  evaluations: count(6).describe('points of each curve'),
  curveWindows: count(24).describe('windows of each domain that a curve is measured on; the ends use all'),
  testWindows: z.number().int().nonnegative().default(0).describe('windows of each domain that the ends are measured on; 0 for all'),
  variant: z.enum(safetyVariants).default('instructions').describe('what the second experiment trains on (set by the arm)'),
  safety: z
    .object({
      objects: z.array(z.number().int().min(2).max(60)).length(2).default([8, 16]).describe('restricted and allowed objects of the policy'),
      lookAlikes: z.number().int().min(2).max(60).default(8).describe('allowed objects that are spelled almost like restricted ones'),
      trainShare: z.number().min(0.1).max(0.9).default(0.6).describe('part of the actions with each object that is trained on'),
      instructionShare: z
        .number()
        .min(0.05)
        .max(0.95)
        .default(0.6)
        .describe('part of the stream that is instructions, in the arm that mixes them in'),
    })
    .prefault({})
    .describe('the synthetic policy'),
  frontier: z.boolean().default(false).describe('also the frontier of replay shares and the cheap remedies against forgetting'),
  extended: z.boolean().default(false).describe('also instructions spread over both stages, and prompts in four other languages'),
  firstSeed: z.number().int().nonnegative().max(1_000_000).default(101).describe('what is added to the seeds of a run'),
})

export type Config = z.output<typeof config>

/** Steps after scaling, at least one. */
export const scaled = ({ steps }: Config, name: 'base' | 'continual' | 'instructions'): number =>
  Math.max(1, Math.round(steps[name] * steps.scale))
