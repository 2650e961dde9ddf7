import { type Arm, type Label, noted, type Text } from '../../experiment/index.ts'
import type { Config } from './config.ts'
import type { MemoryMode } from './memory.ts'

type Settings = Arm<Config>['config']

/** What is compared on each task, by what it is called in the arms. */
export const ways = {
  averaged: { label: { en: 'averaged, 4/(k+8)^(2/3)', zh: '平均，4/(k+8)^(2/3)' }, kind: 'method', config: { averaging: 'mokhtari' } },
  'averaged-0.8': {
    label: { en: 'averaged, (k+1)^-0.8', zh: '平均，(k+1)^-0.8' },
    kind: 'method',
    config: { averaging: 'power', power: 0.8 },
  },
  'averaged-0.9': { label: { en: 'averaged, (k+1)^-0.9', zh: '平均，(k+1)^-0.9' }, kind: 'method', config: { averaging: 'power' } },
  naive: { label: { en: 'not averaged', zh: '不平均' }, kind: 'baseline', config: { averaging: 'none' } },
  exact: { label: { en: 'exact gradients', zh: '精确梯度' }, kind: 'baseline', config: { gradient: 'exact', averaging: 'none' } },
  'exact-momentum': {
    label: { en: 'exact gradients, momentum 0.9', zh: '精确梯度，动量 0.9' },
    kind: 'baseline',
    config: { gradient: 'exact', averaging: 'momentum' },
  },
  'exact-averaged-0.9': {
    label: { en: 'exact gradients, averaged, (k+1)^-0.9', zh: '精确梯度，平均，(k+1)^-0.9' },
    kind: 'baseline',
    config: { gradient: 'exact', averaging: 'power' },
  },
  'projected-sgd': {
    label: { en: 'projected SGD', zh: '投影 SGD' },
    kind: 'baseline',
    config: { gradient: 'exact', rule: 'projectedSgd' },
  },
  'projected-forward-sgd': {
    label: { en: 'projected SGD on forward gradients', zh: '前向梯度上的投影 SGD' },
    kind: 'baseline',
    config: { rule: 'projectedSgd' },
  },
  'forward-sgd': {
    label: { en: 'SGD on forward gradients, no constraint', zh: '前向梯度上的 SGD，无约束' },
    kind: 'baseline',
    config: { rule: 'sgd' },
  },
  sgd: { label: { en: 'SGD, no constraint', zh: 'SGD，无约束' }, kind: 'baseline', config: { gradient: 'exact', rule: 'sgd' } },
  adam: { label: { en: 'Adam, no constraint', zh: 'Adam，无约束' }, kind: 'baseline', config: { gradient: 'exact', rule: 'adam' } },
  sphere: {
    label: { en: 'averaged, directions on the sphere', zh: '平均，球面方向' },
    kind: 'ablation',
    config: { averaging: 'power', distribution: 'sphere' },
  },
  rademacher: {
    label: { en: 'averaged, directions of signs', zh: '平均，符号方向' },
    kind: 'ablation',
    config: { averaging: 'power', distribution: 'rademacher' },
  },
  'control-variate': {
    label: { en: 'averaged, control variate', zh: '平均，控制变量' },
    kind: 'ablation',
    config: { averaging: 'power', variant: 'controlVariate' },
  },
  'last-layer': {
    label: { en: 'averaged, last layer exact', zh: '平均，末层精确' },
    kind: 'ablation',
    config: { averaging: 'power', variant: 'lastLayer' },
  },
  activity: {
    label: { en: 'averaged, activities perturbed', zh: '平均，扰动激活' },
    kind: 'ablation',
    config: { averaging: 'power', variant: 'activity' },
  },
  decoupled: {
    label: { en: 'another direction than the derivative', zh: '方向与导数不一致' },
    kind: 'control',
    config: { averaging: 'mokhtari', variant: 'decoupled' },
  },
  slack: {
    label: { en: 'the optimum inside the set, not averaged', zh: '最优点在集合内部，不平均' },
    kind: 'control',
    config: { averaging: 'none', variant: 'slack' },
  },
} as const satisfies Record<string, { label: Label; kind: Arm['kind']; config: Settings }>

export type Way = keyof typeof ways

type SetName = Config['set']

export const quadraticArm = (set: SetName, way: Way): string => `quadratic/${set}/${way}`
export const logisticArm = (set: SetName, way: Way): string => `logistic/${set}/${way}`

interface Several {
  readonly directions?: number
  /** As many evaluations in all as with one direction, not as many steps. */
  readonly equalEvaluations?: boolean
}

export const mlpArm = (way: Way, { directions = 1, equalEvaluations = false }: Several = {}): string =>
  `mlp/${way}${directions > 1 ? `/directions=${directions}` : ''}${equalEvaluations ? '/equal' : ''}`

