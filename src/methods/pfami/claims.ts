import type { Claim, Control, UnitRecord } from '../../experiment/index.ts'
import { dpArm, overfitted, sweepArm, wayOf } from './arms.ts'
import type { Judged } from './broken-ways.ts'
import type { Config } from './config.ts'
import { isJudged, type SweepPoint } from './sweep.ts'
import { judgedName } from './unit-parts.ts'

/** A judged number of the attack, or of the way to break it that stands in its place. */
const judged = (own: UnitRecord, unit: (arm: string) => UnitRecord, number: keyof Judged): number =>
  unit(overfitted).measurements[judgedName(wayOf(own.arm) ?? 'attack', number)]

const pointsOf = ({ details }: UnitRecord): readonly SweepPoint[] => (details as { points: SweepPoint[] }).points

/** The mean over all points that are judged; with neighbours that are the record, PFAMI's area is one half. */
function pooledDifference(points: readonly SweepPoint[], isIdentity: boolean): number {
  const counted = points.filter(isJudged)
  if (counted.length === 0) return Number.NaN
  const difference = ({ pfami, lossCalibrated }: SweepPoint) => (isIdentity ? 0.5 : pfami) - lossCalibrated
  return counted.reduce((sum, point) => sum + difference(point), 0) / counted.length
}

const isProtected: Claim['when'] = (config) => (config as unknown as Config).protect
/** DP models of the default noises. */
const dpNoises = [0, 1, 4, 16] as const

export const claims: readonly Claim[] = [
  {
    id: 'above-loss',
    statement: {
      en: 'On an over-fitted model the AUC of calibrated PFAMI is at least .04 above that of the loss',
      zh: '在过拟合模型上，经校准的 PFAMI 的 AUC 至少比损失阈值高 .04',
    },
    paper: { value: 0.279, unit: 'relative gain of the success rate over the best other attack', where: 'abstract' },
    arm: overfitted,
    baseline: { arm: overfitted, value: ({ measurements }) => measurements[judgedName('attack', 'loss')] },
    measure: (own, { unit }) => judged(own, unit, 'pfami') - judged(own, unit, 'loss'),
    threshold: 0.04,
    direction: 'atLeast',
  },
  {
    id: 'common-noise',
    statement: {
      en: 'Common random numbers add at least .04 to the AUC of PFAMI with one draw a noise level',
      zh: '每个噪声水平只抽一次时，公共随机数使 PFAMI 的 AUC 至少提高 .04',
    },
    paper: { value: 0, unit: 'AUC', where: 'the code draws fresh noise for each loss' },
    arm: overfitted,
    baseline: { arm: overfitted, value: ({ measurements }) => measurements[judgedName('attack', 'fresh')] },
    measure: (own, { unit }) => judged(own, unit, 'pfami') - judged(own, unit, 'fresh'),
    threshold: 0.04,
    direction: 'atLeast',
  },
  {
    id: 'null-test',
    statement: {
      en: 'A model that has seen neither members nor non-members tells them apart no better than chance: loss and PFAMI within three standard errors of one half',
      zh: '未见过成员与非成员的模型无法区分二者：损失与 PFAMI 的 AUC 距 0.5 不超过三个标准误',
    },
    paper: { value: 3, unit: 'standard errors', where: 'a test of the experiment, not of the paper' },
    arm: overfitted,
    measure: (own, { unit }) => judged(own, unit, 'nullDistance'),
    threshold: 3,
    direction: 'atMost',
  },
  {
    id: 'blind',
    statement: {
      en: 'The split itself tells nothing: classifiers of the bare records reach an AUC of at most .55',
      zh: '划分本身不含信息：只看原始记录的分类器 AUC 不超过 .55',
    },
    paper: { value: 0.5, unit: 'AUC', where: 'a test of the experiment, not of the paper' },
    arm: overfitted,
    measure: (own, { unit }) => judged(own, unit, 'blind'),
    threshold: 0.55,
    direction: 'atMost',
  },
  {
    id: 'before-overfitting',
    statement: {
      en: 'Before over-fitting (gap below 5 %, an area above .53) PFAMI is ahead of the calibrated loss on as many queries: the pooled difference of their areas is above 0',
      zh: '过拟合之前（差距低于 5 %，面积高于 .53），查询次数相同时 PFAMI 优于经校准的损失：合并面积差大于 0',
    },
    paper: { value: 0, unit: 'difference of AUCs', where: 'abstract: works where a model does not over-fit' },
    arm: overfitted,
    measure(own, { unit }) {
      const sweeps = [unit(overfitted), ...dependents(unit)]
      return pooledDifference(sweeps.flatMap(pointsOf), wayOf(own.arm) === 'identity-neighbours')
    },
    threshold: 0,
    direction: 'atLeast',
  },
  {
    id: 'exact-memory',
    statement: {
      en: 'Against a model that remembers its training set exactly, every attack on losses or estimates has an AUC above .99',
      zh: '面对精确记忆训练集的模型，每种基于损失或估计的攻击 AUC 都高于 .99',
    },
    paper: { value: 1, unit: 'AUC', where: 'a test of the attacks in closed form' },
    arm: 'exact/attack',
    measure: (own, { unit }) => unit('exact/attack').measurements[own.arm === 'exact/attack' ? 'leastArea' : 'otherLargestArea'],
    threshold: 0.99,
    direction: 'atLeast',
  },
  {
    id: 'privacy-bound',
    statement: {
      en: 'No attack finds more members of a model trained by DP-SGD than (ε, δ) allows: TPR ≤ e^ε FPR + δ at 20 thresholds',
      zh: '对 DP-SGD 训练的模型，任何攻击都不超过 (ε, δ) 所允许的：在 20 个阈值处 TPR ≤ e^ε FPR + δ',
    },
    paper: { value: 0, unit: 'excess over the bound', where: 'a theorem; beyond it there is a mistake' },
    arm: dpArm(16),
    measure: (own) => own.measurements.boundExcess,
    threshold: 0,
    direction: 'atMost',
    when: isProtected,
  },
  {
    id: 'privacy-monotone',
    statement: {
      en: 'The more noise in DP-SGD, the smaller the AUC of the calibrated loss: from the least noise to the most it falls, and nowhere rises by more than .04',
      zh: 'DP-SGD 噪声越大，经校准损失的 AUC 越小：从最小到最大噪声总体下降，且任何一步上升不超过 .04',
    },
    paper: { value: 0, unit: 'largest rise of the AUC', where: 'what differential privacy is for' },
    arm: dpArm(16),
    measure(own, { unit }) {
      const areas = dpNoises.map((noise) => unit(dpArm(noise)).measurements.aucLossCalibrated)
      if (own.arm === 'defence/noise-reversed') areas.reverse()
      return Math.max(areas.at(-1)! - areas[0] + 0.04, ...areas.slice(1).map((area, k) => area - areas[k]))
    },
    threshold: 0.04,
    direction: 'atMost',
    when: isProtected,
  },
]

