import { type Arm, comma, joined, type Label, noted, type Text } from '../../experiment/index.ts'
import { type Config, rateKey, type Shift, shifts, type TuningMethod } from './config.ts'

type Settings = NonNullable<Arm<Config>['config']>

const labels: Record<TuningMethod, Label> = {
  full: { en: 'full tuning', zh: '全量微调' },
  lisa: 'LISA',
  static: { en: 'two random blocks, fixed', zh: '两个随机块，固定' },
  'static-top': { en: 'the two last blocks, fixed', zh: '最后两个块，固定' },
  ends: { en: 'embedding, head and norm alone', zh: '仅嵌入、输出层与末层归一化' },
  lora: { en: 'LoRA, all maps', zh: 'LoRA，全部线性映射' },
  'lora-attention': { en: 'LoRA, attention', zh: 'LoRA，注意力' },
  'lora-ends': { en: 'LoRA + embedding, head and norm', zh: 'LoRA + 嵌入、输出层与末层归一化' },
  galore: 'GaLore',
  sgd: 'SGD',
  adafactor: 'Adafactor',
}

const shiftNames: Record<Shift, Text> = { far: { en: 'far', zh: '远' }, near: { en: 'near', zh: '近' } }

export const tuningArm = (shift: Shift, name: string): string => `${shift}/${name}`

interface More {
  readonly id?: string
  readonly label?: Label
  readonly kind?: Arm['kind']
  readonly seeds?: Arm['seeds']
  readonly config?: Settings
}

const onText = (
  shift: Shift,
  method: TuningMethod,
  { id = method, label = labels[method], kind, seeds, config }: More = {},
): Arm<Config> => ({
  id: tuningArm(shift, id),
  label: noted(label, shiftNames[shift]),
  kind: kind ?? (method === 'lisa' ? 'method' : 'baseline'),
  seeds,
  config: { task: 'tuning', shift, method, ...config },
})

const judged = (): Arm<Config>[] => [
  ...(['lisa', 'static', 'full', 'lora', 'ends', 'lora-ends'] as const).map((method) => onText('far', method)),
  ...(['lisa', 'full', 'ends'] as const).map((method) => onText('near', method)),
  onText(
    'far',
    'lisa',
    control('frozen-ends', { en: 'embedding, head and norm frozen too', zh: '嵌入、输出层与末层归一化也冻结' }, { variant: 'frozen-ends' }),
  ),
  onText(
    'far',
    'lisa',
    control('late-blocks-dead', { en: 'blocks activated later never updated', zh: '后激活的块从不更新' }, { variant: 'late-blocks-dead' }),
  ),
  onText('far', 'lisa', {
    ...control('keep', { en: 'moments never dropped', zh: '从不丢弃动量' }, { statePolicy: 'keep' }),
    seeds: 'first',
  }),
  onText('far', 'lora', control('lora-untrained', { en: 'LoRA after one step', zh: 'LoRA，仅一步' }, { variant: 'untrained' })),
  measuring('speed', 'lisa', { label: { en: 'a step of LISA, timed', zh: 'LISA 一步，计时' } }),
  measuring(
    'speed',
    'mask-after',
    control(
      '',
      { en: 'all gradients computed, those of frozen blocks discarded', zh: '计算全部梯度，丢弃冻结块的' },
      { variant: 'mask-after' },
    ),
  ),
  measuring('process', 'full', {
    label: { en: 'full tuning, memory of processes', zh: '全量微调，进程内存' },
    kind: 'baseline',
    seeds: 'first',
    config: { method: 'full' },
  }),
  measuring('process', 'lisa', {
    label: { en: 'LISA, memory of processes', zh: 'LISA，进程内存' },
    seeds: 'first',
    config: { method: 'lisa' },
  }),
  measuring('process', 'lora', {
    label: { en: 'LoRA, memory of processes', zh: 'LoRA，进程内存' },
    kind: 'baseline',
    seeds: 'first',
    config: { method: 'lora' },
  }),
  measuring('process', 'wrong-plan', {
    ...control('', { en: 'LISA, planned as full tuning', zh: 'LISA，按全量微调规划' }, { method: 'lisa', variant: 'wrong-plan' }),
    seeds: 'first',
  }),
]

const control = (id: string, label: Label, config: Settings): More => ({ ...(id && { id }), label, kind: 'control', config })

const measuring = (task: 'speed' | 'process', id: string, { label = id, kind = 'method', seeds, config }: More): Arm<Config> => ({
  id: `${task}/${id}`,
  label,
  kind,
  seeds,
  config: { task, ...config },
})

/** What rates are tried; every method has three. */
export const tunedRates = { lora: [5e-3, 1e-2, 2e-2], others: [1.5e-3, 3e-3, 6e-3] } as const

export const tunedMethods = ['full', 'lisa', 'static', 'ends', 'lora', 'lora-ends'] as const

const tuned = (): Arm<Config>[] =>
  shifts.flatMap((shift) =>
    tunedMethods.flatMap((method) =>
      (method.startsWith('lora') ? tunedRates.lora : tunedRates.others).map((rate) =>
        onText(shift, method, {
          id: `${method}/rate=${rate}`,
          label: joined([labels[method], { en: `rate ${rate}`, zh: `学习率 ${rate}` }], comma),
          seeds: 'first',
          config: { learningRate: { [rateKey[method]]: rate } },
        }),
      ),
    ),
  )

const variation = (id: string, label: Label, config: Settings): Arm<Config> =>
  onText('far', 'lisa', { id: `lisa/${id}`, label: joined(['LISA', label], comma), kind: 'ablation', seeds: 'first', config })

const swept = ({ sweep, steps }: Config): Arm<Config>[] => {
  const rivals = (methods: readonly TuningMethod[], shift: Shift = 'far') =>
    methods.map((method) => onText(shift, method, { seeds: 'first' }))
  switch (sweep) {
    case 'none':
      return []
    case 'layers':
      return [...[0, 1, 2, 4, 6].map((n) => variation(`layers=${n}`, `γ = ${n}`, { activeLayers: n })), ...rivals(['full'])]
    case 'interval':
      return [
        ...[1, 3, 10, 30, steps.tuning].map((n) => variation(`interval=${n}`, `K = ${n}`, { intervalSteps: n })),
        ...rivals(['static']),
      ]
    case 'policy':
      return [
        ...(['reset-blocks', 'reset-all', 'keep', 'offload'] as const).map((statePolicy) =>
          variation(statePolicy, statePolicy, { statePolicy }),
        ),
        variation('redraw', { en: 'begun anew when drawn again', zh: '再次抽中时重新开始' }, { resetOnRedraw: true }),
      ]
    case 'sampler':
      return (['uniform', 'shuffled-epochs', 'cyclic'] as const).map((sampler) => variation(sampler, sampler, { sampler }))
    case 'baselines':
      return rivals(['lisa', 'full', 'static', 'static-top', 'ends', 'lora', 'lora-attention', 'lora-ends', 'galore', 'sgd', 'adafactor'])
    case 'near':
      return rivals(['lisa', 'full', 'static', 'ends', 'lora', 'lora-ends'], 'near')
  }
}

/** 1,500 steps, so that every block has its turn several times. */
const long = (): Arm<Config>[] =>
  (['lisa', 'static', 'full'] as const).map((method) => onText('far', method, { seeds: 'first', config: { steps: { tuning: 1500 } } }))

export const arms = (config: Config): readonly Arm<Config>[] => {
  if (config.tune) return tuned()
  if (config.horizon === 'long') return long()
  return config.sweep === 'none' ? judged() : swept(config)
}
