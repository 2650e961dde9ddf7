import type { Searched } from '../../experiment/index.ts'

export const searched: readonly Searched[] = [
  {
    keys: [
      'learningRates.lora',
      'learningRates.loraAll',
      'learningRates.nf4',
      'learningRates.prompt',
      'learningRates.full',
      'learningRates.apiLora',
      'learningRates.apiFull',
    ],
    range: [1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1],
    chosen: {
      en: 'the best of three on the validation part, with a seed that is not judged (--set tune=true): the middle one of each grid',
      zh: '在验证集上从三个值中选最优，使用不参与判定的种子（--set tune=true）：均为各网格的中间值',
    },
    trials: 21,
  },
  {
    keys: ['learningRates.ia3', 'learningRates.prefix', 'learningRates.slm'],
    range: [1.7e-3, 5e-3, 1.5e-2, 3e-2, 1e-1, 3e-1],
    chosen: {
      en: 'the best of three in the same way, which is the highest of its grid: a higher one was not tried',
      zh: '同样方式从三个值中选最优，恰为网格中最高者；更高的值未试',
    },
    trials: 9,
  },
  {
    keys: ['grids.*'],
    range: [],
    chosen: { en: 'centred on what that pilot found, but for those that were moved', zh: '除上移者外，以该预实验取值为中心' },
  },
]
