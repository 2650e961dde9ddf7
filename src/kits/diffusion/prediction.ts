import { add, clip, div, InputError, mul, neg, reshape, split, sqrt, square, sub, type Tensor } from '../../engine/index.ts'
import type { DiffusionConfig, Estimate, LevelTensors, Prediction } from './denoiser.ts'
import type { Given, Network } from './network.ts'

/*
 * What a network's output means. With a = signal and s = noise, x = a x₀ + s ε; each prediction has a target that training compares it with, and an
 * inverse that turns it into an estimate.
 */

/** The config's part that decides the meaning. */
export type PredictionConfig = Pick<DiffusionConfig, 'predict' | 'skip' | 'sigmaData' | 'process' | 'network' | 'variance'>

/** Levels [n] as factors of x [n, ...]. */
export const perExample = (level: Tensor, x: Tensor): Tensor => reshape(level, [-1, ...x.shape.slice(1).map(() => 1)])

/** Karras et al. 2022, table 1, column "Ours". */
function preconditioning(sigma: Tensor, sigmaData: number) {
  const total = add(square(sigma), sigmaData ** 2)
  const root = sqrt(total)
  return { skip: div(sigmaData ** 2, total), out: div(mul(sigma, sigmaData), root), in: div(1, root) }
}

/** σ_data of an `edm` config. @throws InputError where it has none. */
function sigmaDataOf({ sigmaData }: PredictionConfig): number {
  if (sigmaData !== undefined && sigmaData > 0) return sigmaData
  throw new InputError(`sigmaData is ${sigmaData}`, { where: "predict 'edm'", fix: 'give the root mean square of the centred data' })
}

const predictions: readonly Prediction[] = ['eps', 'x0', 'v', 'score', 'edm']

/** @throws InputError for a prediction that is none, or lacks what it needs. */
export function checkPrediction(config: PredictionConfig): void {
  if (!predictions.includes(config.predict))
    throw new InputError(`there is no prediction '${config.predict}'`, { fix: `choose one of ${predictions.join(', ')}` })
  if (config.predict === 'edm') sigmaDataOf(config)
  if (config.skip && config.predict !== 'eps')
    throw new InputError(`a skip is for a predicted ε, not '${config.predict}'`, { where: 'skip', fix: 'leave it out' })
  if (config.variance && (config.process.kind !== 'discrete' || config.process.steps < 2 || config.predict === 'edm'))
    throw new InputError('the variance of reverse steps is learned of a chain of two steps or more alone', {
      where: 'variance',
      fix: "leave it out, or take process 'discrete'",
    })
}

/** What a network gives, in the meaning of the config: [n, ...shape] each. */
export interface Outputs {
  readonly prediction: Tensor
  /** Where the variance is learned: an estimate's. */
  readonly varianceShare?: Tensor
}

/**
 * The network's prediction for noisy x [n, ...shape], in the meaning of the config: scaled inputs and the skip are part of it.
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
 * predicted(config, network, network.init(key(0)), tensor([[1, 2]]), level).shape // [1, 2]
 */
export function predicted<P>(
  config: PredictionConfig,
  network: Network<P>,
  params: P,
  x: Tensor,
  level: LevelTensors,
  given?: Given,
): Tensor {
  return outputsOf(config, network, params, x, level, given).prediction
}

/** As `predicted`, with the share of the variance where that is learned. */
export function outputsOf<P>(
  config: PredictionConfig,
  network: Network<P>,
  params: P,
  x: Tensor,
  level: LevelTensors,
  given?: Given,
): Outputs {
  const { signal, noise } = factors(level, x)
  const told = config.network.kind === 'unet' && config.network.embedding === 'gamma' ? level.signal : level.condition
  if (config.predict === 'edm') {
    const scaled = mul(div(x, signal), preconditioning(div(noise, signal), sigmaDataOf(config)).in)
    return { prediction: network.apply(params, scaled, told, given) }
  }
  const output = network.apply(params, x, told, given)
  const [first, v] = config.variance ? split(output, 2, { axis: 1 }) : [output]
  const prediction = config.skip ? add(first, mul(skipOf(config, signal, noise), x)) : first
  return v ? { prediction, varianceShare: mul(add(v, 1), 0.5) } : { prediction }
}

/** The best guess of ε that is a multiple of x, for data of unit variance: noise / (signal² + noise²). */
const skipOf = ({ process: { kind } }: PredictionConfig, signal: Tensor, noise: Tensor): Tensor =>
  kind === 'discrete' || kind === 'vp' ? noise : div(noise, add(square(signal), square(noise)))

/**
 * What a perfect prediction would be, of data x₀ and noise ε, both [n, ...shape].
 *
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'v',
 *   shape: [2],
 * } as const
 * const level = { signal: tensor([0.6]), noise: tensor([0.8]), condition: tensor([49]) }
 * await targetOf(config, tensor([[1, 0]]), tensor([[0, 1]]), level).array() // [[-0.8, 0.6]]
 */
