import { move, type StepPlanner, transition } from './plan.ts'

/**
 * DDIM (Song, Meng & Ermon 2021, eq. 12 and 16): x_to = signal · x̂₀ + √(noise² − s²) · ε̂ + s · z with s = η times the deviation of the posterior.
 * η = 0 is Euler's method for the probability flow in (x / signal, σ); η = 1 is `ddpm` with the small variance.
 */
export const ddim =
  (eta = 0): StepPlanner =>
  (process, from, to) => {
    const [after, before] = [process.at(from), process.at(to)]
    const { variance } = transition(process, from, to)
    const deviation = (eta * before.noise * Math.sqrt(variance)) / after.noise
    // Of ε̂ = (x − signal·x̂₀) / noise.
    const eps = Math.sqrt(Math.max(0, before.noise ** 2 - deviation ** 2)) / after.noise
    return { moves: [move(from, eps, before.signal - eps * after.signal, deviation)] }
  }
