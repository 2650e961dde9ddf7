import type { Claim, UnitRecord } from '../../experiment/index.ts'
import { armOf } from './arms.ts'

const measured = (name: string) => (unit: UnitRecord) => unit.measurements[name]

const theorem = 'Theorem 6.2: the gap is e^(−Ω(t))'
const lowerBound = 'lower bounds for GD and NGD'

const planeClaims: readonly Claim[] = [
  {
    id: 'plane-margin',
    statement: {
      en: 'Plane: after 450 steps the margin is within 1e-6 of the largest (log₁₀ of the gap)',
      zh: '平面数据：450 步后间隔与最大间隔相差不超过 1e-6（差的 log₁₀）',
    },
    paper: { value: -6, unit: 'log₁₀ gap', where: theorem },
    arm: armOf('plane', 'prgd'),
    baseline: { arm: armOf('plane', 'ngd'), value: measured('logGap') },
    measure: measured('logGap'),
    threshold: -6,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: 'plane-slope',
    statement: { en: 'Its gap falls by log₁₀ρ/τ decades a step, to 2e-4', zh: '间隔差每步下降 log₁₀ρ/τ 个数量级（误差不超过 2e-4）' },
    paper: { value: 0, unit: 'decades a step off the prediction', where: theorem },
    arm: armOf('plane', 'prgd'),
    measure: ({ measurements: { slope, predictedSlope } }) => Math.abs(slope - predictedSlope),
    threshold: 2e-4,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: 'plane-exponential',
    statement: {
      en: 'An exponential law fits its gap at least ten times better than a power of t (log₁₀ of the ratio of residuals)',
      zh: '指数律对其间隔差的拟合至少比幂律好十倍（残差比的 log₁₀）',
    },
    paper: { value: 1, unit: 'log₁₀ ratio', where: theorem },
    arm: armOf('plane', 'prgd'),
    baseline: { arm: armOf('plane', 'ngd'), value: measured('exponentialAdvantage') },
    measure: measured('exponentialAdvantage'),
    threshold: 1,
    direction: 'atLeast',
    judge: 'everySeed',
  },
  {
    id: 'plane-beats-ngd',
    statement: {
      en: 'After 450 steps its gap is a thousandth of that of normalized gradient descent on the same data, or less (log₁₀)',
      zh: '450 步后，其间隔差不超过同一数据上归一化梯度下降的千分之一（log₁₀）',
    },
    paper: { value: -3, unit: 'log₁₀ ratio', where: 'Theorem 6.2 against the lower bound for NGD' },
    arm: armOf('plane', 'prgd'),
    measure: measured('advantage'),
    threshold: -3,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: 'plane-ngd-law',
    statement: {
      en: 'Normalized gradient descent is polynomial: gap · t at t = 1000 is ln 2/(2g), to 1 %',
      zh: '归一化梯度下降是多项式速率：t = 1000 时间隔差乘 t 等于 ln 2/(2g)，误差不超过 1 %',
    },
    paper: { value: 0, unit: 'relative difference', where: lowerBound },
    arm: armOf('plane', 'ngd'),
    measure: ({ measurements: { limitRatio } }) => Math.abs(limitRatio - 1),
    threshold: 0.01,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: 'plane-gd-law',
    statement: {
      en: 'Gradient descent is slower still: its gap falls slower than t^-0.5 between 5,000 and 20,000 steps (exponent)',
      zh: '梯度下降更慢：在 5,000 至 20,000 步之间，其间隔差下降慢于 t^-0.5（指数）',
    },
    paper: { value: 0, unit: 'exponent, for 1/log t', where: lowerBound },
    arm: armOf('plane', 'gd'),
    baseline: { arm: armOf('plane', 'ngd'), value: measured('power') },
    measure: measured('power'),
    threshold: -0.5,
    direction: 'atLeast',
    judge: 'everySeed',
  },
]

