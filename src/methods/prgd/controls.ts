import type { Control } from '../../experiment/index.ts'
import { armOf } from './arms.ts'

const fixedNorm = { en: 'the norm does not grow: ρ = 1', zh: '范数不增长：ρ = 1' }
const onceAtEnd = {
  en: 'normalized gradient descent, whose norm is multiplied by 1e5 once, at the end',
  zh: '归一化梯度下降，只在最后把范数乘以 1e5',
}

export const controls: readonly Control[] = [
  {
    id: 'plane-no-growth',
    arm: armOf('plane', 'noGrowth'),
    breaks: ['plane-margin', 'plane-slope', 'plane-exponential', 'plane-beats-ngd'],
    broken: fixedNorm,
  },
  { id: 'plane-rescaled-at-end', arm: armOf('plane', 'rescaledAtEnd'), breaks: ['plane-margin', 'plane-beats-ngd'], broken: onceAtEnd },
  {
    id: 'plane-balanced',
    arm: armOf('plane', 'balanced'),
    breaks: ['plane-beats-ngd'],
    broken: {
      en: 'balanced classes: by symmetry normalized gradient descent is on the axis at once, so that there is nothing to beat',
      zh: '类别平衡：由对称性，归一化梯度下降立即在轴上，没有可超越之处',
    },
  },
  {
    id: 'plane-not-normalized',
    arm: armOf('plane', 'gd'),
    breaks: ['plane-ngd-law'],
    broken: { en: 'gradients are not normalized', zh: '梯度不归一化' },
  },
  {
    id: 'plane-growing-norm',
    arm: armOf('plane', 'prgd'),
    breaks: ['plane-ngd-law'],
    broken: { en: 'the norm is rescaled progressively', zh: '逐步放大范数' },
    added: {
      en: 'plain gradient descent is off by factors that differ between the sets, so that its interval reaches the bar',
      zh: '普通梯度下降的偏差倍数因数据而异，其区间触及判定线',
    },
  },
  {
    id: 'plane-normalized',
    arm: armOf('plane', 'ngd'),
    breaks: ['plane-gd-law', 'plane-exponential'],
    broken: { en: 'gradients are normalized, and the norm is left alone', zh: '梯度归一化，但不改变范数' },
  },
  {
    id: 'simplex-no-growth',
    arm: armOf('simplex', 'noGrowth'),
    breaks: ['simplex-margin', 'simplex-exponential'],
    broken: fixedNorm,
  },
  {
    id: 'simplex-growing-norm',
    arm: armOf('simplex', 'prgd'),
    breaks: ['simplex-ngd-polynomial'],
    broken: { en: 'the norm is rescaled progressively', zh: '逐步放大范数' },
  },
  { id: 'simplex-rescaled-at-end', arm: armOf('simplex', 'rescaledAtEnd'), breaks: ['simplex-margin'], broken: onceAtEnd },
  {
    id: 'simplex-dual-momentum',
    arm: armOf('simplex', 'dualMomentum'),
    breaks: ['simplex-ngd-slow', 'simplex-ngd-law'],
    broken: { en: 'normalized gradient descent with dual momentum', zh: '带对偶动量的归一化梯度下降' },
  },
  {
    id: 'digits-no-growth',
    arm: armOf('digits', 'noGrowth'),
    breaks: ['digits-short', 'digits-long', 'digits-growing-lead'],
    broken: fixedNorm,
  },
  { id: 'digits-rescaled-at-end', arm: armOf('digits', 'rescaledAtEnd'), breaks: ['digits-short', 'digits-long'], broken: onceAtEnd },
  {
    id: 'digits-true-labels',
    arm: armOf('digits', 'prgd'),
    breaks: ['digits-inseparable'],
    broken: { en: 'the labels as they are', zh: '原始标签' },
  },
  { id: 'network-no-growth', arm: armOf('network', 'noGrowth'), breaks: ['network-ngd', 'network-gd'], broken: fixedNorm },
]
