import { broadcastTo, fromArray, jit, reshape, type Tensor } from '../../../engine/index.ts'
import { negativeElbo, type VaeModel, type VaeParams, vaeNetwork } from '../../../kits/vae/index.ts'
import type { LikelihoodOracle } from './oracle.ts'

/** The negative ELBO ‖x − dec(μ + σ ε)‖² + KL, a row for each of so many encodings. */
export function vaeOracle({ config, params }: VaeModel, { encodings = 10 }: { encodings?: number } = {}): LikelihoodOracle {
  const network = vaeNetwork(config)
  const run = jit((params: VaeParams, versions: Tensor, noise: Tensor) => {
    const [records, count] = versions.shape
    const eps = reshape(broadcastTo(noise, [records, count, config.latent]), [records * count, config.latent])
    return negativeElbo({ config, network }, params, reshape(versions, [records * count, ...config.shape]), eps)
  })
  return {
    kind: 'elbo',
    rows: Array.from({ length: encodings }, (_, k) => `z${k}`),
    noise: config.latent,
    cost: 1,
    losses: async (_, versions, noise) =>
      (await run(params as VaeParams, fromArray(versions), fromArray(noise)).data()) as ArrayLike<number>,
  }
}
