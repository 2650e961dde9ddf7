import type { Tensor } from '../../engine/index.ts'
import type { Denoiser, DiffusionConfig, DiffusionModel, Estimator } from './denoiser.ts'
import type { Network } from './network.ts'
import { networkOf } from './networks/index.ts'
import { checkPrediction, estimateFrom, outputsOf } from './prediction.ts'
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
  return (params, x, level, given) => {
    const { prediction, ...share } = outputsOf(config, network, params, x, level, given)
    return { ...estimateFrom(config, prediction, x, level), ...share }
  }
}

/**
 * The network of a whole config, which a learned variance gives a second output.
 *
 * @example
 * const network = { kind: 'mlp', width: 32, hidden: [32] } as const
 * const { init } = modelNetwork({ network, process: { kind: 'discrete', steps: 100, schedule: 'cosine' }, predict: 'eps', shape: [2] })
 * const params = init(key(0))
 */
export const modelNetwork = ({ network, shape, classes, variance }: DiffusionConfig): Network =>
  networkOf(network, shape, classes, variance ? 2 : 1)

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
  params: modelNetwork(config).init(key),
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
  const { shape, range, classes, variance } = config
  const serving = { params, estimate: estimatorOf(config, modelNetwork(config)) as Estimator }
  return { process: processOf(config.process), shape, range, centre, classes, variance, at: () => serving }
}