const simplexClaims: readonly Claim[] = [
  {
    id: 'simplex-margin',
    statement: {
      en: 'Simplex: after 600 steps the relative gap is at most 1e-5 in each dimension (log₁₀, the worst)',
      zh: '单纯形数据：600 步后各维度的相对间隔差都不超过 1e-5（log₁₀，取最差）',
    },
    paper: { value: -5, unit: 'log₁₀ relative gap', where: theorem },
    arm: armOf('simplex', 'prgd'),
    baseline: { arm: armOf('simplex', 'ngd'), value: measured('worstLogGap') },
    measure: measured('worstLogGap'),
    threshold: -5,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: 'simplex-ngd-slow',
    statement: {
      en: 'Normalized gradient descent is still at 1e-2 or above after 4,000 steps in each dimension (log₁₀, the best)',
      zh: '归一化梯度下降 4,000 步后在各维度仍不低于 1e-2（log₁₀，取最好）',
    },
    paper: { value: -2, unit: 'log₁₀ relative gap', where: lowerBound },
    arm: armOf('simplex', 'ngd'),
    baseline: { arm: armOf('simplex', 'gd'), value: measured('bestLateLogGap') },
    measure: measured('bestLateLogGap'),
    threshold: -2,
    direction: 'atLeast',
    judge: 'everySeed',
  },
  {
    id: 'simplex-exponential',
    statement: {
      en: 'PRGD: the exponential law fits at least three times better in each dimension (log₁₀ of the ratio of residuals)',
      zh: 'PRGD：指数律在各维度的拟合至少好三倍（残差比的 log₁₀）',
    },
    paper: { value: 0.5, unit: 'log₁₀ ratio', where: theorem },
    arm: armOf('simplex', 'prgd'),
    baseline: { arm: armOf('simplex', 'ngd'), value: measured('leastExponentialAdvantage') },
    measure: measured('leastExponentialAdvantage'),
    threshold: 0.5,
    direction: 'atLeast',
    judge: 'everySeed',
  },
  {
    id: 'simplex-ngd-polynomial',
    statement: {
      en: 'Normalized gradient descent: the power of t fits at least three times better in each dimension (log₁₀ of the ratio of residuals)',
      zh: '归一化梯度下降：幂律在各维度的拟合至少好三倍（残差比的 log₁₀）',
    },
    paper: { value: -0.5, unit: 'log₁₀ ratio', where: lowerBound },
    arm: armOf('simplex', 'ngd'),
    measure: measured('greatestExponentialAdvantage'),
    threshold: -0.5,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: 'simplex-ngd-law',
    statement: {
      en: 'Normalized gradient descent falls no faster than t^-1.1 in each dimension, between half and all of its steps (the steepest exponent)',
      zh: '归一化梯度下降在各维度的后一半步数中，下降不快于 t^-1.1（取最陡的指数）',
    },
    paper: { value: -1, unit: 'exponent', where: lowerBound },
    arm: armOf('simplex', 'ngd'),
    baseline: { arm: armOf('simplex', 'gd'), value: measured('steepestExponent') },
    measure: measured('steepestExponent'),
    threshold: -1.1,
    direction: 'atLeast',
    judge: 'everySeed',
    added: {
      en: 'the fit over all steps failed, since the first thousands are a transient; this asks for the lower bound where that is over',
      zh: '对全部步数的拟合不成立，因为最初数千步是过渡期；此处在过渡期之后检验下界',
    },
  },
]

/** The gaps of an arm in relation to those of normalized gradient descent, pair by pair, after so many steps. */
function ratios(own: UnitRecord, rival: UnitRecord, which: 'short' | 'long'): number[] {
  const names = Object.keys(own.measurements).filter((name) => name.startsWith('gap'))
  const budgets = [...new Set(names.map((name) => Number.parseInt(name.slice(3), 10)))].sort((a, b) => a - b)
  const prefix = `gap${which === 'short' ? budgets[0] : budgets.at(-1)}-`
  return names.filter((name) => name.startsWith(prefix)).map((name) => own.measurements[name] / rival.measurements[name])
}

