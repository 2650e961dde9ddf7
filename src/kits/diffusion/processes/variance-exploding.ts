import type { NoiseProcess, ProcessConfig } from '../process.ts'
import { clamp, requireRising, requireTime } from './checks.ts'
import { firstTime } from './variance-preserving.ts'

/** The VE SDE (Song et al. 2021, equation 30): σ(t) = σ_min (σ_max / σ_min)^t for t > 0; time 0 is the data themselves. */
export function varianceExploding(config: Extract<ProcessConfig, { kind: 've' }>): NoiseProcess {
  requireRising('σ', config.sigmas)
  const [least, most] = config.sigmas
  const span = Math.log(most / least)
  const sigmaAt = (time: number) => least * Math.exp(span * time)
  return {
    config,
    times: [firstTime, 1],
    at(time) {
      requireTime('ve', time, 1)
      return { signal: 1, noise: time === 0 ? 0 : sigmaAt(time), condition: Math.log(least) + span * time }
    },
    timeOf: (sigma) => (sigma > 0 ? clamp(Math.log(sigma / least) / span, firstTime, 1) : 0),
    levelOf: (sigma) => ({ signal: 1, noise: sigma, condition: Math.log(clamp(sigma, least, most)) }),
    shareBelow: (time) => clamp((time - firstTime) / (1 - firstTime), 0, 1),
    atShare: (share) => firstTime + share * (1 - firstTime),
    sde: (time) => ({ drift: 0, diffusion: sigmaAt(time) * Math.sqrt(2 * span) }),
  }
}
