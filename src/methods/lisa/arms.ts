import type { Arm } from '../../experiment/index.ts'
import { type Config, rateKey, type Shift, shifts, type TuningMethod } from './config.ts'

type Settings = NonNullable<Arm<Config>['config']>

const labels: Record<TuningMethod, string> = {
  full: 'full tuning',
  lisa: 'LISA',
  static: 'two random blocks, fixed',
  'static-top': 'the two last blocks, fixed',
  ends: 'embedding, head and norm alone',
  lora: 'LoRA, all maps',
  'lora-attention': 'LoRA, attention',
  'lora-ends': 'LoRA + embedding, head and norm',
  galore: 'GaLore',
  sgd: 'SGD',
  adafactor: 'Adafactor',
}

export const tuningArm = (shift: Shift, name: string): string => `${shift}/${name}`

interface More {
  readonly id?: string
  readonly label?: string
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
  label: `${label} (${shift})`,
  kind: kind ?? (method === 'lisa' ? 'method' : 'baseline'),
  seeds,
  config: { task: 'tuning', shift, method, ...config },
})

const judged = (): Arm<Config>[] => [
  ...(['lisa', 'static', 'full', 'lora', 'ends', 'lora-ends'] as const).map((method) => onText('far', method)),
  ...(['lisa', 'full', 'ends'] as const).map((method) => onText('near', method)),
  onText('far', 'lisa', control('frozen-ends', 'embedding, head and norm frozen too', { variant: 'frozen-ends' })),
  onText('far', 'lisa', control('late-blocks-dead', 'blocks activated later never updated', { variant: 'late-blocks-dead' })),
  onText('far', 'lisa', { ...control('keep', 'moments never dropped', { statePolicy: 'keep' }), seeds: 'first' }),
  onText('far', 'lora', control('lora-untrained', 'LoRA after one step', { variant: 'untrained' })),
  measuring('speed', 'lisa', { label: 'a step of LISA, timed' }),
  measuring('speed', 'mask-after', control('', 'all gradients computed, those of frozen blocks discarded', { variant: 'mask-after' })),
  measuring('process', 'full', { label: 'full tuning, memory of processes', kind: 'baseline', seeds: 'first', config: { method: 'full' } }),
  measuring('process', 'lisa', { label: 'LISA, memory of processes', seeds: 'first', config: { method: 'lisa' } }),
  measuring('process', 'lora', { label: 'LoRA, memory of processes', kind: 'baseline', seeds: 'first', config: { method: 'lora' } }),
  measuring('process', 'wrong-plan', {
    ...control('', 'LISA, planned as full tuning', { method: 'lisa', variant: 'wrong-plan' }),
    seeds: 'first',
  }),
]

const control = (id: string, label: string, config: Settings): More => ({ ...(id && { id }), label, kind: 'control', config })

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
          label: `${labels[method]}, rate ${rate}`,
          seeds: 'first',
          config: { learningRate: { [rateKey[method]]: rate } },
        }),
      ),
    ),
  )

const variation = (id: string, label: string, config: Settings): Arm<Config> =>
  onText('far', 'lisa', { id: `lisa/${id}`, label: `LISA, ${label}`, kind: 'ablation', seeds: 'first', config })

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
        variation('redraw', 'begun anew when drawn again', { resetOnRedraw: true }),
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
