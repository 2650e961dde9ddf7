import { type Arm, comma, joined, type Label } from '../../experiment/index.ts'
import { type adapters, type Config, type RateName, rateNames } from './config.ts'

type Changes = Arm<Config>['config']

const arm = (id: string, label: Label, kind: Arm['kind'], config: Changes, seeds?: Arm['seeds']): Arm<Config> => ({
  id,
  label,
  kind,
  ...(seeds !== undefined && { seeds }),
  config,
})

/** What the names of rates stand for, as settings of a unit. */
const settingsOf: Readonly<Record<RateName, Changes>> = {
  lora: { adapter: 'lora' },
  loraAll: { adapter: 'loraAll' },
  ia3: { adapter: 'ia3' },
  prompt: { adapter: 'prompt' },
  prefix: { adapter: 'prefix' },
  nf4: { adapter: 'lora', quantization: 'nf4' },
  full: { adapter: 'full' },
  slm: { adapter: 'full', model: 'slm' },
  apiLora: { task: 'api', adapter: 'loraAll' },
  apiFull: { task: 'api', adapter: 'full' },
}

export const labels: Readonly<Record<RateName, Label>> = {
  lora: { en: 'LoRA r 16 on q, k, v', zh: 'LoRA r 16，用于 q、k、v' },
  loraAll: { en: 'LoRA r 8 on all linear maps', zh: 'LoRA r 8，用于全部线性映射' },
  ia3: '(IA)³',
  prompt: { en: 'prompt tuning, 20 tokens', zh: '提示微调，20 个词元' },
  prefix: { en: 'prefix tuning, 10 tokens', zh: '前缀微调，10 个词元' },
  nf4: { en: 'LoRA on a base in NF4', zh: 'NF4 基座上的 LoRA' },
  full: { en: 'all weights', zh: '全部权重' },
  slm: { en: 'small model, all weights', zh: '小模型，全部权重' },
  apiLora: { en: 'LoRA on all linear maps (calls)', zh: 'LoRA，用于全部线性映射（调用）' },
  apiFull: { en: 'all weights (calls)', zh: '全部权重（调用）' },
}

const slug = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** Whose answers are written out. */
const decoded: readonly RateName[] = ['lora', 'slm']

const tuned = (name: RateName, kind: Arm['kind'], seeds?: Arm['seeds']): Arm<Config> =>
  arm(`conala/${slug(name)}`, labels[name], kind, { ...settingsOf[name], ...(decoded.includes(name) && { decode: true }) }, seeds)

/** Adapters that LoRA is compared with. */
export const rivals = ['ia3', 'prompt', 'prefix'] as const satisfies readonly (keyof typeof adapters & RateName)[]

export const shots = [1, 2, 3] as const

/** The experiment's arms. */
function judgedArms({ seeds }: Config): readonly Arm<Config>[] {
  return [
    arm('conala/zero-shot', { en: 'untuned', zh: '未微调' }, 'reference', { adapter: 'none' }, 'first'),
    ...shots.map((k) =>
      arm(`conala/icl-${k}`, { en: `${k} example${k > 1 ? 's' : ''} in the prompt`, zh: `提示含 ${k} 个示例` }, 'baseline', {
        task: 'icl',
        adapter: 'none',
        shots: k,
      }),
    ),
    arm(
      'conala/bm25-1',
      { en: 'the nearest example in the prompt', zh: '提示含最近的示例' },
      'baseline',
      { task: 'icl', adapter: 'none', shots: 1, retrieval: 'bm25' },
      'first',
    ),
    tuned('lora', 'method'),
    tuned('loraAll', 'method'),
    ...rivals.map((name) => tuned(name, 'baseline')),
    tuned('nf4', 'method'),
    tuned('slm', 'baseline'),
    tuned('full', 'reference', 'first'),
    arm(
      'joint/lora',
      { en: 'LoRA on CoNaLa and MBPP together', zh: 'LoRA，CoNaLa 与 MBPP 一起' },
      'method',
      { adapter: 'lora', trainOn: 'both' },
      seeds.joint,
    ),
    arm('mbpp/lora', { en: 'LoRA on MBPP', zh: 'LoRA，MBPP' }, 'baseline', { adapter: 'lora', trainOn: 'mbpp' }, seeds.joint),
    arm('api/zero-shot', { en: 'untuned (calls)', zh: '未微调（调用）' }, 'reference', { task: 'api', adapter: 'none' }, 'first'),
    arm('api/full', labels.apiFull, 'baseline', settingsOf.apiFull),
    arm('api/lora', labels.apiLora, 'method', settingsOf.apiLora),
    arm('conala/header', { en: 'the header of examples, and none', zh: '只有示例标题，没有示例' }, 'control', {
      task: 'icl',
      adapter: 'none',
      shots: 0,
    }),
    arm('conala/untrained', { en: 'LoRA on random weights', zh: '随机权重上的 LoRA' }, 'control', { adapter: 'lora', model: 'untrained' }),
    arm('conala/two-bit', { en: 'LoRA on a base of four even levels', zh: '四级均匀量化基座上的 LoRA' }, 'control', {
      adapter: 'lora',
      quantization: 'int2',
    }),
    arm(
      'conala/int8',
      { en: 'LoRA on a base of 8-bit integers', zh: '8 位整数基座上的 LoRA' },
      'control',
      { adapter: 'lora', quantization: 'int8' },
      'first',
    ),
    arm('conala/untuned-rate', { en: 'LoRA at a thousandth of its rate', zh: 'LoRA，千分之一学习率' }, 'control', {
      adapter: 'lora',
      rateScale: 1e-3,
    }),
    arm('conala/shuffled', { en: 'LoRA on shuffled pairs', zh: 'LoRA，打乱的配对' }, 'ablation', { adapter: 'lora', shuffled: true }),
    arm('api/shuffled', { en: 'LoRA on shuffled pairs (calls)', zh: 'LoRA，打乱的配对（调用）' }, 'control', {
      ...settingsOf.apiLora,
      shuffled: true,
    }),
  ]
}

/** Every rate of every grid, once. */
const tuningArms = ({ grids }: Config): readonly Arm<Config>[] =>
  rateNames.flatMap((name) =>
    grids[name].map((rate) =>
      arm(
        `tune/${slug(name)}/${rate}`,
        joined([labels[name], { en: `rate ${rate}`, zh: `学习率 ${rate}` }], comma),
        'method',
        { ...settingsOf[name], learningRates: { [name]: rate } },
        'first',
      ),
    ),
  )

export const arms = (config: Config): readonly Arm<Config>[] => (config.tune ? tuningArms(config) : judgedArms(config))
