import { z } from 'zod'
import { InputError } from '../engine/index.ts'
import { unknownName } from '../experiment/index.ts'
import { adam, type Optimizer, type Rate, sgd, stepDecay } from '../optim/index.ts'

/*
 * Every optimizer that can be named, whichever paper it comes from: methods import no other method, they ask here. Each is imported when it is asked for.
 */

/** What a training run knows of itself when it asks for an optimizer. */
export interface TrainingPlan<P> {
  /** Where training starts. */
  readonly params: P
  readonly steps: number
  /** For optimizers that are given none in the text. */
  readonly learningRate: number
  /** Steps at which the learning rate falls to a tenth. Default: none. */
  readonly milestones?: readonly number[]
  /** Settings that the run has options of its own for, such as `lambda`; the text goes before them. Those that an optimizer has not are left out. */
  readonly defaults?: Readonly<Record<string, unknown>>
  readonly seed?: number
  warn?(line: string): void
}

/** An optimizer, and where it starts: at the given parameters, or inside the set that its iterates never leave. */
export interface Chosen<P> {
  readonly optimizer: Optimizer
  readonly params: P
}

type Settings = z.ZodObject

interface Entry<S extends Settings = Settings> {
  /** Keys of the text; numbers and words are told apart by the schema. */
  readonly settings: S
  make<P>(settings: z.output<S>, plan: TrainingPlan<P>): Promise<Optimizer | Chosen<P>>
}

const entry = <S extends Settings>(definition: Entry<S>): Entry => definition as unknown as Entry

const rate = { learningRate: z.coerce.number().positive().optional() }

/** The rate of the text or of the plan, which falls at the plan's milestones. */
const decaying = (learningRate: number | undefined, plan: TrainingPlan<unknown>): Rate =>
  stepDecay(learningRate ?? plan.learningRate, { milestones: plan.milestones ?? [] })

const structured = {
  ...rate,
  regularizer: z.enum(['group-lasso', 'l1', 'nuclear']).default('group-lasso'),
  groups: z.enum(['input', 'output']).default('input'),
  lambda: z.coerce.number().nonnegative().default(1e-3),
}
const averaged = { ...structured, momentum: z.coerce.number().positive().max(1).default(0.1) }

/** The options that RAMDA and its rivals share. */
async function structuredOptions(
  { learningRate, regularizer, groups, lambda }: z.output<z.ZodObject<typeof structured>>,
  plan: TrainingPlan<unknown>,
) {
  const { groupLasso, l1, nuclearNorm } = await import('./ramda/regularizer.ts')
  const make = { 'group-lasso': () => groupLasso(lambda, { by: groups }), l1: () => l1(lambda), nuclear: () => nuclearNorm(lambda) }
  return { learningRate: learningRate ?? plan.learningRate, milestones: plan.milestones ?? [], regularizer: make[regularizer]() }
}

const frankWolfeSettings = {
  set: z.string().default('l2'),
  r: z.coerce.number().optional(),
  d: z.coerce.number().optional(),
  init: z.coerce.number().optional(),
  k: z.coerce.number().optional(),
  p: z.coerce.number().optional(),
  averaging: z.string().default('0.9'),
  warmStart: z.coerce.number().nonnegative().default(20),
}

/** Frank-Wolfe's options, and the parameters moved into their sets: weight matrices are constrained, biases are free. */
async function insideOf<P>(
  { set, averaging, warmStart, ...size }: z.output<z.ZodObject<typeof frankWolfeSettings>>,
  plan: TrainingPlan<P>,
) {
  const { absoluteRadii, movedInside, onMatrices } = await import('./forward-frank-wolfe/constraints.ts')
  const { parseConstraint } = await import('./forward-frank-wolfe/constraint-text.ts')
  const { parseAveraging } = await import('./forward-frank-wolfe/averaging.ts')
  const given = Object.entries(size).filter(([, value]) => value !== undefined)
  const sized = given.some(([key]) => ['r', 'd', 'init'].includes(key)) || set === 'none' ? given : [...given, ['init', 3]]
  const constraint = parseConstraint(`${set}:${sized.map(([key, value]) => `${key}=${value}`).join(',')}`)
  const constraints = await absoluteRadii(plan.params, onMatrices(constraint))
  const params = await movedInside(plan.params, constraints, { warn: plan.warn })
  return { params, options: { constraints, averaging: parseAveraging(averaging), stepSize: { warmStart } } }
}

