import { NotFiniteError } from '../../engine/index.ts'
import type { DiffusionConfig, DiffusionModel, TrainingData, TrainingRecipe } from '../../kits/diffusion/index.ts'
import { importance } from '../../kits/diffusion/surgery/index.ts'
import { fromArrays } from '../../train/index.ts'
import type { PruneAdvisor } from './advisors.ts'
import type { StepGroup } from './groups.ts'
import type { MemoryBank, Trial } from './memory-bank.ts'
import { equalParts, probe, taylorGradients } from './probe.ts'
import { pruneGroup } from './prune-group.ts'
import { macsOf, type PruningReport } from './pruning-plan.ts'
import type { TrainingSession } from './session.ts'

/** How each copy is fine-tuned: everything of a recipe but the times and steps, which its group decides. */
export type FineTuning = Omit<TrainingRecipe, 'steps' | 'times'>

/** Stage 2 of one group. */
export interface GroupTask extends StepGroup {
  /** Share of the base's multiply-accumulates that it keeps. */
  readonly share: number
  readonly steps: number
}

export interface SpecialiseOptions {
  readonly groups: readonly GroupTask[]
  readonly fineTuning: FineTuning
  readonly advisor: PruneAdvisor
  readonly rounds: number
  /** Fine-tuning reaches so far into the neighbouring groups, as a share of the group's width. Default: 0. */
  readonly overlap?: number
  readonly data: TrainingData
  readonly seed: number
  /** Times that a group is trained on, where they are not its own: of controls. */
  timesOf?(group: number): TrainingRecipe['times']
  /** The loss of a candidate on a group, after so short a fine-tuning that it tells ways to prune apart. */
  evaluate?(model: DiffusionModel, group: GroupTask): Promise<number>
  onTrial?(trial: Trial): Promise<void> | void
}

/** A group's copy, pruned and fine-tuned. */
export interface Specialist extends GroupTask {
  readonly model: DiffusionModel
  readonly macs: number
  /** Nothing where the copy keeps all. */
  readonly pruning?: PruningReport
  readonly bank: MemoryBank
  /** Why the group kept the base itself: its fine-tuning went to infinity. */
  readonly flagged?: string
}

/**
 * Stage 1: one denoiser on all times.
 *
 * @param name of the training in its session
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 8, hidden: [8, 8] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const x = await random.normal(key(1), [64, 2]).ndarray()
 * const saving = { due: () => false, save: async () => {}, latest: async () => undefined, forget: async () => {} } // in memory alone
 * const session = await TrainingSession.open({ saving, data: { x } })
 * const base = await trainBase(session, 'base', config, { steps: 3, batch: 16, learningRate: 1e-3 }, 0)
 * base.config.predict // 'eps'
 */
export const trainBase = (
  session: TrainingSession,
  name: string,
  config: DiffusionConfig,
  recipe: TrainingRecipe,
  seed: number,
): Promise<DiffusionModel> => session.train({ name, config, recipe, seed })

/**
 * Stage 2: a copy of the base for each group, pruned to the group's budget and fine-tuned on the group's times only, with an optimizer and a moving average
 * of its own. A copy whose fine-tuning goes to infinity is replaced by the base, and flagged.
 *
 * @example
 * import { processOf } from 'quire/diffusion'
 *
 * const config = {
 *   network: { kind: 'mlp', width: 8, hidden: [8, 8] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const x = await random.normal(key(1), [64, 2]).ndarray()
 * const saving = { due: () => false, save: async () => {}, latest: async () => undefined, forget: async () => {} } // in memory alone
 * const session = await TrainingSession.open({ saving, data: { x } })
 * const fineTuning = { batch: 16, learningRate: 1e-3 }
 * const base = await trainBase(session, 'base', config, { ...fineTuning, steps: 3 }, 0)
 * const groups = planGroups(processOf(config.process), { count: 2, by: 'uniform' }).map((group) => ({ ...group, share: 1, steps: 2 }))
 * const tuned = await specialise(session, base, { groups, fineTuning, advisor: importanceAdvisor('magnitude'), rounds: 1, data: { x }, seed: 0 })
 * tuned.length // 2
 */
export async function specialise(session: TrainingSession, base: DiffusionModel, options: SpecialiseOptions): Promise<Specialist[]> {
  const total = macsOf(base)
  const specialists: Specialist[] = []
  for (const [index, group] of options.groups.entries()) {
    const { model, report, bank } = await prunedCopy(base, index, group, total, options)
    const common = { ...group, bank, ...(report && { pruning: report }) }
    try {
      const tuned = group.steps > 0 ? await session.train(trainingOf(model, index, group, options)) : model
      specialists.push({ ...common, model: tuned, macs: macsOf(tuned) })
    } catch (error) {
      if (!(error instanceof NotFiniteError)) throw error
      specialists.push({ ...common, model: base, macs: total, flagged: error.message })
    }
  }
  return specialists
}

function trainingOf(
  { config, params }: DiffusionModel,
  index: number,
  group: GroupTask,
  { fineTuning, seed, timesOf, overlap = 0 }: SpecialiseOptions,
) {
  const times = timesOf?.(index) ?? withOverlap(group, overlap)
  return { name: `group-${index}`, config, recipe: { ...fineTuning, steps: group.steps, times }, seed: seed + index, start: params }
}

const withOverlap = ({ from, to }: StepGroup, overlap: number) => ({ from: from - overlap * (to - from), to: to + overlap * (to - from) })

async function prunedCopy(base: DiffusionModel, index: number, group: GroupTask, total: number, options: SpecialiseOptions) {
  const { advisor, rounds, evaluate, onTrial } = options
  const target = group.share * total
  if (group.share === 1) return { model: base, report: undefined, bank: [] }
  return pruneGroup(base, {
    group: index,
    target,
    advisor,
    rounds,
    scores: await scoresOf(base, group, options),
    evaluate: (model) => evaluate!(model, group),
    onTrial,
  })
}

/** Parts of a group whose losses and gradients are looked at for Taylor importances. */
const taylorParts = 10

async function scoresOf(base: DiffusionModel, group: StepGroup, { advisor, data }: SpecialiseOptions): Promise<Float64Array[]> {
  if (advisor.importance === 'magnitude') return importance(base, 'magnitude')
  const gradients = taylorGradients(await probe(base, data, equalParts(base, taylorParts, group)))
  return importance(base, { gradients: fromArrays(gradients, base.params) })
}
