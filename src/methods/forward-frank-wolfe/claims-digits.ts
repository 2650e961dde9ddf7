import type { Claim, Control } from '../../experiment/index.ts'
import { logisticArm, mlpArm } from './arms.ts'
import { measured } from './measured.ts'

const negative = 'the paper’s negative result: without averaging it does not converge'
const competitive = 'example on MNIST: accuracy competitive with back-propagation'

const sets = ['l2', 'ksparse'] as const
type SetName = (typeof sets)[number]
const names = { l2: { en: 'ℓ2 ball', zh: 'ℓ2 球' }, ksparse: { en: 'k-sparse polytope', zh: 'k 稀疏多面体' } } as const

const logisticClaims = (set: SetName): readonly Claim[] => [
  {
    id: `logistic-${set}-loss`,
    statement: {
      en: `Softmax regression, ${names[set].en}: averaged, the loss is at most 0.55 of that without averaging`,
      zh: `softmax 回归，${names[set].zh}：作平均时损失不超过不作平均时的 0.55`,
    },
    paper: { value: 0, unit: 'ratio of losses', where: negative },
    arm: logisticArm(set, 'averaged'),
    baseline: { arm: logisticArm(set, 'naive'), value: measured('loss') },
    measure: (unit, { baseline }) => unit.measurements.loss / baseline.measurements.loss,
    threshold: 0.55,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: `logistic-${set}-accuracy`,
    statement: { en: 'and at least 0.87 of the test digits are right', zh: '且测试准确率至少 0.87' },
    paper: { value: 0.87, unit: 'accuracy', where: competitive },
    arm: logisticArm(set, 'averaged'),
    baseline: { arm: logisticArm(set, 'exact'), value: measured('accuracy') },
    measure: measured('accuracy'),
    threshold: 0.87,
    direction: 'atLeast',
    judge: 'everySeed',
  },
  {
    id: `logistic-${set}-naive-stalls`,
    statement: {
      en: 'Not averaged, the loss stays at 1.9 or above (ln 10 = 2.30 is chance)',
      zh: '不作平均时损失不低于 1.9（ln 10 = 2.30 相当于随机）',
    },
    paper: { value: Math.LN10, unit: 'loss', where: negative },
    arm: logisticArm(set, 'naive'),
    baseline: { arm: logisticArm(set, 'averaged'), value: measured('loss') },
    measure: measured('loss'),
    threshold: 1.9,
    direction: 'atLeast',
    judge: 'everySeed',
  },
]

const method = mlpArm('averaged-0.9')
const naive = mlpArm('naive')

const mlpClaims: readonly Claim[] = [
  {
    id: 'network-accuracy',
    statement: { en: 'Network: averaged, at least 0.90 of the test digits are right', zh: '网络：作平均时测试准确率至少 0.90' },
    paper: { value: 0.9, unit: 'accuracy', where: competitive },
    arm: method,
    baseline: { arm: mlpArm('exact'), value: measured('accuracy') },
    measure: measured('accuracy'),
    threshold: 0.9,
    direction: 'atLeast',
    judge: 'everySeed',
  },
  {
    id: 'network-loss',
    statement: { en: 'and the loss is at most 0.5', zh: '且损失不超过 0.5' },
    paper: { value: 0.5, unit: 'loss', where: competitive },
    arm: method,
    baseline: { arm: naive, value: measured('loss') },
    measure: measured('loss'),
    threshold: 0.5,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: 'network-naive-accuracy',
    statement: {
      en: 'Not averaged, at the same number of evaluations, at most 0.40 are right',
      zh: '同样的求值次数，不作平均时准确率不超过 0.40',
    },
    paper: { value: 0.1, unit: 'accuracy', where: negative },
    arm: naive,
    baseline: { arm: method, value: measured('accuracy') },
    measure: measured('accuracy'),
    threshold: 0.4,
    direction: 'atMost',
    judge: 'everySeed',
  },
  {
    id: 'network-naive-loss',
    statement: { en: 'and the loss stays at 2.0 or above', zh: '且损失不低于 2.0' },
    paper: { value: Math.LN10, unit: 'loss', where: negative },
    arm: naive,
    baseline: { arm: method, value: measured('loss') },
    measure: measured('loss'),
    threshold: 2,
    direction: 'atLeast',
    judge: 'everySeed',
  },
  {
    id: 'network-directions',
    statement: {
      en: 'Averaging one direction a step beats 16 directions a step that are not averaged over the steps (difference of accuracies)',
      zh: '每步一个方向并作平均，胜过每步 16 个方向而不作平均（准确率之差）',
    },
    paper: { value: 0, unit: 'difference of accuracies', where: negative },
    arm: mlpArm('averaged-0.9'),
    measure: (unit, { unit: other }) => unit.measurements.accuracy - other(mlpArm('naive', { directions: 16 })).measurements.accuracy,
    threshold: 0,
    direction: 'atLeast',
    judge: 'everySeed',
  },
]

export const digitsClaims: readonly Claim[] = [...sets.flatMap(logisticClaims), ...mlpClaims]

const decoupled: Control['broken'] = {
  en: 'the derivative along u scales a direction drawn independently of u',
  zh: '用与 u 无关的方向代替 u',
}
const notAveraged: Control['broken'] = { en: 'no averaging: r = 1', zh: '不作平均：r = 1' }
const averagedAfterAll: Control['broken'] = { en: 'the stalled method is averaged after all', zh: '对停滞的方法作平均' }

const logisticControls = (set: SetName): readonly Control[] => {
  const gains = [`logistic-${set}-loss`, `logistic-${set}-accuracy`]
  return [
    { id: `logistic-${set}-decoupled`, arm: logisticArm(set, 'decoupled'), breaks: gains, broken: decoupled },
    // Accuracy does not depend on the scale of the logits, so that it says little of convergence: this control is asked for the loss alone.
    { id: `logistic-${set}-not-averaged`, arm: logisticArm(set, 'naive'), breaks: [`logistic-${set}-loss`], broken: notAveraged },
    {
      id: `logistic-${set}-averaged`,
      arm: logisticArm(set, 'averaged'),
      breaks: [`logistic-${set}-naive-stalls`],
      broken: averagedAfterAll,
    },
  ]
}

export const digitsControls: readonly Control[] = [
  ...sets.flatMap(logisticControls),
  {
    id: 'network-decoupled',
    arm: mlpArm('decoupled'),
    breaks: ['network-accuracy', 'network-loss', 'network-directions'],
    broken: decoupled,
  },
  { id: 'network-not-averaged', arm: naive, breaks: ['network-accuracy', 'network-loss', 'network-directions'], broken: notAveraged },
  { id: 'network-averaged', arm: method, breaks: ['network-naive-accuracy', 'network-naive-loss'], broken: averagedAfterAll },
]
