import { z } from 'zod'

export const taskNames = ['balance', 'traffic', 'molecules'] as const
export type TaskName = (typeof taskNames)[number]

const generatorNames = ['diffusion', 'twoStage', 'weighted', 'gdss', 'shuffledEdges', 'erdosRenyi', 'resampled'] as const
export type GeneratorName = (typeof generatorNames)[number]

const count = (value: number) => z.number().int().positive().default(value)

/** What differs between generated graphs and molecules. */
const sizes = (defaults: Record<'train' | 'test' | 'width' | 'edgeWidth' | 'layers' | 'steps' | 'samples' | 'sampleSteps', number>) =>
  z
    .object({
      train: z.number().int().min(2).default(defaults.train).describe('graphs to train on'),
      test: z.number().int().min(2).default(defaults.test).describe('graphs to compare with'),
      width: count(defaults.width).describe('extent of a node; a multiple of heads'),
      edgeWidth: z.number().int().min(2).default(defaults.edgeWidth).describe('extent of a pair'),
      layers: count(defaults.layers).describe('layers of the network'),
      steps: count(defaults.steps).describe('steps of training'),
      samples: count(defaults.samples).describe('graphs that are generated'),
      sampleSteps: count(defaults.sampleSteps).describe('steps of sampling'),
    })
    .prefault({})

/** What a run can be told. An arm sets `task`, `generator`, `cut`, `triangle` and `variant`; the rest is common to all. */
export const config = z.object({
  tasks: z
    .array(z.enum(taskNames))
    .min(1)
    .default(['balance', 'traffic'])
    .describe('which sets the run covers; molecules take much longer'),
  extended: z.boolean().default(false).describe('whether geoTraffic also has its competitors, with the first seed'),
  task: z.enum(taskNames).default('balance').describe('the set (set by the arm)'),
  generator: z.enum(generatorNames).default('diffusion').describe('what graphs come from (set by the arm)'),
  cut: z.boolean().default(false).describe('cuts the paths between nodes and pairs (set by the arm)'),
  triangle: z.boolean().default(true).describe('the triangle update (set by the arm)'),
  variant: z.enum(['full', 'shuffledTraining', 'undertrained']).default('full').describe('what was done to the training (set by the arm)'),
  nodes: z.number().int().min(3).max(200).default(8).describe('nodes of a generated graph'),
  heads: count(4).describe('heads of attention'),
  powers: count(1).describe('powers of the noisy existence that pairs see'),
  batch: count(128).describe('graphs a step'),
  learningRate: z.number().positive().default(2e-3).describe("peak of the cosine, of Adam's rate"),
  ema: z.number().min(0).lt(1).default(0.995).describe('decay of the average of the parameters'),
  lambda: z.number().positive().default(1).describe('weight of edges beside nodes in the loss'),
  betas: z.tuple([z.number().positive(), z.number().positive()]).default([0.1, 20]).describe('noise of the process, first and last'),
  clip: z.number().positive().default(3).describe('bound of estimates of clean data, in deviations'),
  synthetic: sizes({ train: 4000, test: 1000, width: 48, edgeWidth: 24, layers: 3, steps: 800, samples: 500, sampleSteps: 150 }).describe(
    'of generated sets',
  ),
  molecule: sizes({
    train: 20_000,
    test: 2000,
    width: 64,
    edgeWidth: 32,
    layers: 4,
    steps: 4000,
    samples: 1000,
    sampleSteps: 250,
  }).describe('of molecules'),
})

export type Config = z.output<typeof config>

export type Sizes = Config['synthetic']

/** The settings of the arm's kind of data. */
export const sizesOf = ({ task, synthetic, molecule }: Config): Sizes => (task === 'molecules' ? molecule : synthetic)
