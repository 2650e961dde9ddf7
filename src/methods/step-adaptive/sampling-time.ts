import { type Denoiser, sample } from '../../kits/diffusion/index.ts'

/** How often each side is timed; they take turns, so that whatever else the machine does meets both. */
const rounds = 5

/** Seconds that 1,000 samples take in this process, the least of several rounds: of the bundle, and of one model for all times. */
export async function samplingSeconds(
  bundle: Denoiser,
  uniform: Denoiser,
  steps: number,
  count = 256,
): Promise<{ bundle: number; uniform: number }> {
  const best = { bundle: Number.POSITIVE_INFINITY, uniform: Number.POSITIVE_INFINITY }
  const sides = { bundle, uniform }
  for (let round = 0; round <= rounds; round++) {
    for (const side of ['bundle', 'uniform'] as const) {
      const begun = performance.now()
      await sample(sides[side], { sampler: { kind: 'ddim', eta: 1 }, steps, count, seed: round })
      // The first round compiles.
      if (round > 0) best[side] = Math.min(best[side], (performance.now() - begun) / count)
    }
  }
  return best
}
