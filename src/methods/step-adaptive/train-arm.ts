import { permutation, seedKey } from '../../data/draws.ts'
import { take } from '../../data/index.ts'
import { key } from '../../engine/index.ts'
import {
  bundleDenoiser,
  type Denoiser,
  type DiffusionModel,
  denoiserOf,
  modelNetwork,
  processOf,
  type TrainingData,
  type TrainingRecipe,
} from '../../kits/diffusion/index.ts'
import { importance } from '../../kits/diffusion/surgery/index.ts'
import { trainedOnce } from '../../train/kept.ts'
import { importanceAdvisor, type PruneAdvisor, searchAdvisor } from './advisors.ts'
import { groupAt, meanShare, sharesOf } from './budget.ts'
import { type BundleMember, bundleOf, routedDenoiser } from './bundle.ts'
import type { Config } from './config.ts'
import { groupsBy } from './grouping.ts'
import { planGroups, type StepGroup } from './groups.ts'
import type { Trial } from './memory-bank.ts'
import { pruneGroup } from './prune-group.ts'
import { macsOf } from './pruning-plan.ts'
import type { TrainingSession } from './session.ts'
import { lossAfter } from './short-tuning.ts'
import { type GroupTask, type Specialist, specialise } from './stages.ts'
import { allTimes, fineTuning, modelConfig, retainedOf, stageTwoSteps, stepsOf } from './tasks.ts'

/** What an arm is trained from. */
export interface ArmTraining {
  readonly config: Config
  readonly seed: number
  readonly session: TrainingSession
  readonly data: TrainingData
  /** SHA-256 of the data. */
  readonly dataName: string
  onTrial?(trial: Trial): Promise<void> | void
}

/** What an arm has come to. */
export interface TrainedArm {
  readonly denoiser: Denoiser
  /** One model for all times, or those of a bundle. */
  readonly models: readonly DiffusionModel[]
  /** Of arms with groups whose times follow each other. */
  readonly members?: readonly BundleMember[]
  readonly specialists?: readonly Specialist[]
  readonly groups: readonly StepGroup[]
  /** What the copies of groups were made from. */
  readonly base?: DiffusionModel
  /** Multiply-accumulates that serve a time. */
  macsAt(time: number): number
}

/** Of the training part, ways to prune are compared on one in so many; never on what is held out. */
const validationShare = 10

/** Steps that all trainings of an arm take together. */
export function totalSteps(config: Config): number {
  const { baseSteps } = config[config.task]
  if (config.training === 'base' || config.variant === 'no-stage-2') return baseSteps
  return baseSteps + stageTwoSteps(config)
}

export async function trainArm(arm: ArmTraining): Promise<TrainedArm> {
  switch (arm.config.training) {
    case 'base':
      return alone(arm, await baseOf(arm))
    case 'uniform':
      return alone(arm, await oneStage(arm))
    case 'two-stage':
      return alone(arm, await twoStages(arm))
    case 'groups':
      return inGroups(arm)
    case 'scratch':
      return fromScratch(arm)
  }
}

async function alone({ config }: ArmTraining, model: DiffusionModel): Promise<TrainedArm> {
  const macs = macsOf(model)
  const groups = uniformGroups(config, model)
  return { denoiser: denoiserOf(model), models: [model], groups, macsAt: () => macs }
}

/** Groups by which losses are reported, where none have a model of their own. */
const uniformGroups = ({ groups: { count, minWidth } }: Config, { config }: Pick<DiffusionModel, 'config'>) =>
  planGroups(processOf(config.process), { by: 'uniform', count, minWidth })

/** Trainings whose models several arms of a seed have in common. */
export const commonTrainings = ['base', 'uniform']

/** A model that is trained once, then taken from the cache. */
async function trainedInCommon(
  { config, seed, session, data, dataName }: ArmTraining,
  name: string,
  recipe: TrainingRecipe,
): Promise<DiffusionModel> {
  const model = modelConfig(config.task)
  let isTrained = false
  const { params } = await trainedOnce(
    {
      prefix: `step-adaptive-${name}`,
      recorded: { version: 1, model, recipe, data: dataName, seed },
      like: modelNetwork(model).init(key(0)),
      announce: `training ${name}`,
      async train() {
        isTrained = true
        return (await session.train({ name, config: model, recipe, seed })).params
      },
    },
    {},
  )
  await session.forget(name) // the cache keeps it
  if (!isTrained) session.skip(recipe.steps)
  return { config: model, params, ...(data.centre && { centre: data.centre }) }
}

/** Stage 1, which all arms but those of one stage begin with. */
const baseOf = (arm: ArmTraining): Promise<DiffusionModel> =>
  trainedInCommon(arm, 'base', allTimes(arm.config, arm.config[arm.config.task].baseSteps))

const oneStage = (arm: ArmTraining): Promise<DiffusionModel> =>
  trainedInCommon(
    arm,
    'uniform',
    allTimes(arm.config, totalSteps(arm.config), arm.config.variant === 'min-snr' ? { weighting: 'minSnr' } : {}),
  )

/** Stage 2 of every arm draws from streams of its own. */
const stageTwoSeed = (seed: number): number => 1000 * (seed + 1)

