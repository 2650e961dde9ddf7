import type { NoiseProcess } from '../process.ts'
import { moveByScore, type StepPlanner } from './plan.ts'

/**
 * Euler-Maruyama on the reverse SDE (Song et al. 2021, eq. 6) in the process's own time: x ← x − (f·x − g²·score)·dt + g·√dt·z. No noise at the last step.
 */
export const em: StepPlanner = (process, from, to) => {
  const spread = diffusionOver(process, from, to)
  const drift = process.sde(from).drift * (from - to)
  return { moves: [moveByScore(process, from, 1 - drift, spread, to === 0 ? 0 : Math.sqrt(spread))] }
}

/** ∫g² dt from `to` to `from`: exact where the signal is kept (the growth of noise²), else g² at `from` times dt. */
function diffusionOver(process: NoiseProcess, from: number, to: number): number {
  const [after, before] = [process.at(from), process.at(to)]
  const kept = process.config.kind === 've' || process.config.kind === 'edm'
  return kept ? after.noise ** 2 - before.noise ** 2 : process.sde(from).diffusion ** 2 * (from - to)
}
