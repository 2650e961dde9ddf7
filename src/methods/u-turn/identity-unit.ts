import type { Findings } from '../../experiment/index.ts'
import { meanSquare, uTurnCorrelation } from './correlations.ts'
import type { Context, Subject } from './digits-unit.ts'
import { fitGaussian, gTurn } from './g-turn.ts'
import { startsOf } from './real-data.ts'
import { denoised, uTurn } from './u-turn.ts'

/**
 * Given x_u, x₀ and an exact SDE's y₀ are two draws from one posterior, so that E⟨x₀, y₀⟩ = E‖D(x_u)‖² for any data: held against each other here, the
 * network and the sampler check each other.
 */
export async function identityUnit({ config, data, progress }: Context, { denoiser, options }: Subject): Promise<Findings> {
  const { samples, sigmas, steps } = config.identity
  const { x: x0 } = startsOf(data, samples, options.seeds[0])
  const { mean, spectrum } = await fitGaussian(data.train)
  const found: { raw: number; centred: number; identity: number }[] = []
  for (const [k, sigma] of sigmas.entries()) {
    const onStep = (done: number, total: number) => progress(k + done / total, sigmas.length, `σ ${sigma}`)
    const { xu, y0 } = await uTurn(denoiser, x0, { ...options, steps, levels: 'turn', sigma, seed: options.seeds[0], onStep })
    const identity = meanSquare(await denoised(denoiser, xu, sigma)) / meanSquare(x0)
    found.push({ ...uTurnCorrelation(x0, y0, mean), identity })
  }
  const gaussian = gTurn(spectrum, sigmas, 'sde')
  const along = (of: (each: (typeof found)[number]) => number) => ({ x: sigmas, y: found.map(of) })
  return {
    measurements: { identityError: Math.max(...found.map(({ raw, identity }) => Math.abs(raw - identity))) },
    series: {
      raw: along(({ raw }) => raw),
      identity: along(({ identity }) => identity),
      correlation: along(({ centred }) => centred),
      gaussian: { x: sigmas, y: gaussian },
    },
  }
}
