import { InputError } from '../../engine/index.ts'
import type { DiffusionModel, NoiseProcess, TrainingData } from '../../kits/diffusion/index.ts'
import { type GroupOptions, type groupingNames, planGroups, type StepGroup } from './groups.ts'
import { equalParts, gradientCosines, type Probe, probe } from './probe.ts'

export type GroupingName = (typeof groupingNames)[number]

export interface GroupingOptions extends Pick<GroupOptions, 'count' | 'minWidth'> {
  /** What grouping by losses or gradients measures them on. */
  readonly model?: DiffusionModel
  readonly data?: TrainingData
}

/** Whether a rule measures a base model. */
export const asksBase = (by: GroupingName): by is 'lossQuantile' | 'gradientSimilarity' =>
  by === 'lossQuantile' || by === 'gradientSimilarity'

/** Parts of the times whose losses and gradients decide groups. */
export const probedParts = 20

/**
 * Groups by a rule's name; where the rule asks a base model, it is probed on training data.
 *
 * @example
 * import { processOf } from 'quire/diffusion'
 *
 * const process = processOf({ kind: 'edm', sigmas: [0.002, 80], train: [-1.2, 1.2] })
 * const groups = await groupsBy('uniform', process, { count: 4 })
 * groups.map(({ difficulty }) => difficulty) // [4, 3, 2, 1]
 */
export async function groupsBy(by: GroupingName, process: NoiseProcess, options: GroupingOptions): Promise<StepGroup[]> {
  const { model, data, ...rest } = options
  if (!asksBase(by)) return planGroups(process, { by, ...rest })
  if (!model || !data) throw new InputError(`grouping by ${by} asks a base model`, { fix: 'give one, and data, or group uniformly' })
  const probes = await probe(model, data, equalParts(model, probedParts))
  return planGroups(process, { ...rest, ...measuresOf(by, probes) })
}

const measuresOf = (by: 'lossQuantile' | 'gradientSimilarity', probes: readonly Probe[]) =>
  by === 'lossQuantile' ? { by, losses: probes.map(({ loss }) => loss) } : { by, cosines: gradientCosines(probes) }
