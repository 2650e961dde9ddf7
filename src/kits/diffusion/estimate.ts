import type { Tensor } from '../../engine/index.ts'
import type { Denoiser, DiffusionConfig, DiffusionModel, Estimator } from './denoiser.ts'
import type { Network } from './network.ts'
import { networkOf } from './networks/index.ts'
import { checkPrediction, estimateFrom, predicted } from './prediction.ts'
import { processOf } from './processes/index.ts'

/**
 * What a config's network says of the clean data: a function of parameters, noisy data and levels. Nothing is clipped.
 *
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const estimate = estimatorOf(config, networkOf(config.network, config.shape))
 */
export function estimatorOf<P>(config: DiffusionConfig, network: Network<P>): Estimator<P> {
  checkPrediction(config)
  return (params, x, level, given) => estimateFrom(config, predicted(config, network, params, x, level, given), x, level)
}

/**
 * A model with fresh parameters.
 *
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * initModel(config, key(0)).config.shape // [2]
 */
export const initModel = (config: DiffusionConfig, key: Tensor): DiffusionModel => ({
  config,
  params: networkOf(config.network, config.shape, config.classes).init(key),
})

/**
 * What samplers and analyses ask of a trained model.
 *
 * @throws InputError for a config that makes no model.
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'linear' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const denoiser = denoiserOf(initModel(config, key(0)))
 * denoiser.process.times // [1, 100]
 */
export function denoiserOf({ config, params, centre }: DiffusionModel): Denoiser {
  const { shape, range, classes } = config
  const serving = { params, estimate: estimatorOf(config, networkOf(config.network, shape, classes)) as Estimator }
  return { process: processOf(config.process), shape, range, centre, classes, at: () => serving }
}
