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

export const variants = ['full', 'randomPairs', 'flipped', 'flippedNoH', 'shuffledLabels', 'randomAttack', 'noAttack'] as const
export type Variant = (typeof variants)[number]

const count = (value: number) => z.number().int().positive().default(value)
const positive = (value: number) => z.number().positive().default(value)

/** What depends on the kind of data, with its defaults. */
const sizes = (defaults: Record<'rows' | 'epochs' | 'again' | 'rate' | 'rateAgain' | 'k' | 'pairs' | 'steps' | 'points', number>) =>
  z
    .object({
      rows: count(defaults.rows).describe('at most so many examples, before they are split'),
      epochs: count(defaults.epochs).describe('passes of the first training'),
      again: count(defaults.again).describe('passes of the second training, which starts from the first'),
      rate: positive(defaults.rate).describe('learning rate of the first training'),
      rateAgain: positive(defaults.rateAgain).describe('learning rate of the second'),
      k: count(defaults.k).describe('size of the set'),
      pairs: count(defaults.pairs).describe('hardest pairs of R2ET-mm'),
      steps: count(defaults.steps).describe('steps of an attack'),
      points: count(defaults.points).describe('test examples that are attacked'),
    })
    .prefault({})

/** What a run can be told. An arm sets `dataset`, `method`, `variant` and the weights; the rest is common to all. */
export const config = z.object({
  datasets: z
    .array(z.enum(datasetNames))
    .default([...datasetNames])
    .describe('which sets the run covers'),
  frontier: z.boolean().default(true).describe('whether the first seed also trains every method at several strengths'),
  dataset: z.enum(datasetNames).default('compas').describe('the data (set by the arm)'),
  method: z.enum(methodNames).default('r2etMm').describe('what the model is trained by (set by the arm)'),
  variant: z.enum(variants).default('full').describe('what was taken out of the method, or of the attack (set by the arm)'),
  lambda1: z.number().nonnegative().default(0.05).describe('weight of the gap between the top k and the rest'),
  lambda2: z.number().nonnegative().default(0.1).describe("weight of the Hessian's norm"),
  weightDecay: z.number().nonnegative().default(1e-2).describe('L2 penalty of the weight-decay baseline'),
  beta: positive(10).describe('sharpness of the softplus activation'),
  batch: count(128).describe('examples a step'),
  table: sizes({ rows: 12_000, epochs: 10, again: 5, rate: 1e-2, rateAgain: 3e-3, k: 8, pairs: 4, steps: 100, points: 200 }).describe(
    'on tables',
  ),
  digits: sizes({ rows: 8000, epochs: 8, again: 4, rate: 3e-3, rateAgain: 1e-3, k: 50, pairs: 25, steps: 60, points: 100 }).describe(
    'on digits',
  ),
  eps: z.number().nonnegative().default(0.5).describe('radius of an attack'),
  radii: z
    .array(z.number().positive())
    .default([0.1, 0.2, 0.35, 0.5, 0.75, 1])
    .describe('radii at which the first seed draws the fall of P@k'),
})

export type Config = z.output<typeof config>

/** The settings of the arm's kind of data. */
export const settingsOf = ({ dataset, table, digits }: Config): Config['table'] => (dataset === 'digits' ? digits : table)
