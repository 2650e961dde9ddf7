import { moveByScore, type StepPlanner } from './plan.ts'

/** Euler's method on the probability flow (Song et al. 2021, eq. 13) in the process's own time: x ← x − (f·x − ½g²·score)·dt. */
export const ode: StepPlanner = (process, from, to) => {
  const { drift, diffusion } = process.sde(from)
  const dt = from - to
  return { moves: [moveByScore(process, from, 1 - drift * dt, 0.5 * diffusion ** 2 * dt)] }
}
