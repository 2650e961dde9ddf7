import type { SamplerConfig } from '../sampling.ts'
import { moveByScore, type Step, transition } from './plan.ts'
import { fillFromPrior } from './states.ts'
import { type Block, firstDraw, type Walk } from './walk.ts'

type Corrected = Extract<SamplerConfig, { kind: 'pc' }>

/**
 * Predictor-corrector sampling (Song et al. 2021, algorithms 2–5): at each time Langevin corrections x ← x + ε·score + scale·√(2ε)·z, then the
 * reverse-diffusion predictor. The last step returns its mean.
 *
 * ε = 2α(snr·‖z‖/‖score‖)² holds mean norms over a batch, on which samples would depend that are computed together. So the norms are measured on a pilot:
 * a block of samples from pure noise, by the same grid and seed. They decide ε for all samples, each of which then depends on the seed and its number alone.
 */
export async function pcPlan(walk: Walk, times: readonly number[], { snr, scale = 1, correctors = 1 }: Corrected): Promise<Step[]> {
  const { process } = walk.denoiser
  const pilot = walk.block(0, walk.rows)
  fillFromPrior(walk, pilot, times[0])
  const plan: Step[] = []
  for (let k = 0; k + 1 < times.length; k++) {
    const [from, to] = [times[k], times[k + 1]]
    const { scale: kept, variance } = transition(process, from, to)
    const draw = firstDraw(k, correctors + 1)
    const moves = []
    for (let j = 0; j < correctors; j++) {
      const epsilon = 2 * (kept * snr * (await normOfNoiseToScore(walk, pilot, from, draw + j))) ** 2
      moves.push(moveByScore(process, from, 1, epsilon, scale * Math.sqrt(2 * epsilon)))
      await walk.step(pilot, { moves: [moves[j]] }, draw + j)
    }
    moves.push(moveByScore(process, from, 2 - kept, variance, to === 0 ? 0 : Math.sqrt(variance)))
    await walk.step(pilot, { moves: [moves[correctors]] }, draw + correctors)
    plan.push({ moves })
  }
  return plan
}

/** Mean norm of the noise that is about to be used, over that of the score. */
async function normOfNoiseToScore(walk: Walk, pilot: Block, time: number, draw: number): Promise<number> {
  const level = walk.denoiser.process.at(time)
  await walk.estimate(pilot, () => level, pilot.spare)
  const x0 = pilot.spare.data
  const score = Float64Array.from(pilot.x.data, (x, i) => (level.signal * x0[i] - x) / level.noise ** 2)
  return meanNorm(walk.noise(pilot, draw), walk.size) / meanNorm(score, walk.size)
}

function meanNorm(rows: Float32Array | Float64Array, size: number): number {
  let total = 0
  for (let at = 0; at < rows.length; at += size) {
    let squares = 0
    for (let i = at; i < at + size; i++) squares += rows[i] ** 2
    total += Math.sqrt(squares)
  }
  return total / (rows.length / size)
}
