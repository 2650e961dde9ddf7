import { z } from 'zod'

export const datasetNames = ['compas', 'bank', 'adult', 'digits'] as const
export type DatasetName = (typeof datasetNames)[number]

export const methodNames = [
  'vanilla',
  'longer',
  'wd',
  'sp',
  'estH',
  'exactH',
  'ssr',
  'at',
  'r2et',
  'r2etMm',
  'r2etNoH',
  'r2etMmNoH',
] as const
export type MethodName = (typeof methodNames)[number]

export const variants = ['full', 'randomPairs', 'flipped', 'flippedNoH', 'shuffledLabels', 'randomAttack'] as const
export type Variant = (typeof variants)[number]

const count = (value: number) => z.number().int().positive().default(value)
const positive = (value: number) => z.number().positive().default(value)

/** What a run can be told. An arm sets `dataset`, `method`, `variant` and the weights; the rest is common to all. */
export const config = z.object({
  datasets: z
    .array(z.enum(datasetNames))
    .default([...datasetNames])
    .describe('which sets the run covers'),
  dataset: z.enum(datasetNames).default('compas').describe('the data (set by the arm)'),
  method: z.enum(methodNames).default('r2etMm').describe('what the model is trained by (set by the arm)'),
  variant: z.enum(variants).default('full').describe('what was taken out of the method, or of the attack (set by the arm)'),
  lambda1: z.number().nonnegative().default(0.05).describe('weight of the gap between the top k and the rest'),
  lambda2: z.number().nonnegative().default(0.1).describe("weight of the Hessian's norm"),
  weightDecay: z.number().nonnegative().default(1e-2).describe('L2 penalty of the weight-decay baseline'),
  beta: positive(10).describe('sharpness of the softplus activation'),
  batch: count(128).describe('examples a step'),
  table: z
    .object({
      rows: count(12_000).describe('at most so many rows of a table, before they are split'),
      epochs: count(10).describe('passes of the first training'),
      again: count(5).describe('passes of the second training, which starts from the first'),
      rate: positive(1e-2).describe('learning rate of the first training'),
      rateAgain: positive(3e-3).describe('learning rate of the second'),
      k: count(8).describe('size of the set'),
      pairs: count(4).describe('hardest pairs of R2ET-mm'),
      steps: count(100).describe('steps of an attack'),
      points: count(200).describe('test rows that are attacked'),
    })
    .prefault({})
    .describe('on tables'),
  digits: z
    .object({
      rows: count(8000).describe('training images'),
      epochs: count(8).describe('passes of the first training'),
      again: count(4).describe('passes of the second training, which starts from the first'),
      rate: positive(3e-3).describe('learning rate of the first training'),
      rateAgain: positive(1e-3).describe('learning rate of the second'),
      k: count(50).describe('size of the set'),
      pairs: count(25).describe('hardest pairs of R2ET-mm'),
      steps: count(60).describe('steps of an attack'),
      points: count(100).describe('test images that are attacked'),
    })
    .prefault({})
    .describe('on digits'),
  eps: z.number().nonnegative().default(0.5).describe('radius of an attack'),
})

export type Config = z.output<typeof config>

/** The settings of the arm's kind of data. */
export const settingsOf = ({ dataset, table, digits }: Config): Config['table'] => (dataset === 'digits' ? digits : table)
