import { evaluate, fold, jit, key, type NDArray, random, type Tensor } from '../../engine/index.ts'
import type { VaeModel } from './config.ts'
import { fromUnit } from './elbo.ts'
import { type VaeParams, vaeNetwork } from './network.ts'

const sampleUse = 0x76736d70

/** Samples [count, ...shape]: means of p(x | z) for z from the prior, in the range of the data. */
export async function sampleVae({ config, params }: VaeModel, count: number, seed: number): Promise<NDArray> {
  const network = vaeNetwork(config)
  const run = jit((params: VaeParams, z: Tensor) => fromUnit(network.decode(params, z), config.range))
  const z = await evaluate(random.normal(fold(key(seed), sampleUse), [count, config.latent]))
  return run(params as VaeParams, z).ndarray()
}
