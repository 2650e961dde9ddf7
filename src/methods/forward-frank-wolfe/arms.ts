import type { Arm } from '../../experiment/index.ts'
import type { Config } from './config.ts'
import type { MemoryMode } from './memory.ts'

type Settings = Arm<Config>['config']

/** What is compared on each task, by what it is called in the arms. */
export const ways = {
  averaged: { label: 'averaged, 4/(k+8)^(2/3)', kind: 'method', config: { averaging: 'mokhtari' } },
  'averaged-0.8': { label: 'averaged, (k+1)^-0.8', kind: 'method', config: { averaging: 'power', power: 0.8 } },
  'averaged-0.9': { label: 'averaged, (k+1)^-0.9', kind: 'method', config: { averaging: 'power' } },
  naive: { label: 'not averaged', kind: 'baseline', config: { averaging: 'none' } },
  exact: { label: 'exact gradients', kind: 'baseline', config: { gradient: 'exact', averaging: 'none' } },
  'exact-momentum': { label: 'exact gradients, momentum 0.9', kind: 'baseline', config: { gradient: 'exact', averaging: 'momentum' } },
  'exact-averaged-0.9': {
    label: 'exact gradients, averaged, (k+1)^-0.9',
    kind: 'baseline',
    config: { gradient: 'exact', averaging: 'power' },
  },
  'projected-sgd': { label: 'projected SGD', kind: 'baseline', config: { gradient: 'exact', rule: 'projectedSgd' } },
  'projected-forward-sgd': { label: 'projected SGD on forward gradients', kind: 'baseline', config: { rule: 'projectedSgd' } },
  'forward-sgd': { label: 'SGD on forward gradients, no constraint', kind: 'baseline', config: { rule: 'sgd' } },
  sgd: { label: 'SGD, no constraint', kind: 'baseline', config: { gradient: 'exact', rule: 'sgd' } },
  adam: { label: 'Adam, no constraint', kind: 'baseline', config: { gradient: 'exact', rule: 'adam' } },
  sphere: { label: 'averaged, directions on the sphere', kind: 'ablation', config: { averaging: 'power', distribution: 'sphere' } },
  rademacher: { label: 'averaged, directions of signs', kind: 'ablation', config: { averaging: 'power', distribution: 'rademacher' } },
  'control-variate': { label: 'averaged, control variate', kind: 'ablation', config: { averaging: 'power', variant: 'controlVariate' } },
  'last-layer': { label: 'averaged, last layer exact', kind: 'ablation', config: { averaging: 'power', variant: 'lastLayer' } },
  activity: { label: 'averaged, activities perturbed', kind: 'ablation', config: { averaging: 'power', variant: 'activity' } },
  decoupled: { label: 'another direction than the derivative', kind: 'control', config: { averaging: 'mokhtari', variant: 'decoupled' } },
  slack: { label: 'the optimum inside the set, not averaged', kind: 'control', config: { averaging: 'none', variant: 'slack' } },
} as const satisfies Record<string, { label: string; kind: Arm['kind']; config: Settings }>

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

const armOf = (id: string, where: string, way: Way, config: Settings, seeds: Arm['seeds']): Arm<Config> => ({
  id,
  label: `${ways[way].label} (${where})`,
  kind: ways[way].kind,
  seeds,
  config: { ...ways[way].config, ...config },
})

const onQuadratic = (set: SetName, way: Way, seeds?: Arm['seeds']): Arm<Config> =>
  armOf(quadraticArm(set, way), `quadratic, ${set}`, way, { task: 'quadratic', set }, seeds)

const onLogistic = (set: SetName, way: Way, seeds: Arm['seeds'] = 3): Arm<Config> =>
  armOf(logisticArm(set, way), `softmax regression, ${set}`, way, { task: 'logistic', set }, seeds)

const severalLabel = ({ directions = 1, equalEvaluations }: Several): string =>
  directions > 1 ? `network, ${directions} directions${equalEvaluations ? ', equal evaluations' : ''}` : 'network'

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

const onMemory = (mode: MemoryMode, label: string, kind: Arm['kind']): Arm<Config> => ({
  id: memoryArm(mode),
  label: `${label} (memory)`,
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
  onMemory('forward', 'forward mode', 'method'),
  onMemory('reverse', 'reverse mode', 'baseline'),
  onMemory('tapeKept', 'forward mode, all layers kept', 'control'),
  ...(large ? largeArms() : []),
]
