import type { Searched } from '../../experiment/index.ts'

/** Which values were tried before the judged ones were fixed, and which each run tries itself. */
export const searched: readonly Searched[] = [
  {
    keys: ['digits.learningRates'],
    range: [1, 2, 4, 8, 16],
    chosen: {
      en: 'on each pair of digits every rule takes the best of these, by the judged quantity itself, in the run; the method and its rivals alike',
      zh: '每对数字上，每种规则在运行中按被判定的量取其中最优者，方法与对手一视同仁',
    },
    trials: 5,
  },
  {
    keys: ['map.*'],
    range: [],
    chosen: { en: 'all combinations are trained and shown, none is chosen', zh: '训练并展示全部组合，不作选择' },
  },
  {
    keys: ['rho', 'interval'],
    range: [],
    chosen: {
      en: 'believed to be the paper’s for its synthetic data, whose tables were not available',
      zh: '据信为论文合成数据上的取值（其表格无法获得）',
    },
  },
  {
    keys: ['digits.growth'],
    range: [],
    chosen: { en: 'fixed before the first run', zh: '首次运行前确定' },
  },
  {
    keys: ['network.growth'],
    range: [3, 10],
    chosen: {
      en: 'fixed in a pilot with two seeds, before the first run',
      zh: '首次运行前由两个种子的预实验确定',
    },
    trials: 3,
  },
  {
    keys: ['network.epochGrowth'],
    range: [1.02, 1.05],
    chosen: {
      en: 'a pilot found no value, nor step size, at which batches widen the margin; the smaller one is shown, and carries no claim',
      zh: '预实验中没有任何取值或步长能让小批量增大间隔；展示较小者，不作论断',
    },
  },
]
