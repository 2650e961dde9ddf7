import { InputError } from '../../../engine/index.ts'
import { normalCdf, normalQuantile } from '../../../engine/kernels/error-function.ts'
import type { NoiseProcess, ProcessConfig } from '../process.ts'
import { clamp, requireRising, requireTime } from './checks.ts'

/** Karras et al. 2022: the time is σ itself; in training ln σ is normal, cut to the process's σ. */
export function edm(config: Extract<ProcessConfig, { kind: 'edm' }>): NoiseProcess {
  requireRising('σ', config.sigmas)
  const [least, most] = config.sigmas
  const [mean, deviation] = config.train
  if (!(deviation > 0 && Number.isFinite(mean)))
    throw new InputError(`ln σ has mean ${mean} and deviation ${deviation} in training`, { where: 'edm', fix: 'give -1.2 and 1.2, say' })
  const conditionOf = (sigma: number) => Math.log(sigma) / 4
  const shareBelow = (sigma: number) => (sigma <= least ? 0 : sigma > most ? 1 : normalCdf((Math.log(sigma) - mean) / deviation))
  return {
    config,
    times: [least, most],
    at(time) {
      requireTime('edm', time, most)
      return { signal: 1, noise: time, condition: conditionOf(time === 0 ? least : time) }
    },
    timeOf: (sigma) => (sigma > 0 ? clamp(sigma, least, most) : 0),
    levelOf: (sigma) => ({ signal: 1, noise: sigma, condition: conditionOf(clamp(sigma, least, most)) }),
    shareBelow,
    atShare: (share) => clamp(Math.exp(mean + deviation * normalQuantile(share)), least, most),
    sde: (time) => ({ drift: 0, diffusion: Math.sqrt(2 * time) }),
  }
}
