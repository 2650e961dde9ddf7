import { key } from '../src/engine/index.ts'
// The parts, not the kit: its files read and write, which a page cannot.
import { denoiserOf, initModel } from '../src/kits/diffusion/estimate.ts'
import { gaussianMixture } from '../src/kits/diffusion/exact/index.ts'
import { processOf } from '../src/kits/diffusion/processes/index.ts'
import { sample } from '../src/kits/diffusion/samplers/index.ts'
import { noiseUses, normalNoise } from '../src/kits/diffusion/samplers/noise.ts'
import type { SamplerConfig } from '../src/kits/diffusion/sampling.ts'

export interface Sampled {
  readonly noise: readonly number[]
  readonly samples: Readonly<Record<string, readonly number[]>>
}

const samplers: readonly SamplerConfig[] = [
  { kind: 'ddpm' },
  { kind: 'ddim' },
  { kind: 'em' },
  { kind: 'heun', churn: { amount: 4, sigmas: [0.05, 50], noise: 1 } },
  { kind: 'rk45', tolerance: 1e-3 },
  { kind: 'pc', snr: 0.1 },
]

/** Noise, and what every sampler makes of it, of a mixture in closed form and of a network: the same wherever it runs, but for the rounding of sums. */
export async function sampleAll(): Promise<Sampled> {
  const noise = new Float32Array(2000)
  normalNoise(3, noiseUses.sampling, 1000)(1, { first: 5, count: 2 }, noise)
  const process = { kind: 'edm', sigmas: [0.02, 20], train: [-1.2, 1.2] } as const
  const denoisers = {
    mixture: gaussianMixture({
      process: processOf(process),
      components: [
        { mean: [-1, 0], covariance: [0.2, 0.1, 0.1, 0.3] },
        { mean: [1, 1], covariance: 0.1 },
      ],
    }),
    network: denoiserOf(
      initModel({ network: { kind: 'mlp', width: 32, hidden: [32] }, process, predict: 'edm', sigmaData: 0.5, shape: [20] }, key(1)),
    ),
  }
  const samples: Record<string, number[]> = {}
  for (const [name, denoiser] of Object.entries(denoisers))
    for (const sampler of samplers) {
      const { x } = await sample(denoiser, { sampler, count: 16, steps: 12, seed: 0 })
      samples[`${name}, ${JSON.stringify(sampler)}`] = Array.from(x.data)
    }
  return { noise: Array.from(noise), samples }
}
