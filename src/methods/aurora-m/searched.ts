import type { Searched } from '../../experiment/index.ts'

/** Which values were tried before the judged ones were fixed. */
export const searched: readonly Searched[] = [
  {
    keys: ['steps.*', 'learningRate.*', 'batch', 'context', 'catShare'],
    range: [],
    chosen: {
      en: 'as in a pilot with one seed in another framework, before the first run here; the stages are in the proportion of the paper’s 90,000 and 14,000 steps',
      zh: '在本项目首次运行之前，取自另一框架中单个种子的试验；两阶段比例同论文的 90,000 与 14,000 步',
    },
  },
  {
    keys: ['safety.objects', 'safety.lookAlikes', 'safety.trainShare', 'safety.instructionShare'],
    range: [],
    chosen: {
      en: 'by what a run of ten minutes can tell apart; of the stream with instructions 60 % are instructions, where a pilot had tried 30 % and 60 %',
      zh: '按十分钟的运行所能分辨的程度确定；混入文本时指令占 60 %（试验曾取 30 % 与 60 %）',
    },
  },
]
