import type { Arm } from '../../experiment/index.ts'
import { type adapters, type Config, type RateName, rateNames } from './config.ts'

type Changes = Arm<Config>['config']

const arm = (id: string, label: string, kind: Arm['kind'], config: Changes, seeds?: Arm['seeds']): Arm<Config> => ({
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

export const labels: Readonly<Record<RateName, string>> = {
  lora: 'LoRA r 16 on q, k, v',
  loraAll: 'LoRA r 8 on all linear maps',
  ia3: '(IA)³',
  prompt: 'prompt tuning, 20 tokens',
  prefix: 'prefix tuning, 10 tokens',
  nf4: 'LoRA on a base in NF4',
  full: 'all weights',
  slm: 'small model, all weights',
  apiLora: 'LoRA on all linear maps (calls)',
  apiFull: 'all weights (calls)',
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
    arm('conala/zero-shot', 'untuned', 'reference', { adapter: 'none' }, 'first'),
    ...shots.map((k) =>
      arm(`conala/icl-${k}`, `${k} example${k > 1 ? 's' : ''} in the prompt`, 'baseline', { task: 'icl', adapter: 'none', shots: k }),
    ),
    arm(
      'conala/bm25-1',
      'the nearest example in the prompt',
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
    arm('joint/lora', 'LoRA on CoNaLa and MBPP together', 'method', { adapter: 'lora', trainOn: 'both' }, seeds.joint),
    arm('mbpp/lora', 'LoRA on MBPP', 'baseline', { adapter: 'lora', trainOn: 'mbpp' }, seeds.joint),
    arm('api/zero-shot', 'untuned (calls)', 'reference', { task: 'api', adapter: 'none' }, 'first'),
    arm('api/full', labels.apiFull, 'baseline', settingsOf.apiFull),
    arm('api/lora', labels.apiLora, 'method', settingsOf.apiLora),
    arm('conala/header', 'the header of examples, and none', 'control', { task: 'icl', adapter: 'none', shots: 0 }),
    arm('conala/untrained', 'LoRA on random weights', 'control', { adapter: 'lora', model: 'untrained' }),
    arm('conala/two-bit', 'LoRA on a base of four even levels', 'control', { adapter: 'lora', quantization: 'int2' }),
    arm('conala/int8', 'LoRA on a base of 8-bit integers', 'control', { adapter: 'lora', quantization: 'int8' }, 'first'),
    arm('conala/untuned-rate', 'LoRA at a thousandth of its rate', 'control', { adapter: 'lora', rateScale: 1e-3 }),
    arm('conala/shuffled', 'LoRA on shuffled pairs', 'ablation', { adapter: 'lora', shuffled: true }),
    arm('api/shuffled', 'LoRA on shuffled pairs (calls)', 'control', { ...settingsOf.apiLora, shuffled: true }),
  ]
}

/** Every rate of every grid, once. */
const tuningArms = ({ grids }: Config): readonly Arm<Config>[] =>
  rateNames.flatMap((name) =>
    grids[name].map((rate) =>
      arm(
        `tune/${slug(name)}/${rate}`,
        `${labels[name]}, rate ${rate}`,
        'method',
        { ...settingsOf[name], learningRates: { [name]: rate } },
        'first',
      ),
    ),
  )

export const arms = (config: Config): readonly Arm<Config>[] => (config.tune ? tuningArms(config) : judgedArms(config))
