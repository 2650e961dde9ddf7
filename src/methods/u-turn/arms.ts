import type { Arm, Label } from '../../experiment/index.ts'
import type { Config } from './config.ts'

type Settings = Arm<Config>['config']

const digits = (id: string, label: Label, kind: Arm['kind'], config: Settings): Arm<Config> => ({
  id: `digits/${id}`,
  label,
  kind,
  config: { task: 'digits', ...config },
})

const mixture = (id: string, label: Label, kind: Arm['kind'], config: Settings): Arm<Config> => ({
  id: `mixture/${id}`,
  label,
  kind,
  config: { task: 'mixture', sampler: 'sde', ...config },
})

/** Everything that is sampled. A seed is that of a training; baselines and controls sample the same network as the method. */
export const arms = ({ judged }: Config): readonly Arm<Config>[] => [
  mixture('sde', { en: 'mixture, SDE', zh: '混合分布，SDE' }, 'method', {}),
  mixture('ode', { en: 'mixture, probability flow', zh: '混合分布，概率流' }, 'control', {
    sampler: 'ode',
    mixture: { sigmas: [2, 6, 12] },
  }),
  mixture('no-noise', { en: 'mixture, not noised', zh: '混合分布，不加噪' }, 'control', {
    variant: 'noNoise',
    mixture: { sigmas: [2, 6, 12] },
  }),
  digits('churn', { en: 'U-turn, churn', zh: '掉头，churn' }, 'method', { sampler: 'churn' }),
  // Without the network, which the first arm trains in the meantime.
  digits('affine', { en: 'the Gaussian’s denoiser', zh: '高斯分布的去噪器' }, 'control', {
    variant: 'affine',
    turns: [judged, 2.06, 1.5, 1.08],
  }),
  digits('gaussian-samples', 'N(μ, Σ)', 'baseline', { variant: 'gaussianSamples' }),
  digits('starts', { en: 'real starts, copied', zh: '真实起点，照抄' }, 'reference', { variant: 'starts' }),
  digits('ode', { en: 'U-turn, probability flow', zh: '掉头，概率流' }, 'method', { sampler: 'ode', samplingSeeds: 1 }),
  digits('sde', { en: 'U-turn, Euler-Maruyama', zh: '掉头，Euler-Maruyama' }, 'method', { sampler: 'sde', variant: 'identity' }),
  digits('reduced', { en: 'full run, fewer steps', zh: '全程，步数较少' }, 'baseline', { variant: 'reduced' }),
  digits('gaussian-start', { en: 'from N(μ, Σ + σ²)', zh: '自 N(μ, Σ + σ²)' }, 'baseline', { variant: 'gaussianStart' }),
  digits('noise-start', { en: 'from N(0, σ²)', zh: '自 N(0, σ²)' }, 'baseline', { variant: 'noiseStart' }),
  digits('isotropic', { en: 'same variance in all directions', zh: '各方向方差相同' }, 'control', { variant: 'isotropic', turns: [3.71] }),
  digits('identity-copy', { en: 'U-turn at σ 0.035', zh: '在 σ 0.035 掉头' }, 'control', { turns: [0.035], judged: 0.035 }),
  digits('shuffled', { en: 'x₀ beside others', zh: 'x₀ 与他者错配' }, 'control', {
    variant: 'shuffled',
    sampler: 'ode',
    turns: [3.71, 2.06, 1.08, 0.53, 0.24, 0.035],
  }),
  digits('half-noise', { en: 'from N(0, (σ/2)²)', zh: '自 N(0, (σ/2)²)' }, 'control', { variant: 'halfNoise' }),
]
