import type { SamplerConfig } from '../sampling.ts'
import { move, type StepPlanner, transition } from './plan.ts'

/**
 * Ancestral sampling (Ho et al. 2020, eq. 6–7): the posterior of x_to given x_from and x̂₀, with its own variance β̃ (`small`) or that of the forward step,
 * β (`large`). Written by signal and noise, it is also the ancestral sampler of variance exploding processes (Song et al. 2021, appendix F). No noise at
 * the last step. `learned` lies between the two, where the network says (Nichol & Dhariwal 2021, equation 15).
 */
export const ddpm =
  (variance: Extract<SamplerConfig, { kind: 'ddpm' }>['variance'] = 'small'): StepPlanner =>
  (process, from, to) => {
    const [after, before] = [process.at(from), process.at(to)]
    const { scale, variance: beta } = transition(process, from, to)
    const share = before.noise ** 2 / after.noise ** 2
    const noise = to === 0 ? 0 : Math.sqrt(variance === 'large' ? beta : share * beta)
    const growth = variance === 'learned' && to > 0 ? { growth: -0.5 * Math.log(share) } : {}
    return { moves: [{ ...move(from, share * scale, (beta * before.signal) / after.noise ** 2, noise), ...growth }] }
  }
