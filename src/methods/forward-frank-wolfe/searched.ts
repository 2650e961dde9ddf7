import type { Searched } from '../../experiment/index.ts'

/** Which values were tried before the judged ones were fixed. */
export const searched: readonly Searched[] = [
  {
    keys: ['logistic.rates.forward'],
    range: ['four values'],
    chosen: {
      en: 'the best of those on the ℓ2 ball, for all sets; which they were was not written down',
      zh: '取 ℓ2 球上最好的一个，用于所有约束集；所试的值未记录',
    },
    trials: 4,
  },
  {
    keys: ['mlp.rates.forward'],
    range: ['three values'],
    chosen: { en: 'the best of those; which they were was not written down', zh: '取其中最好的一个；所试的值未记录' },
    trials: 3,
  },
  {
    keys: ['logistic.rates.sgd', 'logistic.rates.adam', 'mlp.rates.sgd', 'mlp.rates.adam', 'mnist.rates.*'],
    range: [],
    chosen: { en: 'not tuned', zh: '未调参' },
  },
  {
    keys: ['averaging', 'power'],
    range: ['4/(k+8)^(2/3)', '(k+1)^-0.8', '(k+1)^-0.9'],
    chosen: {
      en: 'all are trained and shown; each claim names the one that it judges: the 2/3 rule on the quadratic and in softmax regression, (k+1)^-0.9 on the network after a pilot with one seed',
      zh: '全部训练并展示；每个论断注明所判定者：二次函数与 softmax 回归为 2/3 规则，网络为 (k+1)^-0.9（由一个种子的预实验确定）',
    },
    trials: 3,
  },
  {
    keys: ['quadratic.*', 'logistic.sets.*', 'mlp.weightRadius', 'mlp.biasRadius', 'mlp.warmStart'],
    range: [],
    chosen: {
      en: 'the paper’s radii and steps are not known; fixed before the first run',
      zh: '论文的半径与步数未知；首次运行前确定',
    },
  },
]
