import type { Claim, Control } from '../../experiment/index.ts'
import { quadraticArm } from './arms.ts'
import { digitsClaims, digitsControls } from './claims-digits.ts'
import { memoryClaims, memoryControls } from './claims-memory.ts'
import { measured } from './measured.ts'

const negative = 'the negative result of the paper; the place derived from the oracle’s mean'
const converges = 'theorem: sublinear convergence of the averaged method'

const naive = quadraticArm('l2', 'naive')
const averaged = quadraticArm('l2', 'averaged')

const quadraticClaims: readonly Claim[] = [
  {
    id: 'quadratic-stalls-where-predicted',
    statement: {
      en: 'Quadratic: not averaged, it stalls at the minimum over a ball c_d times as large; its gap after 100,000 steps is the predicted one, to 1 %',
      zh: '二次函数：不作平均时停在半径缩小为 c_d 倍的球上的最小点；100,000 步后的差距与预测相差不超过 1 %',
    },
    paper: { value: 0, unit: 'relative difference', where: negative },
    arm: naive,
    baseline: { arm: averaged, value: (unit) => Math.abs(unit.measurements.stalled - 1) },
    measure: (unit) => Math.abs(unit.measurements.stalled - 1),
    threshold: 0.01,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: 'quadratic-naive-stands-still',
    statement: {
      en: 'and stands still there: between 1,000 and 100,000 steps its gap moves by less than k^±0.02 (size of the exponent)',
      zh: '并且停滞：1,000 至 100,000 步之间差距的变化小于 k^±0.02（指数的绝对值）',
    },
    paper: { value: 0, unit: 'exponent', where: negative },
    arm: naive,
    baseline: { arm: averaged, value: (unit) => Math.abs(unit.measurements.slope) },
    measure: (unit) => Math.abs(unit.measurements.slope),
    threshold: 0.02,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: 'quadratic-averaged-converges',
    statement: { en: 'Averaged, 0.02 of the first gap is left after 100,000 steps', zh: '作平均时，100,000 步后只剩初始差距的 0.02' },
    paper: { value: 0, unit: 'share of the first gap', where: converges },
    arm: averaged,
    baseline: { arm: naive, value: measured('relativeGap') },
    measure: measured('relativeGap'),
    threshold: 0.02,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: 'quadratic-rate',
    statement: {
      en: 'and its gap falls like k to a power between −0.9 and −0.4 (distance of the exponent from −0.65)',
      zh: '差距按 k 的 −0.9 至 −0.4 次幂下降（指数与 −0.65 的距离）',
    },
    paper: { value: Math.abs(0.65 - 1 / 3), unit: 'exponent’s distance; the theory promises −1/3 at least', where: converges },
    arm: averaged,
    baseline: { arm: naive, value: (unit) => Math.abs(unit.measurements.slope + 0.65) },
    measure: (unit) => Math.abs(unit.measurements.slope + 0.65),
    threshold: 0.25,
    direction: 'atMost',
    judge: 'everySeed',
  },
]

const quadraticControls: readonly Control[] = [
  {
    id: 'quadratic-decoupled',
    arm: quadraticArm('l2', 'decoupled'),
    breaks: ['quadratic-averaged-converges', 'quadratic-rate'],
    broken: { en: 'the derivative along u scales a direction drawn independently of u', zh: '用与 u 无关的方向代替 u' },
  },
  {
    id: 'quadratic-not-averaged',
    arm: naive,
    breaks: ['quadratic-averaged-converges', 'quadratic-rate'],
    broken: { en: 'no averaging: r = 1', zh: '不作平均：r = 1' },
  },
  {
    id: 'quadratic-slack',
    arm: quadraticArm('l2', 'slack'),
    breaks: ['quadratic-stalls-where-predicted', 'quadratic-naive-stands-still'],
    broken: {
      en: 'the set holds the optimum: the gradient vanishes there, and the claim has no meaning and is refused',
      zh: '约束集包含最优点：该处梯度为零，命题失去意义而被拒绝',
    },
  },
  {
    id: 'quadratic-averaged',
    arm: averaged,
    breaks: ['quadratic-stalls-where-predicted', 'quadratic-naive-stands-still'],
    broken: { en: 'the stalled method is averaged after all', zh: '对停滞的方法作平均' },
  },
]

export const claims: readonly Claim[] = [...quadraticClaims, ...digitsClaims, ...memoryClaims]
export const controls: readonly Control[] = [...quadraticControls, ...digitsControls, ...memoryControls]
