import { type Bundle, type Denoiser, type DiffusionModel, denoiserOf, processOf } from '../../kits/diffusion/index.ts'
import type { StepGroup } from './groups.ts'

/** A group's model, and what one evaluation of it costs. */
export interface BundleMember extends Pick<StepGroup, 'from' | 'to'> {
  readonly model: DiffusionModel
  readonly macs: number
}

/**
 * The models of groups that follow each other as the kit's bundle, whose boundaries are the last times of its models.
 *
 * @example
 * import { initModel } from 'quire/diffusion'
 *
 * const config = {
 *   network: { kind: 'mlp', width: 8, hidden: [8, 8] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const model = initModel(config, key(0))
 * const { boundaries } = bundleOf([
 *   { from: 1, to: 51, model, macs: 100 },
 *   { from: 51, to: 101, model, macs: 80 },
 * ])
 * boundaries // [0, 50, 100]
 */
export function bundleOf(members: readonly BundleMember[]): Bundle {
  const { kind } = processOf(members[0].model.config.process).config
  // Steps of a chain are whole numbers, and the bundle counts the last one of each group instead of the first of the next.
  const shift = kind === 'discrete' ? 1 : 0
  return {
    models: members.map(({ model }) => model),
    boundaries: [...members.map(({ from }) => from - shift), members.at(-1)!.to - shift],
    macs: members.map(({ macs }) => macs),
  }
}

/** Models as one denoiser by any rule that names the model of a time: for controls whose groups do not follow each other. */
export function routedDenoiser(models: readonly DiffusionModel[], indexOf: (time: number) => number): Denoiser {
  const denoisers = models.map(denoiserOf)
  return { ...denoisers[0], at: (time) => denoisers[indexOf(time)].at(time) }
}