export function targetOf(config: PredictionConfig, x0: Tensor, eps: Tensor, level: LevelTensors): Tensor {
  const { signal, noise } = factors(level, x0)
  switch (config.predict) {
    case 'eps':
      return eps
    case 'score':
      return neg(eps)
    case 'x0':
      return x0
    case 'v':
      return sub(mul(signal, eps), mul(noise, x0))
    case 'edm': {
      // (x₀ − c_skip (x₀ + σ ε)) / c_out, in the form without a difference of nearly equal numbers: (σ x₀ − σ_d² ε) / (σ_d √(σ² + σ_d²)).
      const own = sigmaDataOf(config)
      const sigma = div(noise, signal)
      return div(sub(mul(sigma, x0), mul(eps, own ** 2)), mul(sqrt(add(square(sigma), own ** 2)), own))
    }
  }
}

/**
 * What a prediction says of the data: x = signal · x₀ + noise · ε holds exactly between its parts.
 *
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'v',
 *   shape: [2],
 * } as const
 * const level = { signal: tensor([0.6]), noise: tensor([0.8]), condition: tensor([49]) }
 * const { x0 } = estimateFrom(config, tensor([[0, 0]]), tensor([[1, 2]]), level)
 * await x0.array() // [[0.6, 1.2]]
 */
export function estimateFrom(config: PredictionConfig, prediction: Tensor, x: Tensor, level: LevelTensors): Estimate {
  const { signal, noise } = factors(level, x)
  const ofEps = (eps: Tensor) => ({ x0: div(sub(x, mul(noise, eps)), signal), eps })
  const parts = (): Pick<Estimate, 'x0' | 'eps'> => {
    switch (config.predict) {
      case 'eps':
        return ofEps(prediction)
      case 'score':
        return ofEps(neg(prediction))
      case 'x0':
        return { x0: prediction, eps: div(sub(x, mul(signal, prediction)), noise) }
      case 'v': {
        const total = add(square(signal), square(noise)) // 1 where variance is preserved
        return {
          x0: div(sub(mul(signal, x), mul(noise, prediction)), total),
          eps: div(add(mul(noise, x), mul(signal, prediction)), total),
        }
      }
      case 'edm': {
        const own = sigmaDataOf(config)
        const sigma = div(noise, signal)
        const unit = div(x, signal)
        const { skip, out } = preconditioning(sigma, own)
        const total = add(square(sigma), own ** 2)
        // (x − D) / σ, again without the difference.
        const eps = sub(mul(div(sigma, total), unit), mul(div(own, sqrt(total)), prediction))
        return { x0: add(mul(skip, unit), mul(out, prediction)), eps }
      }
    }
  }
  const { x0, eps } = parts()
  return { x0, eps, score: neg(div(eps, noise)) }
}

/** dx₀ / d(prediction) and dε / d(prediction) at a level, in absolute value: what an error of the prediction means for either. */
export function gainsOf(config: PredictionConfig, { signal, noise }: { signal: number; noise: number }): { x0: number; eps: number } {
  const sigma = noise / signal
  switch (config.predict) {
    case 'eps':
    case 'score':
      return { x0: sigma, eps: 1 }
    case 'x0':
      return { x0: 1, eps: 1 / sigma }
    case 'v':
      return { x0: noise / (signal ** 2 + noise ** 2), eps: signal / (signal ** 2 + noise ** 2) }
    case 'edm': {
      const own = sigmaDataOf(config)
      const root = Math.hypot(sigma, own)
      return { x0: (sigma * own) / root, eps: own / root }
    }
  }
}

/**
 * The estimate with x₀ within bounds (each a number or a tensor of x's shape), and ε and the score that belong to it.
 *
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'v',
 *   shape: [2],
 * } as const
 * const level = { signal: tensor([0.6]), noise: tensor([0.8]), condition: tensor([49]) }
 * const x = tensor([[1, 2]])
 * const { x0 } = clipped(estimateFrom(config, tensor([[0, 0]]), x, level), x, level, [-1, 1])
 * await x0.array() // [[0.6, 1]]
 */
export function clipped(
  estimate: Estimate,
  x: Tensor,
  level: LevelTensors,
  [least, most]: readonly [Tensor | number, Tensor | number],
): Estimate {
  const { signal, noise } = factors(level, x)
  const x0 = clip(estimate.x0, least, most)
  const eps = add(estimate.eps, div(mul(signal, sub(estimate.x0, x0)), noise)) // exactly the old one where nothing is clipped
  return { ...estimate, x0, eps, score: neg(div(eps, noise)) }
}

const factors = (level: LevelTensors, x: Tensor) => ({ signal: perExample(level.signal, x), noise: perExample(level.noise, x) })
