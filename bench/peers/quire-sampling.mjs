/** DDIM (Song et al. 2021) without noise, by the diffusion kit's own sampler. */
import { denoiserOf, sample } from '../../dist/kits/diffusion/index.js'

export function sampling({ network, size, sampling: { steps, chain, betas } }, params, data) {
  const config = {
    network,
    process: { kind: 'discrete', steps: chain, schedule: 'linear', betas },
    predict: 'eps',
    shape: [1, size, size],
    range: [-1, 1],
  }
  const denoiser = denoiserOf({ config, params })
  return {
    reset() {},
    async step(i) {
      const start = { x: data[i].x, time: chain }
      const { x } = await sample(denoiser, { sampler: { kind: 'ddim' }, count: start.x.shape[0], steps, seed: 0, start })
      return x.data.reduce((sum, value) => sum + value * value, 0) / x.data.length
    },
  }
}