/** The sweep's other models; those of the preset. */
const dependents = (unit: (arm: string) => UnitRecord): UnitRecord[] => [unit(sweepArm(2000))]

export const controls: readonly Control[] = [
  {
    id: 'out-model',
    arm: 'overfitted/out-model',
    breaks: ['above-loss'],
    broken: { en: 'a model that was trained on other records stands in the place of the target', zh: '目标模型换成在其他记录上训练的模型' },
  },
  {
    id: 'identity-neighbours',
    arm: 'overfitted/identity-neighbours',
    breaks: ['above-loss', 'before-overfitting'],
    broken: { en: 'every neighbour is the record itself: nothing fluctuates', zh: '每个邻居都是记录本身：没有波动' },
  },
  {
    id: 'shuffled-membership',
    arm: 'overfitted/shuffled-membership',
    breaks: ['above-loss'],
    broken: { en: 'who is a member is shuffled', zh: '打乱成员标签' },
  },
  {
    id: 'fresh-noise',
    arm: 'overfitted/fresh-noise',
    breaks: ['common-noise'],
    broken: { en: 'noise is drawn anew for every loss', zh: '每次计算损失都重新抽取噪声' },
  },
  {
    id: 'target-as-reference',
    arm: 'overfitted/target-as-reference',
    breaks: ['null-test'],
    broken: { en: 'the model of the null test has seen the members', zh: '零假设检验的模型见过成员' },
  },
  {
    id: 'sorted-split',
    arm: 'overfitted/sorted-split',
    breaks: ['blind'],
    broken: { en: 'the two sides are digits below 5 and the others', zh: '两边按数字小于 5 与否划分' },
  },
  {
    id: 'other-bank',
    arm: 'exact/other-bank',
    breaks: ['exact-memory'],
    broken: { en: 'the model remembers other records', zh: '模型记住的是其他记录' },
  },
  {
    id: 'no-privacy',
    arm: 'exact/attack',
    breaks: ['privacy-bound'],
    broken: { en: 'a perfect memory that is said to have ε = 2', zh: '声称 ε = 2 的完全记忆模型' },
  },
  {
    id: 'noise-reversed',
    arm: 'defence/noise-reversed',
    breaks: ['privacy-monotone'],
    broken: { en: 'the noises in reverse', zh: '噪声顺序颠倒' },
  },
]