const shelf: Readonly<Record<string, Entry>> = {
  adam: entry({
    settings: z.object({ ...rate, weightDecay: z.coerce.number().nonnegative().default(0) }),
    make: async ({ learningRate, weightDecay }, plan) => adam({ learningRate: decaying(learningRate, plan), weightDecay }),
  }),
  sgd: entry({
    settings: z.object({ ...rate, momentum: z.coerce.number().nonnegative().lt(1).default(0.9) }),
    make: async ({ learningRate, momentum }, plan) => sgd({ learningRate: decaying(learningRate, plan), momentum }),
  }),
  ramda: entry({
    settings: z.object(averaged),
    make: async (settings, plan) =>
      (await import('./ramda/ramda.ts')).ramda({ ...(await structuredOptions(settings, plan)), momentum: settings.momentum }),
  }),
  rmda: entry({
    settings: z.object(averaged),
    make: async (settings, plan) =>
      (await import('./ramda/rmda.ts')).rmda({ ...(await structuredOptions(settings, plan)), momentum: settings.momentum }),
  }),
  proxSgd: entry({
    settings: z.object(structured),
    make: async (settings, plan) => (await import('./ramda/prox-sgd.ts')).proxSgd(await structuredOptions(settings, plan)),
  }),
  proxAdamW: entry({
    settings: z.object(structured),
    make: async (settings, plan) => (await import('./ramda/prox-adamw.ts')).proxAdamW(await structuredOptions(settings, plan)),
  }),
  proxSsi: entry({
    settings: z.object(structured),
    make: async (settings, plan) =>
      (await import('./ramda/prox-adamw.ts')).proxAdamW({ ...(await structuredOptions(settings, plan)), subproblem: { solver: 'exact' } }),
  }),
  prgd: entry({
    settings: z.object({
      ...rate,
      growth: z.coerce.number().min(1).default(3),
      interval: z.coerce.number().int().positive().default(10),
      warmup: z.coerce.number().int().positive().optional(),
      params: z.enum(['all', 'lastLayer']).default('all'),
    }),
    async make({ learningRate, growth, interval, params, warmup }, plan) {
      const { prgd } = await import('./prgd/prgd.ts')
      const { rescaling } = await import('./prgd/schedule.ts')
      // The norm grows once the examples are separated, for which half of the steps are left by default.
      const phases = { warmup: warmup ?? Math.max(1, Math.floor(plan.steps / 2)), steps: plan.steps }
      return prgd({
        learningRate: learningRate ?? plan.learningRate,
        loss: 'plain',
        params,
        ...rescaling({ kind: 'budget', growth, interval }, phases),
      })
    },
  }),
  forwardFrankWolfe: entry({
    settings: z.object({
      ...frankWolfeSettings,
      directions: z.coerce.number().int().positive().default(1),
      distribution: z.enum(['gaussian', 'rademacher', 'sphere']).default('gaussian'),
    }),
    async make({ directions, distribution, ...settings }, plan) {
      const { forwardFrankWolfe } = await import('./forward-frank-wolfe/index.ts')
      const { params, options } = await insideOf(settings, plan)
      return { optimizer: forwardFrankWolfe({ ...options, directions, distribution, seed: plan.seed ?? 0 }), params }
    },
  }),
  frankWolfe: entry({
    settings: z.object(frankWolfeSettings),
    async make(settings, plan) {
      const { frankWolfe } = await import('./forward-frank-wolfe/index.ts')
      const { params, options } = await insideOf(settings, plan)
      return { optimizer: frankWolfe(options), params }
    },
  }),
}

/**
 * The names, for helps and messages.
 *
 * @example
 * optimizerNames.includes('ramda') // true
 */
export const optimizerNames: readonly string[] = Object.keys(shelf)

/**
 * How a verb's option is described.
 *
 * @example
 * optimizerHelp.startsWith('what trains it: adam') // true
 */
export const optimizerHelp = `what trains it: ${optimizerNames.join('|')}, with settings after a colon, such as adam:learningRate=0.01`

const isChosen = <P>(made: Optimizer | Chosen<P>): made is Chosen<P> => 'optimizer' in made

/**
 * The optimizer that a text such as `ramda:lambda=1e-3,momentum=0.05` names, for a training run.
 *
 * @throws InputError for a name, a setting or a value that there is not.
 * @example
 * const params = { weight: zeros([4, 3]) }
 * const { optimizer } = await optimizerNamed('sgd:momentum=0.5', { params, steps: 100, learningRate: 1e-3 })
 * optimizer.name // 'sgd'
 */
export async function optimizerNamed<P>(text: string, plan: TrainingPlan<P>): Promise<Chosen<P>> {
  const { name, settings } = optimizerSettings(text, plan.defaults)
  const { make } = shelf[name]
  const made = await make(settings, plan)
  return isChosen(made) ? made : { optimizer: made, params: plan.params }
}

/**
 * The name and the settings that a text stands for, those that it leaves out from `defaults`; for whoever must know them, or refuse them before a long
 * run comes to them.
 *
 * @throws InputError as `optimizerNamed` does.
 * @example
 * optimizerSettings('ramda:lambda=0.01').settings.lambda // 0.01
 */
export function optimizerSettings(text: string, defaults: TrainingPlan<unknown>['defaults'] = {}) {
  const where = `optimizer ${text}`
  const [name, parts = ''] = text.split(/:(.*)/s)
  if (!Object.hasOwn(shelf, name)) throw unknownName('optimizer', name, optimizerNames, where)
  const { settings } = shelf[name]
  const known = Object.keys(settings.shape)
  const given = Object.fromEntries(
    parts
      .split(',')
      .filter(Boolean)
      .map((part) => settingOf(part, known, where)),
  )
  const own = Object.fromEntries(Object.entries(defaults).filter(([key]) => known.includes(key)))
  const result = settings.safeParse({ ...own, ...given })
  if (result.success) return { name, settings: result.data }
  const [{ path, message }] = result.error.issues
  throw new InputError(`${path.join('.')} is '${given[String(path[0])] ?? ''}'`, { where, fix: message })
}

function settingOf(part: string, known: readonly string[], where: string): [string, string] {
  const [key, value] = part.split(/=(.*)/s)
  if (!known.includes(key)) throw unknownName('setting', key, known, where)
  if (!value) throw new InputError(`${key} has no value`, { where, fix: `write ${key}=VALUE` })
  return [key, value]
}
