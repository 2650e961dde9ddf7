import { z } from 'zod'
import type { SizeName } from '../../kits/lm/config.ts'
import type { PeftConfig } from '../../kits/lm/peft/config.ts'

/** What is tuned of a model, or beside it. */
export const adapterNames = ['none', 'full', 'lora', 'loraAll', 'ia3', 'prompt', 'prefix'] as const
export type AdapterName = (typeof adapterNames)[number]

/** (IA)³'s maps in the study: all but the output of attention; the network's three are scaled at their inputs. */
const scaledMaps = ['q_proj', 'k_proj', 'v_proj', 'gate_proj', 'up_proj', 'down_proj']

/** The settings of the study; dropout is left out at this size, where 100 steps do not overfit. */
export const adapters: Readonly<Record<Exclude<AdapterName, 'none'>, PeftConfig>> = {
  full: { kind: 'full' },
  lora: { kind: 'lora', rank: 16, alpha: 32, dropout: 0 },
  loraAll: { kind: 'lora', rank: 8, alpha: 16, dropout: 0, targets: 'all-linear' },
  ia3: { kind: 'ia3', targets: scaledMaps },
  prompt: { kind: 'prompt', tokens: 20 },
  prefix: { kind: 'prefix', tokens: 10 },
}

/** Learning rates are chosen for each of these, from as many values each. */
export const rateNames = ['lora', 'loraAll', 'ia3', 'prompt', 'prefix', 'nf4', 'full', 'slm', 'apiLora', 'apiFull'] as const
export type RateName = (typeof rateNames)[number]

const sizeNames = ['tiny', 'nano', 'micro', 'mini', 'small'] as const satisfies readonly SizeName[]
/** The study's models, whose files a run needs. */
const studyModels = ['codeLlama7b', 'codegen350m'] as const
export type ModelName = (typeof sizeNames)[number] | (typeof studyModels)[number]
const modelNames = [...sizeNames, ...studyModels] as const
const count = (value: number, least = 1) => z.number().int().min(least).max(1_000_000).default(value)
const rate = (value: number) => z.number().positive().max(10).default(value)
const grid = (...values: [number, number, number]) => z.array(z.number().positive().max(10)).length(3).default(values)

const learningRates = z
  .object({
    lora: rate(1e-2).describe('LoRA on q, k, v'),
    loraAll: rate(1e-2).describe('LoRA on all linear maps'),
    ia3: rate(3e-1).describe('(IA)³'),
    prompt: rate(1e-1).describe('prompt tuning'),
    prefix: rate(9e-1).describe('prefix tuning'),
    nf4: rate(1e-2).describe('LoRA on a quantized base'),
    full: rate(3e-3).describe('all weights of the large model'),
    slm: rate(1.5e-2).describe('all weights of the small model'),
    apiLora: rate(1e-2).describe('LoRA on all linear maps, on calls of the invented interface'),
    apiFull: rate(3e-3).describe('all weights, on the same'),
  })
  .prefault({})
  .describe('peaks of the learning rates: the best of the grids on the validation part')

const grids = z
  .object({
    lora: grid(3e-3, 1e-2, 3e-2).describe('LoRA on q, k, v'),
    loraAll: grid(3e-3, 1e-2, 3e-2).describe('LoRA on all linear maps'),
    ia3: grid(1e-1, 3e-1, 9e-1).describe('(IA)³'),
    prompt: grid(3e-2, 1e-1, 3e-1).describe('prompt tuning'),
    prefix: grid(3e-1, 9e-1, 2.7).describe('prefix tuning'),
    nf4: grid(3e-3, 1e-2, 3e-2).describe('LoRA on a quantized base'),
    full: grid(1e-3, 3e-3, 1e-2).describe('all weights of the large model'),
    slm: grid(5e-3, 1.5e-2, 4.5e-2).describe('all weights of the small model'),
    apiLora: grid(3e-3, 1e-2, 3e-2).describe('LoRA on all linear maps, on calls of the invented interface'),
    apiFull: grid(1e-3, 3e-3, 1e-2).describe('all weights, on the same'),
  })
  .prefault({})
  .describe('three rates each, of which a run with tune=true takes the best')

