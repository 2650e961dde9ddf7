import type { Arm, Label } from '../../experiment/index.ts'
import type { Config, CurriculumName, SafetyVariant } from './config.ts'

type Own = Arm<Config>

const curriculum = (
  id: string,
  label: Label,
  kind: Own['kind'],
  name: CurriculumName,
  more: Own['config'] = {},
  seeds?: Own['seeds'],
): Own => ({
  id: `curriculum/${id}`,
  label,
  kind,
  ...(seeds && { seeds }),
  config: { task: 'curriculum', curriculum: name, ...more },
})

const safety = (id: string, label: Label, kind: Own['kind'], variant: SafetyVariant, seeds?: Own['seeds']): Own => ({
  id: `safety/${id}`,
  label,
  kind,
  ...(seeds && { seeds }),
  config: { task: 'safety', variant },
})

const firstArms: readonly Own[] = [
  curriculum('cap-cat', { en: 'CAP, then CAT', zh: '先 CAP，后 CAT' }, 'method', 'capCat'),
  curriculum('naive', { en: 'new languages only', zh: '仅新语言' }, 'baseline', 'naive'),
  curriculum('replay', { en: 'one mixture, 25 % replay', zh: '单一混合，25 % 重放' }, 'baseline', 'replay'),
  curriculum('wrong-replay', { en: 'replay of Shakespeare', zh: '重放莎士比亚' }, 'control', 'wrongReplay'),
  // Without a learning rate the number of steps makes no difference.
  curriculum('frozen', { en: 'learning rate 0', zh: '学习率 0' }, 'control', 'capCat', {
    learningRate: { continual: 0 },
    steps: { continual: 10 },
  }),
  curriculum(
    'from-scratch',
    { en: 'CAP, then CAT, from random weights', zh: '先 CAP，后 CAT，从随机权重开始' },
    'reference',
    'capCat',
    { start: 'random' },
    'first',
  ),
]

/** Shares of replay that the frontier is drawn through. */
export const frontierShares = [0, 0.01, 0.05, 0.1, 0.25, 0.5] as const

export const frontierArm = (replay: number): string => `curriculum/frontier/replay=${replay}`

/** The curve that a practitioner chooses on, and the cheap remedies on the naive arm. */
const frontierArms: readonly Own[] = [
  ...frontierShares.map((replay) =>
    curriculum(
      `frontier/replay=${replay}`,
      { en: `${100 * replay} % replay`, zh: `${100 * replay} % 重放` },
      'ablation',
      'replay',
      { replay },
      'first',
    ),
  ),
  curriculum(
    'frontier/low-rate',
    { en: 'new languages, a fifth of the rate', zh: '新语言，五分之一学习率' },
    'ablation',
    'naive',
    { learningRate: { continual: 4e-4 } },
    'first',
  ),
  curriculum(
    'frontier/anchor',
    { en: 'new languages, L2 to the base', zh: '新语言，对基座的 L2 约束' },
    'ablation',
    'naive',
    { anchor: 0.01 },
    'first',
  ),
  curriculum(
    'frontier/average',
    { en: 'new languages, averaged with the base', zh: '新语言，与基座平均' },
    'ablation',
    'naive',
    { average: 0.5 },
    'first',
  ),
  curriculum(
    'frontier/lora',
    { en: 'new languages, low-rank adapters', zh: '新语言，低秩适配器' },
    'ablation',
    'naive',
    { method: 'lora' },
    'first',
  ),
  curriculum(
    'frontier/lisa',
    { en: 'new languages, two blocks at a time', zh: '新语言，每次训练两个块' },
    'ablation',
    'naive',
    { method: 'lisa' },
    'first',
  ),
  curriculum(
    'frontier/rewarm',
    { en: 'CAP, then CAT, warmed up twice', zh: '先 CAP，后 CAT，两次预热' },
    'ablation',
    'capCat',
    { schedule: 'rewarm' },
    'first',
  ),
  curriculum(
    'frontier/joint',
    { en: 'all text from the start', zh: '从头使用全部文本' },
    'reference',
    'joint',
    { start: 'random' },
    'first',
  ),
]

const secondArms: readonly Own[] = [
  safety('instructions', { en: 'CAT with instructions', zh: 'CAT 含指令' }, 'method', 'instructions'),
  safety('text-only', { en: 'CAT without instructions', zh: 'CAT 不含指令' }, 'baseline', 'textOnly'),
  safety('contrast', { en: 'and look-alikes as a contrast set', zh: '另加形似样本作对照集' }, 'ablation', 'contrast'),
  safety('labels-shuffled', { en: 'labels drawn for each pair', zh: '每对标签随机抽取' }, 'control', 'labelsShuffled'),
  safety('all-bytes', { en: 'instructions within the text, loss on all bytes', zh: '指令混入文本，损失计全部字节' }, 'control', 'allBytes'),
  safety('refuse-all', { en: 'refuses everything', zh: '一概拒绝' }, 'control', 'refuseAll'),
]

const extendedArms: readonly Own[] = [
  safety('spread', { en: 'instructions spread over CAP and CAT', zh: '指令分布于 CAP 与 CAT' }, 'ablation', 'spread'),
  safety('cap-first', { en: 'CAP, then CAT with instructions', zh: '先 CAP，后含指令的 CAT' }, 'ablation', 'capFirst'),
]

/** Everything that is trained: the curriculum and the alignment, what they are compared with, and both with a part taken out. */
export function arms({ part, frontier, extended }: Config): readonly Own[] {
  return [
    ...(part === 'safety' ? [] : [...firstArms, ...(frontier ? frontierArms : [])]),
    ...(part === 'curriculum' ? [] : [...secondArms, ...(extended ? extendedArms : [])]),
  ]
}
