import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { parse, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { InputError } from '../../../engine/index.ts'
import { type SizeName, sizes } from '../../../kits/lm/config.ts'

const positive = z.number().positive()
const count = z.number().int().positive()

const source = z.strictObject({
  path: z.union([z.string(), z.array(z.string()).min(1)]).describe('text or JSONL files, or folders of them'),
  weight: z.number().describe('of its windows, in relation to the other domains of the stage'),
  field: z.string().default('text').describe('the field of JSONL lines that holds the text'),
  completionOnly: z
    .boolean()
    .default(false)
    .describe('JSONL lines of instruction, input (if any) and response: the loss is on the response alone'),
})

const stage = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'give a name of letters, digits, - _ .'),
  steps: count,
  mixture: z.record(z.string(), source).refine((mixture) => Object.keys(mixture).length > 0, 'give at least one domain'),
})

/** How continual pre-training goes: what it starts from, what each stage reads, and what is watched. */
export const planSchema = z.strictObject({
  base: z.string().optional().describe('a model directory in the Hugging Face layout'),
  size: z
    .enum(Object.keys(sizes) as [SizeName, ...SizeName[]])
    .optional()
    .describe('of a new model on bytes, where there is no base'),
  tokenizer: z.string().optional().describe('a directory with the tokenizer, where the base has none'),
  sequenceLength: z.number().int().min(8).default(128).describe('tokens of a window'),
  batch: count.default(16).describe('windows a step'),
  stages: z.array(stage).min(1),
  schedule: z
    .strictObject({
      kind: z.enum(['cosine', 'rewarm']).default('cosine').describe('one cosine over all stages, or one a stage'),
      warmup: z.number().int().nonnegative().default(20),
      peak: positive.default(1e-3),
      min: z.number().nonnegative().optional().describe('default: a tenth of the peak'),
      totalSteps: count.optional().describe('where the cosine ends; default: with the last stage'),
    })
    .prefault({}),
  optimizer: z
    .strictObject({ weightDecay: z.number().nonnegative().default(0.1), beta2: z.number().min(0).max(0.9999).default(0.95) })
    .prefault({}),
  seed: z.number().int().nonnegative().default(0),
  eval: z
    .strictObject({
      every: count.default(100).describe('steps'),
      domains: z.record(z.string(), z.union([z.string(), z.array(z.string()).min(1)])).default({}),
      old: z.array(z.string()).default([]).describe('domains that the base knows already: their change is the backward transfer'),
    })
    .prefault({}),
  method: z
    .union([
      z.literal('full'),
      z.strictObject({
        lora: z.strictObject({ rank: count.default(16), alpha: positive.default(32), targets: z.array(z.string()).optional() }),
      }),
      z.strictObject({
        lisa: z.strictObject({
          activeLayers: z.number().int().nonnegative().default(2).describe('blocks that train at a time'),
          interval: count.default(20).describe('steps between two draws of them'),
        }),
      }),
    ])
    .default('full')
    .describe('all weights, low-rank adapters that are merged at the end of each stage, or a few blocks at a time, drawn anew'),
  anchor: z.number().nonnegative().default(0).describe('λ of λ ‖θ − θ_base‖²'),
  average: z.number().min(0).max(1).default(0).describe('α of α θ_base + (1 − α) θ at the end'),
})

export type Plan = z.output<typeof planSchema>
export type PlanStage = Plan['stages'][number]
export type PlanSource = z.output<typeof source>

/**
 * Reads a plan from a YAML (or JSON) file; its paths are seen from the file's folder.
 *
 * @throws InputError for a file that cannot be read, is no YAML, or says what a plan cannot.
 */
export function readPlan(path: string): Plan {
  const found = planSchema.safeParse(readYaml(path))
  if (!found.success) {
    const [issue] = found.error.issues
    throw new InputError(`${issue.path.join('.') || 'the plan'}: ${issue.message}`, {
      where: path,
      fix: 'see the plan that `quire sample continual/` writes',
    })
  }
  const plan = located(found.data, dirname(path))
  checkPlan(plan, path)
  return plan
}

/** The content of a YAML file. @throws InputError where it is none. */
export function readYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    if (cause instanceof YAMLParseError) throw new InputError(`no YAML: ${cause.message.split('\n')[0]}`, { where: path, cause })
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new InputError('there is no such file', { where: path, cause })
    if (code === 'EISDIR') throw new InputError('is a folder, not a file', { where: path, cause })
    throw new InputError(`cannot be read (${(cause as Error).message})`, { where: path, cause })
  }
}

const seenFrom = (folder: string) => (path: string) => (isAbsolute(path) ? path : join(folder, path))

type Paths = string | readonly string[]

export const listOf = (paths: Paths): string[] => (typeof paths === 'string' ? [paths] : [...paths])

function located(plan: Plan, folder: string): Plan {
  const at = seenFrom(folder)
  const all = (paths: Paths) => listOf(paths).map(at)
  return {
    ...plan,
    ...(plan.base !== undefined && { base: at(plan.base) }),
    ...(plan.tokenizer !== undefined && { tokenizer: at(plan.tokenizer) }),
    stages: plan.stages.map((stage) => ({
      ...stage,
      mixture: Object.fromEntries(Object.entries(stage.mixture).map(([name, own]) => [name, { ...own, path: all(own.path) }])),
    })),
    eval: { ...plan.eval, domains: Object.fromEntries(Object.entries(plan.eval.domains).map(([name, paths]) => [name, all(paths)])) },
  }
}

/** What a schema cannot see. */
function checkPlan({ base, size, stages, eval: { domains, old }, schedule, method, anchor, average }: Plan, where: string): void {
  const refuse = (what: string, fix: string) => {
    throw new InputError(what, { where, fix })
  }
  if ((base === undefined) === (size === undefined))
    refuse('it needs a base or a size, and not both', 'base: the folder of a model, or size: nano')
  const names = stages.map(({ name }) => name)
  const twin = names.find((name, i) => names.indexOf(name) !== i)
  if (twin !== undefined) refuse(`two stages are called ${twin}`, 'give each its own name: checkpoints are kept by it')
  const stranger = old.find((domain) => !(domain in domains))
  if (stranger !== undefined) refuse(`the old domain '${stranger}' is not evaluated`, 'name it under eval.domains')
  if (schedule.min !== undefined && schedule.min > schedule.peak)
    refuse(`the learning rate falls from ${schedule.peak} to ${schedule.min}`, 'give a smaller min')
  const total = stages.reduce((sum, { steps }) => sum + steps, 0)
  if (schedule.totalSteps !== undefined && schedule.totalSteps < total)
    refuse(`the schedule ends after ${schedule.totalSteps} of ${total} steps`, 'give a larger totalSteps, or leave it out')
  if (method !== 'full' && (anchor > 0 || average > 0))
    refuse('an anchor and an average are for the training of all weights', 'leave anchor and average out, or take method: full')
}
