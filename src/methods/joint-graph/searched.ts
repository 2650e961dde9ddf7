import type { Searched } from '../../experiment/index.ts'

/** Which values were tried before the judged ones were fixed. */
export const searched: readonly Searched[] = [
  {
    keys: ['synthetic.*', 'batch', 'learningRate', 'ema', 'heads', 'clip'],
    range: [],
    chosen: {
      en: 'from a pilot of another implementation with one seed; 800 steps in the place of its 1,500, by what ten minutes allow, fixed before the first run',
      zh: '来自另一实现、单个种子的预实验；按十分钟预算以 800 步代替其 1,500 步，在首次运行之前确定',
    },
  },
  {
    keys: ['molecule.*', 'betas', 'lambda', 'powers'],
    range: [],
    chosen: { en: 'fixed before the first run, and not varied', zh: '首次运行前确定，未作搜索' },
  },
]
