import { InputError } from '../../engine/index.ts'
import type { Denoiser, DiffusionModel } from './denoiser.ts'
import { denoiserOf } from './estimate.ts'
import { processOf } from './processes/index.ts'

/** A model that serves the times from one to before another. */
export interface BundleMember {
  readonly from: number
  readonly to: number
  readonly model: DiffusionModel
}

/**
 * Several models of one process as one denoiser: each time is served by the member whose times it falls into (paper 17: step-adaptive training). Whatever
 * takes a `Denoiser` takes it.
 *
 * @param members in the order of their times, which leave no gap and cover the process
 * @throws InputError for gaps, overlaps, or models that are not of one process, shape, range and centre.
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const [early, late] = [initModel(config, key(0)), initModel(config, key(1))]
 * const denoiser = bundleDenoiser([{ from: 1, to: 51, model: early }, { from: 51, to: 101, model: late }])
 * denoiser.at(50) === denoiser.at(1) // true
 */
export function bundleDenoiser(members: readonly BundleMember[]): Denoiser {
  checkCover(members)
  const froms = members.map(({ from }) => from)
  return routedDenoiser(
    members.map(({ model }) => model),
    (time) => Math.max(0, froms.findLastIndex((from) => from <= time)),
  )
}

/**
 * The models as one denoiser, by any rule that names the index of the model for a time.
 *
 * @throws InputError for models that are not of one process, shape, range and centre.
 */
export function routedDenoiser(models: readonly DiffusionModel[], indexOf: (time: number) => number): Denoiser {
  checkAlike(models)
  const denoisers = models.map((model) => denoiserOf(model))
  return { ...denoisers[0], at: (time) => denoisers[indexOf(time)].at(time) }
}

function checkCover(members: readonly BundleMember[]): void {
  const refuse = (what: string): never => {
    throw new InputError(what, { where: 'bundle', fix: 'give groups that follow each other and cover the process' })
  }
  if (members.length === 0) refuse('there is no group')
  const [first, last] = processOf(members[0].model.config.process).times
  members.forEach(({ from, to }, i) => {
    if (!(from < to)) refuse(`group ${i + 1} goes from ${from} to ${to}`)
    const before = members[i - 1]?.to
    if (before !== undefined && before !== from) refuse(`group ${i + 1} begins at ${from}, the one before it ends at ${before}`)
  })
  if (members[0].from > first || members.at(-1)!.to < last)
    refuse(`groups cover ${members[0].from} to ${members.at(-1)!.to}, the process ${first} to ${last}`)
}

function checkAlike(models: readonly DiffusionModel[]): void {
  if (models.length === 0) throw new InputError('there is no model', { where: 'bundle' })
  const common = ({ config: { process, shape, range, classes }, centre }: DiffusionModel) => ({
    process: JSON.stringify(process),
    shape: `${shape}`,
    range: `${range}`,
    classes: `${classes}`,
    centre: `${centre?.data}`,
  })
  const first = common(models[0])
  models.forEach((model, i) => {
    const other = Object.entries(common(model)).find(([name, value]) => value !== first[name as keyof typeof first])
    if (other)
      throw new InputError(`model ${i + 1} has another ${other[0]} than the first`, {
        where: 'bundle',
        fix: 'bundle models of one base only',
      })
  })
}
