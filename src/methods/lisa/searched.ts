import type { Searched } from '../../experiment/index.ts'
import { tunedRates } from './arms.ts'

/** Which values were tried before the judged ones were fixed. */
export const searched: readonly Searched[] = [
  {
    keys: ['learningRate.full', 'learningRate.lisa', 'learningRate.static', 'learningRate.ends'],
    range: [...tunedRates.others],
    chosen: {
      en: 'on test text, in a pilot of one seed with another implementation; `--set tune=true` chooses on validation text',
      zh: '由另一实现的单种子预实验在测试文本上选出；`--set tune=true` 在验证文本上选择',
    },
  },
  {
    keys: ['learningRate.lora', 'learningRate.loraEnds'],
    range: [...tunedRates.lora],
    chosen: { en: 'as above', zh: '同上' },
  },
  {
    keys: ['learningRate.galore', 'learningRate.sgd', 'learningRate.adafactor'],
    range: [],
    chosen: { en: 'not tuned; of baselines that no claim is about', zh: '未调参；只用于与论断无关的基线' },
  },
  {
    keys: ['activeLayers', 'intervalSteps'],
    range: ['γ: 1, 2', 'K: 3, 10, 30, 60'],
    chosen: {
      en: 'two of six blocks and an interval a twelfth of the steps, as in the paper’s small models',
      zh: '六块中的两块，区间为步数的十二分之一，与论文小模型一致',
    },
  },
]