const armOf = (id: string, where: Label, way: Way, config: Settings, seeds: Arm['seeds']): Arm<Config> => ({
  id,
  label: noted(ways[way].label, where),
  kind: ways[way].kind,
  seeds,
  config: { ...ways[way].config, ...config },
})

const onQuadratic = (set: SetName, way: Way, seeds?: Arm['seeds']): Arm<Config> =>
  armOf(quadraticArm(set, way), { en: `quadratic, ${set}`, zh: `二次函数，${set}` }, way, { task: 'quadratic', set }, seeds)

const onLogistic = (set: SetName, way: Way, seeds: Arm['seeds'] = 3): Arm<Config> =>
  armOf(logisticArm(set, way), { en: `softmax regression, ${set}`, zh: `softmax 回归，${set}` }, way, { task: 'logistic', set }, seeds)

const severalLabel = ({ directions = 1, equalEvaluations }: Several): Text =>
  directions > 1
    ? {
        en: `network, ${directions} directions${equalEvaluations ? ', equal evaluations' : ''}`,
        zh: `网络，${directions} 个方向${equalEvaluations ? '，计算次数相同' : ''}`,
      }
    : { en: 'network', zh: '网络' }

const onMlp = (way: Way, seeds: Arm['seeds'] = 'all', several: Several = {}): Arm<Config> =>
  armOf(
    mlpArm(way, several),
    severalLabel(several),
    way,
    { task: 'mlp', ...several, ...(way === 'decoupled' && { averaging: 'power' }) },
    seeds,
  )

/** The rivals that are trained once: they are no part of a claim. */
const rivals = ['averaged-0.9', 'exact-averaged-0.9', 'exact-momentum', 'projected-sgd', 'projected-forward-sgd'] as const

/** Beyond the paper, at the same number of evaluations. */
export const options = ['sphere', 'rademacher', 'control-variate', 'last-layer', 'activity'] as const

export const memoryArm = (mode: MemoryMode): string => `memory/${mode === 'tapeKept' ? 'tape-kept' : mode}`

const onMemory = (mode: MemoryMode, label: Label, kind: Arm['kind']): Arm<Config> => ({
  id: memoryArm(mode),
  label: noted(label, { en: 'memory', zh: '内存' }),
  kind,
  seeds: 'first',
  config: { task: 'memory', variant: mode },
})

/** The large network, by forward and by reverse mode. */
const onMnist = (set: SetName, way: Way): Arm<Config> => armOf(`mnist/${set}/${way}`, `MNIST, ${set}`, way, { task: 'mnist', set }, 'first')

const largeArms = (): Arm<Config>[] =>
  (['ksparse', 'l1'] as const).flatMap((set) => (['averaged-0.9', 'naive', 'exact-averaged-0.9'] as const).map((way) => onMnist(set, way)))

export const arms = ({ large }: Config): readonly Arm<Config>[] => [
  ...(['averaged', 'naive', 'exact', 'decoupled', 'slack'] as const).map((way) => onQuadratic('l2', way)),
  onQuadratic('l2', 'averaged-0.8', 'first'),
  ...(['averaged', 'naive', 'exact'] as const).map((way) => onQuadratic('l1', way, 'first')),
  ...(['l2', 'ksparse'] as const).flatMap((set) => [
    ...(['averaged', 'naive', 'exact', 'decoupled'] as const).map((way) => onLogistic(set, way)),
    ...rivals.map((way) => onLogistic(set, way, 'first')),
  ]),
  ...(['averaged', 'naive', 'exact'] as const).map((way) => onLogistic('l1', way, 'first')),
  ...(['forward-sgd', 'sgd', 'adam'] as const).map((way) => onLogistic('l2', way, 'first')),
  ...(['averaged-0.9', 'naive', 'exact', 'decoupled'] as const).map((way) => onMlp(way)),
  ...(['averaged', 'averaged-0.8', 'exact-averaged-0.9', 'projected-sgd', 'projected-forward-sgd', 'adam'] as const).map((way) =>
    onMlp(way, 'first'),
  ),
  onMlp('naive', 'first', { directions: 16 }),
  ...options.map((way) => onMlp(way, 'first')),
  ...[4, 16].map((directions) => onMlp('averaged-0.9', 'first', { directions, equalEvaluations: true })),
  onMemory('forward', { en: 'forward mode', zh: '前向模式' }, 'method'),
  onMemory('reverse', { en: 'reverse mode', zh: '反向模式' }, 'baseline'),
  onMemory('tapeKept', { en: 'forward mode, all layers kept', zh: '前向模式，保留所有层' }, 'control'),
  ...(large ? largeArms() : []),
]
