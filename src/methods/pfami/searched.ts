import type { Searched } from '../../experiment/index.ts'

/** What was tried before the judged run: sizes by what ten minutes allow, and nothing by what the attacks find. */
export const searched: readonly Searched[] = [
  {
    keys: ['overfitted.*', 'sweep.*', 'vae.*', 'train', 'scored', 'draws', 'samples', 'network.*', 'dp.*'],
    range: [],
    chosen: {
      en: 'fixed before the first run: sizes and steps by a pilot of others with one seed and by ten minutes on two cores; the strength of the judged attack is the paper’s λ = .811, its orientation the paper’s',
      zh: '首次运行前固定：规模与步数取自他人的单种子预实验和两核十分钟预算；被评判攻击的强度为论文的 λ = .811，方向亦同',
    },
  },
  {
    keys: ['logan', 'protect'],
    range: [],
    chosen: { en: 'what a run covers; off by default for its time', zh: '运行所涵盖的内容；因耗时默认关闭' },
  },
]
