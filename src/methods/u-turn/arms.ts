import type { Arm } from '../../experiment/index.ts'
import type { Config } from './config.ts'

type Settings = Arm<Config>['config']

const digits = (id: string, label: string, kind: Arm['kind'], config: Settings): Arm<Config> => ({
  id: `digits/${id}`,
  label,
  kind,
  config: { task: 'digits', ...config },
})

const mixture = (id: string, label: string, kind: Arm['kind'], config: Settings): Arm<Config> => ({
  id: `mixture/${id}`,
  label,
  kind,
  config: { task: 'mixture', sampler: 'sde', ...config },
})

/** Everything that is sampled. A seed is that of a training; baselines and controls sample the same network as the method. */
export const arms = ({ judged }: Config): readonly Arm<Config>[] => [
  mixture('sde', 'mixture, SDE', 'method', {}),
  mixture('ode', 'mixture, probability flow', 'control', { sampler: 'ode', mixture: { sigmas: [2, 6, 12] } }),
  mixture('no-noise', 'mixture, not noised', 'control', { variant: 'noNoise', mixture: { sigmas: [2, 6, 12] } }),
  digits('churn', 'U-turn, churn', 'method', { sampler: 'churn' }),
  // Without the network, which the first arm trains in the meantime.
  digits('affine', 'the Gaussian’s denoiser', 'control', { variant: 'affine', turns: [judged, 2.06, 1.5, 1.08] }),
  digits('gaussian-samples', 'N(μ, Σ)', 'baseline', { variant: 'gaussianSamples' }),
  digits('starts', 'real starts, copied', 'reference', { variant: 'starts' }),
  digits('ode', 'U-turn, probability flow', 'method', { sampler: 'ode', samplingSeeds: 1 }),
  digits('sde', 'U-turn, Euler-Maruyama', 'method', { sampler: 'sde', variant: 'identity' }),
  digits('reduced', 'full run, fewer steps', 'baseline', { variant: 'reduced' }),
  digits('gaussian-start', 'from N(μ, Σ + σ²)', 'baseline', { variant: 'gaussianStart' }),
  digits('noise-start', 'from N(0, σ²)', 'baseline', { variant: 'noiseStart' }),
  digits('isotropic', 'same variance in all directions', 'control', { variant: 'isotropic', turns: [3.71] }),
  digits('identity-copy', 'U-turn at σ 0.035', 'control', { turns: [0.035], judged: 0.035 }),
  digits('shuffled', 'x₀ beside others', 'control', { variant: 'shuffled', sampler: 'ode', turns: [3.71, 2.06, 1.08, 0.53, 0.24, 0.035] }),
  digits('half-noise', 'from N(0, (σ/2)²)', 'control', { variant: 'halfNoise' }),
]