async function twoStages(arm: ArmTraining): Promise<DiffusionModel> {
  const { config, seed, session } = arm
  const base = await baseOf(arm)
  const start = config.variant === 'pruned' ? await prunedAlike(base, config) : base
  const recipe = { ...fineTuning(config, config.recipe), steps: stageTwoSteps(config), times: timesOfTwoStages(config, base) }
  return session.train({ name: 'stage-2', config: start.config, recipe, seed: stageTwoSeed(seed), start: start.params })
}

/** All times alike, or as often as the groups train on them. */
function timesOfTwoStages(config: Config, base: DiffusionModel): TrainingRecipe['times'] {
  if (config.variant !== 'weighted-times') return 'uniform'
  const groups = uniformGroups(config, base)
  const steps = stepsOf(groups, stageTwoSteps(config), true)
  return { ranges: groups.map(({ from, to }, i) => ({ from, to, weight: steps[i] })) }
}

/** The whole model, cut to the mean share of the groups. */
async function prunedAlike(base: DiffusionModel, config: Config): Promise<DiffusionModel> {
  const { model } = await pruneGroup(base, {
    group: 0,
    target: meanShare(config.groups.count, retainedOf(config)) * macsOf(base),
    advisor: importanceAdvisor('magnitude'),
    rounds: 1,
    scores: await importance(base, 'magnitude'),
    evaluate: async () => Number.NaN,
  })
  return model
}

async function inGroups(arm: ArmTraining): Promise<TrainedArm> {
  const { config, seed, session, data, onTrial } = arm
  const base = await baseOf(arm)
  const { count, minWidth, by, overlap } = config.groups
  const groups = await groupsBy(by, processOf(base.config.process), { count, minWidth, model: base, data })
  const tasks = tasksOf(config, groups)
  const shuffled = config.variant === 'shuffled-groups' ? shuffledSteps(groups, seed) : undefined
  const tuning = fineTuning(config, config.recipe)
  const validation = { ...data, ...take({ x: data.x }, Math.ceil(data.x.shape[0] / validationShare)) }
  const specialists = await specialise(session, base, {
    groups: tasks,
    fineTuning: tuning,
    advisor: advisorOf(config, seed),
    rounds: config.rounds,
    overlap,
    data,
    seed: stageTwoSeed(seed),
    ...(shuffled && { timesOf: (group) => shuffled.times[group] }),
    evaluate: (model, group) => lossAfter(model, group, { fineTuning: tuning, data, validation, seed: stageTwoSeed(seed) }),
    onTrial,
  })
  return { ...bundled(specialists, groups, shuffled?.groupOf), base }
}

/** Each group with its share of the operations and its steps. */
function tasksOf(config: Config, groups: readonly StepGroup[]): GroupTask[] {
  const shares = sharesOf(groups, config.sizing, retainedOf(config))
  const steps = stepsOf(groups, stageTwoSteps(config), config.recipe !== 'equal')
  const isTrained = config.variant !== 'no-stage-2'
  return groups.map((group, i) => ({ ...group, share: shares[i], steps: isTrained ? steps[i] : 0 }))
}

const advisorOf = ({ advisor }: Config, seed: number): PruneAdvisor =>
  advisor === 'search' ? searchAdvisor(seed) : importanceAdvisor(advisor)

function bundled(specialists: readonly Specialist[], groups: readonly StepGroup[], route?: (time: number) => number): TrainedArm {
  const models = specialists.map(({ model }) => model)
  const indexOf = route ?? ((time: number) => groupAt(groups, time))
  return {
    denoiser: route ? routedDenoiser(models, route) : bundleDenoiser(bundleOf(specialists)),
    models,
    ...(!route && { members: specialists }),
    specialists,
    groups,
    macsAt: (time) => specialists[indexOf(time)].macs,
  }
}

const shuffleUse = 0x73687566

/** Sets of random steps, as large as the groups. */
function shuffledSteps(groups: readonly StepGroup[], seed: number) {
  const count = groups.at(-1)!.to - 1
  const order = permutation(seedKey(seed, shuffleUse), count)
  const setOf = new Int32Array(count + 1)
  groups.forEach(({ from, to }, group) => {
    for (let i = from - 1; i < to - 1; i++) setOf[1 + order[i]] = group
  })
  const stepsIn = (group: number) => Array.from(setOf.keys()).filter((time) => time > 0 && setOf[time] === group)
  const times = groups.map((_, group) => ({ ranges: stepsIn(group).map((time) => ({ from: time, to: time + 1, weight: 1 })) }))
  return { times, groupOf: (time: number) => setOf[Math.max(1, time)] }
}

/** A model of the full size for each group that has seen nothing but its times, for as many steps as all arms have. */
async function fromScratch({ config, seed, session }: ArmTraining): Promise<TrainedArm> {
  const model = modelConfig(config.task)
  const groups = uniformGroups(config, { config: model })
  const steps = stepsOf(groups, totalSteps(config), true)
  const specialists: Specialist[] = []
  for (const [i, group] of groups.entries()) {
    const recipe = { ...allTimes(config, steps[i]), times: { from: group.from, to: group.to } }
    const trained = await session.train({ name: `group-${i}`, config: model, recipe, seed: stageTwoSeed(seed) + i })
    specialists.push({ ...group, share: 1, steps: steps[i], model: trained, macs: macsOf(trained), bank: [] })
  }
  return bundled(specialists, groups)
}
