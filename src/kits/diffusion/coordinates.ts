import { add, div, mul, neg, sqrt, square, type Tensor } from '../../engine/index.ts'
import type { Denoiser, Estimator, LevelTensors } from './denoiser.ts'
import { perExample } from './prediction.ts'
import type { NoiseProcess, ProcessConfig } from './process.ts'
import { processOf } from './processes/index.ts'

/**
 * The same denoiser, asked in another process's coordinates: one network, trained as a chain, say, runs with the samplers of Karras et al. on σ, and the
 * other way round. Both processes are x₀ + σ ε but for a scale, so the estimate is the same wherever σ is; a chain's network is told a number between those
 * of its steps.
 *
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const onSigma = inCoordinatesOf(denoiserOf(initModel(config, key(0))), { kind: 'edm', sigmas: [0.02, 80], train: [-1.2, 1.2] })
 * onSigma.process.times // [0.02, 80]
 */
export function inCoordinatesOf(denoiser: Denoiser, config: ProcessConfig): Denoiser {
  const asked = processOf(config)
  const own = denoiser.process
  const process: NoiseProcess = {
    ...asked,
    at(time) {
      const level = asked.at(time)
      return { ...level, condition: own.levelOf(level.noise > 0 ? level.noise / level.signal : Number.MIN_VALUE).condition }
    },
    levelOf: (sigma) => ({ ...asked.levelOf(sigma), condition: own.levelOf(sigma).condition }),
  }
  const known = new Map<unknown, ReturnType<Denoiser['at']>>()
  return {
    ...denoiser,
    variance: undefined,
    process,
    at(time) {
      const { signal, noise } = asked.at(time)
      const serving = denoiser.at(own.timeOf(noise / signal))
      if (!known.has(serving)) known.set(serving, { params: serving.params, estimate: rescaled(serving.estimate, own.config) })
      return known.get(serving)!
    },
  }
}

/** The signal of a process at σ. */
function signalAt({ kind }: ProcessConfig, sigma: Tensor): Tensor {
  if (kind === 've' || kind === 'edm') return add(mul(sigma, 0), 1)
  // a² + (1 − a²)² is not 1 for the sub-VP SDE: σ = (1 − a²) / a instead of √(1 − a²) / a.
  if (kind === 'subVp') return div(2, add(sigma, sqrt(add(square(sigma), 4))))
  return div(1, sqrt(add(square(sigma), 1)))
}

const rescaled =
  (estimate: Estimator, own: ProcessConfig): Estimator =>
  (params, x, level, given) => {
    const sigma = div(level.noise, level.signal)
    const signal = signalAt(own, sigma)
    const inner: LevelTensors = { signal, noise: mul(sigma, signal), condition: level.condition }
    const { x0, eps } = estimate(params, mul(x, perExample(div(signal, level.signal), x)), inner, given)
    return { x0, eps, score: neg(div(eps, perExample(level.noise, x))) }
  }
