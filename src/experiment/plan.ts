import { mergeLayers, type PlainObject, resolveConfig } from './config.ts'
import type { Arm, Experiment } from './definition.ts'
import { type PlannedUnit, unitName } from './run/run-folder.ts'

/** The run's config with an arm's changes. */
export const armConfig = (definition: Experiment, config: unknown, arm: Arm): unknown =>
  resolveConfig(definition.config, [mergeLayers(config as PlainObject, arm.config ?? {})], `arm ${arm.id}`)

const seedCount = ({ seeds = 'all' }: Arm, all: number): number => Math.min(all, seeds === 'all' ? all : seeds === 'first' ? 1 : seeds)

/** Every (arm, seed), seed by seed, so that a run that is stopped early has whole seeds; each with its estimated cost. */
export async function planUnits(
  definition: Experiment,
  arms: readonly Arm[],
  config: unknown,
  seeds: readonly number[],
): Promise<PlannedUnit[]> {
  const estimates = new Map<string, Awaited<ReturnType<Experiment['estimate']>>>()
  for (const arm of arms) estimates.set(arm.id, await definition.estimate({ arm, config: armConfig(definition, config, arm) }))
  return seeds.flatMap((seed, i) =>
    arms.flatMap((arm) =>
      i < seedCount(arm, seeds.length) ? [{ unit: unitName(arm.id, seed), arm: arm.id, seed, ...estimates.get(arm.id)! }] : [],
    ),
  )
}
