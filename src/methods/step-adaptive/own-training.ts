import { take } from '../../data/index.ts'
import { InputError, key } from '../../engine/index.ts'
import { type DiffusionConfig, type DiffusionModel, initModel, processOf, type TrainingRecipe } from '../../kits/diffusion/index.ts'
import type { PruneAdvisor } from './advisors.ts'
import { sharesOf } from './budget.ts'
import { fileSaving } from './file-saving.ts'
import { asksBase, type GroupingName, type GroupingOptions, groupsBy, probedParts } from './grouping.ts'
import type { Trial } from './memory-bank.ts'
import type { OwnImages } from './own-model.ts'
import { type PlannedGroup, readPlan } from './plan-file.ts'
import { countsFor, prunableNetwork } from './pruning-plan.ts'
import { TrainingSession } from './session.ts'
import { lossAfter } from './short-tuning.ts'
import { type Specialist, specialise } from './stages.ts'
import { stepsOf } from './tasks.ts'

export interface OwnTraining {
  readonly images: OwnImages
  /** A trained base, or the config of one that is to be trained. */
  readonly base: DiffusionModel | DiffusionConfig
  readonly advisor: PruneAdvisor
  readonly out: string
  readonly options: {
    readonly groups: number
    readonly by: GroupingName
    readonly minWidth: number
    readonly plan?: string
    readonly rounds: number
    readonly steps: number
    /** Share of the steps for stage 1, where the base is to be trained. */
    readonly stageOne: number
    readonly recipe: 'weighted' | 'equal'
    readonly overlap: number
    readonly batch: number
    readonly learningRate: number
    readonly tuningRate?: number
    readonly ema: number
    /** Also trains one model for all times with as many steps. */
    readonly uniform: boolean
    readonly seed: number
  }
  readonly retained: number
  /** All that decides the result beside these. */
  readonly recipe: unknown
  progress(done: number, total: number, note: string): Promise<void>
  onTrial(trial: Trial): void
}

export interface OwnResult {
  readonly base: DiffusionModel
  readonly groups: readonly PlannedGroup[]
  readonly specialists: readonly Specialist[]
  readonly uniform?: DiffusionModel
  /** Steps of stage 1 and stage 2. */
  readonly steps: readonly [number, number]
}

const isModel = (base: OwnTraining['base']): base is DiffusionModel => 'params' in base

/** Share of stage 1's steps, or of a group's, over which the rate rises. */
const warmupShare = 0.05

/** Both stages on somebody's own images, in a session that can be killed. */
export async function trainOwn(training: OwnTraining): Promise<OwnResult> {
  const { images, base: given, advisor, out, options, recipe, progress, onTrial } = training
  const { steps, stageOne, seed, rounds, overlap } = options
  const [first, second] = isModel(given)
    ? [0, steps]
    : [Math.max(1, Math.round(steps * stageOne)), Math.max(1, Math.round(steps * (1 - stageOne)))]
  const total = first + second + (options.uniform ? first + second : 0)
  const data = { ...images.train, ...(isModel(given) && given.centre && { centre: given.centre }) }
  const config = isModel(given) ? given.config : given
  const planned = await plannedGroups(config, training)
  checkBudgets(isModel(given) ? given : initModel(config, key(seed)), planned)
  const session = await TrainingSession.open({
    saving: fileSaving(out, { recipe, planned }),
    data,
    onStep: ({ done, loss }) => progress(done, total, `loss ${loss.toFixed(4)}`),
  })
  const base = isModel(given)
    ? given
    : await session.train({ name: 'base', config, recipe: recipeOf(options, first, options.learningRate), seed })
  const groups = isMeasured(options) ? await plannedGroups(config, training, { model: base, data }) : planned
  const weighted = stepsOf(groups, second, options.recipe === 'weighted')
  const fineTuning = recipeOf(options, Math.max(...weighted), options.tuningRate ?? options.learningRate)
  const validation = { ...data, ...take({ x: data.x, ...(data.labels && { labels: data.labels }) }, Math.ceil(data.x.shape[0] / 10)) }
  const stageTwoSeed = seed + 1000
  const specialists = await specialise(session, base, {
    groups: groups.map((group, i) => ({ ...group, steps: weighted[i] })),
    fineTuning,
    advisor,
    rounds,
    overlap,
    data,
    seed: stageTwoSeed,
    evaluate: (model, group) => lossAfter(model, group, { fineTuning, data, validation, seed: stageTwoSeed }),
    onTrial,
  })
  const uniform = options.uniform ? await uniformModel(session, given, training, first + second) : undefined
  return { base, groups, specialists, ...(uniform && { uniform }), steps: [first, second] }
}

function recipeOf(options: OwnTraining['options'], steps: number, learningRate: number): TrainingRecipe {
  const { batch, ema } = options
  return { steps, batch, learningRate, ema, warmup: Math.max(1, Math.floor(steps * warmupShare)) }
}

/** One model on all times with the samples of both stages; of a base that was given, as many as stage 2 has. */
function uniformModel(
  session: TrainingSession,
  given: OwnTraining['base'],
  { options }: OwnTraining,
  steps: number,
): Promise<DiffusionModel> {
  const from = isModel(given) ? { config: given.config, start: given.params } : { config: given }
  return session.train({ name: 'uniform', ...from, recipe: recipeOf(options, steps, options.learningRate), seed: options.seed })
}

/** Whether groups are known only when the base is trained. */
const isMeasured = ({ plan, by }: OwnTraining['options']): boolean => plan === undefined && asksBase(by)

/**
 * The groups with their shares. Until there is a base to measure, as many uniform ones stand for those by a measure: their shares are the same, so that
 * what cannot be is refused before a training and not after it.
 */
async function plannedGroups(
  config: DiffusionConfig,
  { options, retained }: OwnTraining,
  measured?: Pick<GroupingOptions, 'model' | 'data'>,
): Promise<PlannedGroup[]> {
  const { plan, by, groups: count, minWidth } = options
  const process = processOf(config.process)
  if (plan !== undefined) return readPlan(plan, process, minWidth)
  if (by === 'gradientSimilarity' && count > probedParts)
    throw new InputError(`${count} groups by gradients, which are measured in ${probedParts} parts of the times`, {
      where: '--groups',
      fix: `take at most ${probedParts}, or another --by`,
    })
  const groups = await groupsBy(asksBase(by) && !measured ? 'uniform' : by, process, { count, minWidth, ...measured })
  const shares = sharesOf(groups, 'difficulty', retained)
  return groups.map((group, i) => ({ ...group, share: shares[i] }))
}

/** @throws InputError for a share that pruning cannot come down to. */
function checkBudgets(base: DiffusionModel, groups: readonly PlannedGroup[]): void {
  const network = prunableNetwork(base)
  const alike = network.parts.map(() => 1)
  for (const { share } of groups) if (share < 1) countsFor(network, alike, share * network.total)
}
