import type { Searched } from '../../experiment/index.ts'

/** Which values were tried before the judged ones were fixed. */
export const searched: readonly Searched[] = [
  {
    keys: ['training.mean', 'training.deviation'],
    range: ['(-0.6, 1.2)', '(-0.4, 1.6)'],
    chosen: {
      en: 'the second, before the first run, so that σ 40 lies inside the range of training; a pilot with one seed had the first',
      zh: '首次运行前选定后者，使 σ = 40 位于训练范围内；单种子预实验使用前者',
    },
  },
  {
    keys: ['judged', 'turns', 'identity.sigmas', 'mixture.sigmas'],
    range: [],
    chosen: {
      en: 'by a pilot with one seed, before the first run: 6.4 was the level that met all criteria there',
      zh: '由单种子预实验在首次运行前确定：其中 6.4 满足全部条件',
    },
  },
  {
    keys: [
      'network.*',
      'training.*',
      'steps',
      'churn',
      'samples',
      'samplingSeeds',
      'identity.steps',
      'mixture.samples',
      'mixture.steps',
      'features.steps',
    ],
    range: [],
    chosen: { en: 'fixed before the first run, by what ten minutes allow', zh: '首次运行前按十分钟预算确定' },
  },
]