/** What a run can be told. An arm sets what a unit trains, and on what; the rest is common to all. */
export const config = z.object({
  tune: z.boolean().default(false).describe('instead of the experiment: every rate of the grids on the validation part, seed 100'),
  task: z
    .enum(['tune', 'icl', 'api'])
    .default('tune')
    .describe('fine-tuning, examples in the prompt, or the invented interface (set by the arm)'),
  model: z
    .enum(['llm', 'slm', 'untrained'])
    .default('llm')
    .describe('the large model, the small one, or a large one of random weights (set by the arm)'),
  adapter: z.enum(adapterNames).default('lora').describe('what is tuned (set by the arm)'),
  quantization: z.enum(['none', 'nf4', 'int8', 'int2']).default('none').describe('how the base is kept (set by the arm)'),
  trainOn: z.enum(['conala', 'mbpp', 'both']).default('conala').describe('whose training part (set by the arm)'),
  shuffled: z.boolean().default(false).describe('answers change places among the training examples (set by the arm)'),
  shots: z.number().int().min(0).max(3).default(0).describe('examples in the prompt (set by the arm)'),
  retrieval: z.enum(['random', 'bm25']).default('random').describe('examples at random, or those that ask the most alike (set by the arm)'),
  decode: z.boolean().default(false).describe('write some answers out, with the first seed (set by the arm)'),
  rateScale: z.number().positive().max(1000).default(1).describe('multiplies the learning rate (set by the arm)'),
  llm: z.enum(modelNames).default('nano').describe('the large model'),
  slm: z.enum(modelNames).default('tiny').describe('the small model'),
  llmFolder: z.string().default('').describe('a model directory in the place of the large model'),
  slmFolder: z.string().default('').describe('and of the small one'),
  steps: z
    .object({
      scale: z.number().positive().max(100).default(1).describe('multiplies all of the below; nothing is judged unless it is 1'),
      base: count(350).describe('of the bases, on windows of 128 bytes'),
      longBase: count(50).describe('of the bases after that, on windows of 640 bytes, so that examples in a prompt can be read'),
      tuning: count(100).describe('of each arm on CoNaLa or MBPP; on both it takes as many as the two together'),
      api: count(300).describe('of each arm on the invented interface'),
    })
    .prefault({})
    .describe('training steps'),
  batch: z.number().int().min(1).max(512).default(16).describe('examples a step'),
  maxPrompt: z.number().int().min(1).max(4096).default(200).describe('bytes of what is asked; the rest is cut off'),
  maxCompletion: z.number().int().min(1).max(4096).default(160).describe('bytes of an answer on CoNaLa'),
  maxProgram: z.number().int().min(1).max(4096).default(256).describe('bytes of an answer on MBPP'),
  context: z.number().int().min(64).max(1024).default(640).describe('bytes that examples and the question may have together'),
  test: z
    .object({
      conala: count(250).describe('of CoNaLa, from the first'),
      mbpp: count(100).describe('of MBPP, tasks from 11 on'),
      api: z.number().int().min(1).max(120).default(120).describe('calls'),
      decoded: z.number().int().min(0).max(500).default(50).describe('answers that are written out by 10 beams, by two arms with one seed'),
    })
    .prefault({})
    .describe('test examples'),
  seeds: z
    .object({
      joint: z
        .number()
        .int()
        .min(1)
        .max(100)
        .default(1)
        .describe('of the arms on MBPP and on both; joint training is judged with at least 3'),
    })
    .prefault({})
    .describe('seeds of arms that have fewer than the others'),
  learningRates,
  grids,
})

export type Config = z.output<typeof config>

/** Whether a model is one of the study's, and not made here. */
export const isStudyModel = (name: ModelName): name is (typeof studyModels)[number] => (studyModels as readonly string[]).includes(name)

/** Which rate a unit takes. */
export function rateNameOf({ task, model, adapter, quantization }: Pick<Config, 'task' | 'model' | 'adapter' | 'quantization'>): RateName {
  if (task === 'api') return adapter === 'full' ? 'apiFull' : 'apiLora'
  if (model === 'slm') return 'slm'
  if (quantization !== 'none') return 'nf4'
  return adapter === 'none' ? 'lora' : adapter
}

/** Whether the rate that was chosen is not the middle of its grid: a better one may lie outside. */
export function isAtEdge({ learningRates, grids }: Pick<Config, 'learningRates' | 'grids'>, name: RateName): boolean {
  const sorted = [...grids[name]].sort((a, b) => a - b)
  return learningRates[name] <= sorted[0] || learningRates[name] >= sorted[2]
}

/** Steps after scaling, at least one. */
export const scaled = (steps: number, { steps: { scale } }: Pick<Config, 'steps'>): number => Math.max(1, Math.round(steps * scale))

/** Whether a run may judge anything. */
export const isJudged = ({ tune, steps }: Pick<Config, 'tune' | 'steps'>): boolean => !tune && steps.scale === 1
