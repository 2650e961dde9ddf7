import type { Claim, Control } from '../../experiment/index.ts'
import { quadraticArm } from './arms.ts'

const derived = 'derived from the abstract: averaging is what makes it converge'

const quadraticClaims: readonly Claim[] = [
  {
    id: 'quadratic-stalls-where-predicted',
    statement: {
      en: 'Without averaging it stalls at the minimum over a ball c_d times as large: its gap after 100,000 steps is that of the prediction, to 1 %',
      zh: '不作平均时停在半径缩小为 c_d 倍的球上的最小点：100,000 步后的差距与预测相差不超过 1 %',
    },
    paper: { value: 0, unit: 'relative difference', where: derived },
    arm: quadraticArm('l2', 'naive'),
    baseline: { arm: quadraticArm('l2', 'averaged'), value: (unit) => Math.abs(unit.measurements.stalled - 1) },
    measure: (unit) => Math.abs(unit.measurements.stalled - 1),
    threshold: 0.01,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: 'quadratic-averaged-converges',
    statement: { en: 'Averaged, 0.02 of the first gap is left after 100,000 steps', zh: '作平均时，100,000 步后只剩初始差距的 0.02' },
    paper: { value: 0, unit: 'share of the first gap', where: 'Theorem: sublinear convergence' },
    arm: quadraticArm('l2', 'averaged'),
    baseline: { arm: quadraticArm('l2', 'naive'), value: (unit) => unit.measurements.relativeGap },
    measure: (unit) => unit.measurements.relativeGap,
    threshold: 0.02,
    direction: 'atMost',
    judge: 'everySeed',
  },
]

export const claims: readonly Claim[] = [...quadraticClaims]

export const controls: readonly Control[] = [
  {
    id: 'quadratic-decoupled',
    arm: quadraticArm('l2', 'decoupled'),
    breaks: ['quadratic-averaged-converges'],
    broken: { en: 'the derivative along u scales a direction drawn independently of u', zh: '用与 u 无关的方向代替 u' },
  },
  {
    id: 'quadratic-slack',
    arm: quadraticArm('l2', 'slack'),
    breaks: ['quadratic-stalls-where-predicted'],
    broken: { en: 'the set holds the optimum, so that nothing needs to stall', zh: '约束集包含最优点' },
  },
]
