import type { Searched } from '../../experiment/index.ts'
import { tunedRates } from './arms.ts'

/** Which values were tried before the judged ones were fixed. */
export const searched: readonly Searched[] = [
  {
    keys: ['learningRate.full', 'learningRate.lisa', 'learningRate.static', 'learningRate.ends'],
    range: [...tunedRates.others],
    chosen: {
      en: 'the least bits a byte of validation text on both shifts, with a seed that is not judged: `--seed 0 --set tune=true --set firstSeed=100`; the highest rate of all four, so a higher one may be better still',
      zh: '用不参与判定的种子，在两种迁移的验证文本上取最低比特/字节（`--seed 0 --set tune=true --set firstSeed=100`）；四者均为所试最高值，更高的学习率可能更好',
    },
    trials: 24,
  },
  {
    keys: ['learningRate.lora', 'learningRate.loraEnds'],
    range: [...tunedRates.lora],
    chosen: { en: 'likewise; here it is the middle one', zh: '同上；此处为中间值' },
    trials: 12,
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
