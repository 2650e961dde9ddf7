import { move, type StepPlanner, transition } from './plan.ts'

/**
 * Ancestral sampling (Ho et al. 2020, eq. 6–7): the posterior of x_to given x_from and x̂₀, with its own variance β̃ (`small`) or that of the forward step,
 * β (`large`). Written by signal and noise, it is also the ancestral sampler of variance exploding processes (Song et al. 2021, appendix F). No noise at
 * the last step.
 */
export const ddpm =
  (variance: 'small' | 'large' = 'small'): StepPlanner =>
  (process, from, to) => {
    const [after, before] = [process.at(from), process.at(to)]
    const { scale, variance: beta } = transition(process, from, to)
    const share = before.noise ** 2 / after.noise ** 2
    const noise = to === 0 ? 0 : Math.sqrt(variance === 'small' ? share * beta : beta)
    return { moves: [move(from, share * scale, (beta * before.signal) / after.noise ** 2, noise)] }
  }