const worst = (values: readonly number[]): number => (values.length ? Math.max(...values) : Number.NaN)

const digitsClaims: readonly Claim[] = [
  {
    id: 'digits-short',
    statement: {
      en: 'Digits, 2,000 steps: on each of six pairs PRGD at its best rate has at most half the gap of normalized gradient descent at its best',
      zh: '手写数字，2,000 步：在六对数字上，PRGD（最佳步长）的间隔差都不超过归一化梯度下降（最佳步长）的一半',
    },
    paper: { value: 0.5, unit: 'ratio, worst pair', where: 'experiments on real data' },
    arm: armOf('digits', 'prgd'),
    baseline: { arm: armOf('digits', 'ngd'), value: () => 1 },
    measure: (own, { baseline }) => worst(ratios(own, baseline, 'short')),
    threshold: 0.5,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: 'digits-long',
    statement: { en: 'and after 10,000 steps at most 0.30 of it', zh: '10,000 步后不超过其 0.30' },
    paper: { value: 0.3, unit: 'ratio, worst pair', where: 'experiments on real data' },
    arm: armOf('digits', 'prgd'),
    baseline: { arm: armOf('digits', 'ngd'), value: () => 1 },
    measure: (own, { baseline }) => worst(ratios(own, baseline, 'long')),
    threshold: 0.3,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: 'digits-growing-lead',
    statement: {
      en: 'The lead grows with the budget on each pair, as an exponential rate has it against a polynomial one (ratio of the ratios)',
      zh: '领先幅度随步数增加而扩大（比值之比），符合指数速率对多项式速率',
    },
    paper: { value: 1, unit: 'ratio, worst pair', where: theorem },
    arm: armOf('digits', 'prgd'),
    baseline: { arm: armOf('digits', 'ngd'), value: () => 1 },
    measure: (own, { baseline }) => {
      const [short, long] = [ratios(own, baseline, 'short'), ratios(own, baseline, 'long')]
      return worst(long.map((ratio, i) => ratio / short[i]))
    },
    threshold: 1,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: 'digits-inseparable',
    statement: {
      en: 'With every tenth label flipped, all six pairs are proven not separable',
      zh: '翻转十分之一的标签后，六对数字都被证明不可分',
    },
    paper: { value: 6, unit: 'pairs', where: 'what a user must be told' },
    arm: armOf('digits', 'flipped'),
    measure: measured('inseparable'),
    threshold: 6,
    direction: 'atLeast',
    judge: 'everySeed',
  },
]

/** The bars come from a pilot with two seeds. */
const pilot = (original: number): Claim['provisional'] => ({
  original,
  note: { en: 'from a pilot with two seeds', zh: '来自两个种子的试验' },
})

const networkClaim = (rule: 'ngd' | 'gd', times: number, statement: Claim['statement']): Claim => ({
  id: `network-${rule}`,
  statement,
  paper: { value: times, unit: 'ratio of normalized margins', where: 'deep networks' },
  arm: armOf('network', 'prgd'),
  baseline: { arm: armOf('network', rule), value: measured('margin') },
  measure: (own, { baseline }) => own.measurements.margin / baseline.measurements.margin,
  threshold: times,
  direction: 'atLeast',
  judge: 'everySeed',
  provisional: pilot(times),
})

const networkClaims: readonly Claim[] = [
  networkClaim('ngd', 2, {
    en: 'Network: 1,000 full steps with a norm that grows threefold reach twice the normalized margin of normalized gradient descent',
    zh: '网络：1,000 个全批量步、范数增长三倍后，归一化间隔达到归一化梯度下降的两倍',
  }),
  networkClaim('gd', 1.5, { en: 'and 1.5 times that of gradient descent', zh: '以及梯度下降的 1.5 倍' }),
]

export const claims: readonly Claim[] = [...planeClaims, ...simplexClaims, ...digitsClaims, ...networkClaims]
