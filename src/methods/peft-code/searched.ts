import type { Searched } from '../../experiment/index.ts'

export const searched: readonly Searched[] = [
  {
    keys: ['learningRates.lora', 'learningRates.loraAll', 'learningRates.apiLora'],
    range: [3e-3, 1e-2, 3e-2],
    chosen: {
      en: 'the best of three on the validation part, with a seed that is not judged (--set tune=true)',
      zh: '在验证集上从三个值中选最优，使用不参与判定的种子（--set tune=true）',
    },
    trials: 9,
  },
  {
    keys: ['learningRates.ia3', 'learningRates.prompt', 'learningRates.prefix'],
    range: [1e-2, 3e-2, 1e-1],
    chosen: {
      en: 'the highest of three validated best; the grids were moved up by a factor of three, and the same rates now stand in their middle. The next higher rate was not tried',
      zh: '三者中最高者验证最优；网格整体上移三倍后这些学习率位于中间，更高一级未试',
    },
    trials: 8,
  },
  {
    keys: ['learningRates.nf4', 'learningRates.full', 'learningRates.slm', 'learningRates.apiFull'],
    range: [],
    chosen: {
      en: 'the first tried, from a pilot of another implementation, which looked at test examples',
      zh: '首个所试值，取自另一实现查看过测试样本的预实验',
    },
  },
  {
    keys: ['grids.*'],
    range: [],
    chosen: { en: 'centred on what that pilot found, but for those that were moved', zh: '除上移者外，以该预实验取值为中心' },
  },
]
