import { abs, add, mean, mul, square, stopGradient, sub, type Tensor } from '../../engine/index.ts'
import type { DiffusionConfig, LevelTensors } from './denoiser.ts'
import type { Given, Network } from './network.ts'
import { estimateFrom, gainsOf, outputsOf, type PredictionConfig, perExample, predicted, targetOf } from './prediction.ts'
import type { NoiseLevel } from './process.ts'
import type { TrainingRecipe } from './training.ts'
import { boundOf, type ReverseStep } from './variational.ts'

/** A batch of training in the graph: clean data, noise, levels. */
export interface NoisyBatch {
  /** float32 [n, ...shape], centred. */
  readonly x0: Tensor
  /** Standard normal, of the same shape. */
  readonly eps: Tensor
  readonly level: LevelTensors
  readonly given?: Given
}

/** The ratio of signal to noise above which min-SNR weights stop growing (Hang et al. 2023). */
const minSnrGamma = 5

/**
 * The weight of the squared error of a prediction at a level. `simple`: 1 (Ho et al. 2020; of `edm` this is Karras et al.'s weight, since the output is
 * scaled to it). `minSnr`: min(SNR, 5) on the error of x₀. `likelihood`: ½ g² / noise² on the error of ε, which bounds the likelihood (Song et al. 2021).
 *
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'v',
 *   shape: [2],
 * } as const
 * weightOf(config, 'minSnr', { signal: 0.6, noise: 0.8 }, 1) // 0.36
 */
export function weightOf(
  config: PredictionConfig,
  weighting: Exclude<TrainingRecipe['weighting'], 'vlb'> = 'simple',
  level: Pick<NoiseLevel, 'signal' | 'noise'>,
  diffusion: number,
): number {
  if (weighting === 'simple') return 1
  const gains = gainsOf(config, level)
  if (weighting === 'minSnr') return Math.min((level.signal / level.noise) ** 2, minSnrGamma) * gains.x0 ** 2
  return 0.5 * (diffusion / level.noise) ** 2 * gains.eps ** 2
}

/**
 * The mean error of each example's prediction, [n], unweighted.
 *
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'v',
 *   shape: [2],
 * } as const
 * const network = networkOf(config.network, config.shape)
 * const level = { signal: tensor([0.6]), noise: tensor([0.8]), condition: tensor([49]) }
 * const batch = { x0: tensor([[1, 0]]), eps: tensor([[0, 1]]), level }
 * errorsOf(config, network, network.init(key(0)), batch).shape // [1]
 */
export function errorsOf<P>(
  config: PredictionConfig,
  network: Network<P>,
  params: P,
  { x0, eps, level, given }: NoisyBatch,
  loss: TrainingRecipe['loss'] = 'mse',
): Tensor {
  const batch = { x0, eps, level }
  return errorOf(config, predicted(config, network, params, noisyOf(batch), level, given), batch, loss)
}

const noisyOf = ({ x0, eps, level }: NoisyBatch): Tensor =>
  add(mul(perExample(level.signal, x0), x0), mul(perExample(level.noise, x0), eps))

function errorOf(config: PredictionConfig, prediction: Tensor, { x0, eps, level }: NoisyBatch, loss: TrainingRecipe['loss']): Tensor {
  const difference = sub(prediction, targetOf(config, x0, eps, level))
  const axes = x0.shape.slice(1).map((_, i) => i + 1)
  return mean(loss === 'l1' ? abs(difference) : square(difference), { axes })
}

/** λ of Nichol & Dhariwal 2021, section 3.1: of the bound in bits, summed over the chain. */
const boundWeight = 0.001

/** A batch of a chain whose variance is learned, with the reverse steps that its bound is of. */
export interface ChainBatch extends NoisyBatch {
  readonly step: Readonly<Record<keyof ReverseStep, Tensor>>
  /** Of the errors, [n]. */
  readonly weight: Tensor
}

/**
 * The loss of each example where the variance is learned, [n]: L_simple + 0.001 L_vlb, whose gradient through the mean is left out, so that the bound teaches
 * the variance alone (Nichol & Dhariwal 2021, equation 16). With `vlb` it is L_vlb, with all of its gradient.
 */
export function hybridErrorsOf<P>(
  config: DiffusionConfig,
  network: Network<P>,
  params: P,
  batch: ChainBatch,
  { loss, weighting }: Pick<TrainingRecipe, 'loss' | 'weighting'>,
): Tensor {
  const { x0, level, given, step, weight } = batch
  const x = noisyOf(batch)
  const { prediction, varianceShare } = outputsOf(config, network, params, x, level, given)
  const steps = config.process.kind === 'discrete' ? config.process.steps : 1
  const bound = (mean: Tensor): Tensor =>
    mul(
      boundOf({ x0, estimate: estimateFrom(config, mean, x, level).x0, varianceShare: varianceShare!, step, range: config.range! }),
      steps,
    )
  if (weighting === 'vlb') return bound(prediction)
  return add(mul(errorOf(config, prediction, batch, loss), weight), mul(bound(stopGradient(prediction)), boundWeight))
}
