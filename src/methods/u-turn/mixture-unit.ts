import type { Findings, UnitContext } from '../../experiment/index.ts'
import { noised } from '../../kits/diffusion/index.ts'
import type { Config } from './config.ts'
import { expectedFlips, flipProbability, flips, momentError, twoModes } from './mixture.ts'
import { returned } from './u-turn.ts'

/** What the way back from x₀ draws is not what x₀ and its noise were drawn with. */
const [forData, forNoise, forReturn] = [0, 1, 2].map((use) => (seed: number) => 3 * seed + use)

/** U-turns of a mixture whose score is known: how often they end in the other mode, and whether they leave its distribution as it is. */
export async function mixtureUnit({ config, seed, progress, signal, log }: UnitContext<Config, unknown>): Promise<Findings> {
  const { samples, steps, sigmas } = config.mixture
  const exact = twoModes()
  const x0 = exact.draw(samples, forData(seed))
  const found: { sigma: number; flips: number; error: number; expected: number; moments: number }[] = []
  for (const [k, sigma] of sigmas.entries()) {
    const xu = config.variant === 'noNoise' ? x0 : noised(exact, x0, sigma, forNoise(seed))
    const { y0 } = await returned(exact, xu, sigma, {
      sampler: config.sampler,
      steps,
      levels: 'turn',
      seed: forReturn(seed),
      signal,
      onStep: (done, total) => progress(k + done / total, sigmas.length, `σ ${sigma}`),
    })
    const expected = flipProbability(sigma)
    const error = Math.abs(expectedFlips(xu, y0, sigma) - expected)
    const point = { sigma, flips: flips(x0, y0), error, expected, moments: momentError(y0) }
    found.push(point)
    log(k, { flips: point.flips })
  }
  const x = found.map(({ sigma }) => sigma)
  return {
    measurements: {
      flipError: Math.max(...found.map(({ error }) => error)),
      momentError: Math.max(...found.map(({ moments }) => moments)),
    },
    series: {
      flips: { x, y: found.map(({ flips }) => flips) },
      expected: { x, y: found.map(({ expected }) => expected) },
    },
  }
}
