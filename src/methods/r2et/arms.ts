import { type Arm, joined, type Label, noted, sameText, type Text } from '../../experiment/index.ts'
import type { Config, DatasetName, MethodName, Variant } from './config.ts'

export const tables = ['compas', 'bank', 'adult'] as const satisfies readonly DatasetName[]

/** Names, but for the digits. */
export const titles: Readonly<Record<DatasetName, Text>> = {
  compas: sameText('COMPAS'),
  bank: sameText('Bank'),
  adult: sameText('Adult'),
  digits: { en: 'digits', zh: '数字' },
}

const arm = (dataset: DatasetName, name: string, label: Label, more: Omit<Arm<Config>, 'id' | 'label'>): Arm<Config> => ({
  ...more,
  id: `${dataset}/${name}`,
  label: noted(label, titles[dataset]),
  config: { dataset, ...more.config },
})

const baseline = (
  dataset: DatasetName,
  name: string,
  label: Label,
  method: MethodName,
  config: Arm<Config>['config'] = {},
  seeds?: Arm['seeds'],
) => arm(dataset, name, label, { kind: 'baseline', seeds: seeds ?? seedsOf(dataset), config: { ...config, method } })

const control = (dataset: DatasetName, name: string, label: Label, variant: Variant, config: Arm<Config>['config']) =>
  arm(dataset, name, label, { kind: 'control', seeds: seedsOf(dataset), config: { ...config, variant } })

/** Images cost more, and differ less from seed to seed. */
const seedsOf = (dataset: DatasetName): Arm['seeds'] => (dataset === 'digits' ? 3 : 'all')

/** The arm that carries the claims: the hardest pairs on tables, all pairs on digits. */
export const judged = (dataset: DatasetName): 'r2et' | 'r2et-mm' => (dataset === 'digits' ? 'r2et' : 'r2et-mm')

/** Gap and Hessian as they are judged; on digits the weights of the pilot. */
const weights = (dataset: DatasetName): Arm<Config>['config'] =>
  dataset === 'digits' ? { method: 'r2et', lambda1: 0.1, lambda2: 0.1 } : { method: 'r2etMm' }

const method = (dataset: DatasetName, name: string, label: Label, config: Arm<Config>['config'], first: boolean): Arm<Config> =>
  arm(dataset, name, label, { kind: 'method', seeds: first ? 'first' : seedsOf(dataset), config })

const onDataset = (dataset: DatasetName): Arm<Config>[] => [
  baseline(dataset, 'vanilla', { en: 'Vanilla', zh: '普通训练' }, 'vanilla'),
  baseline(dataset, 'longer', { en: 'Vanilla, trained as long', zh: '普通训练，同样时长' }, 'longer'),
  baseline(dataset, 'est-h', 'Est-H', 'estH'),
  baseline(dataset, 'at', 'AT', 'at'),
  method(dataset, judged(dataset), judged(dataset) === 'r2et' ? 'R2ET' : 'R2ET-mm', weights(dataset), false),
  control(dataset, 'random-pairs', { en: 'random pairs', zh: '随机配对' }, 'randomPairs', weights(dataset)),
  // On digits the judged arm is over all pairs itself.
  ...(dataset === 'digits'
    ? []
    : [
        control(dataset, 'random-all', { en: 'random pairs, all of them', zh: '全部为随机配对' }, 'randomPairs', {
          ...weights(dataset),
          method: 'r2et',
        }),
      ]),
  control(dataset, 'flipped', { en: 'gap narrowed', zh: '缩小间隔' }, 'flipped', weights(dataset)),
  control(dataset, 'flipped-no-h', { en: 'gap narrowed, no Hessian', zh: '缩小间隔，无 Hessian' }, 'flippedNoH', weights(dataset)),
  control(dataset, 'shuffled-labels', { en: 'shuffled labels', zh: '标签打乱' }, 'shuffledLabels', weights(dataset)),
  control(dataset, 'no-attack', { en: 'Vanilla, no attack', zh: '普通训练，无攻击' }, 'noAttack', { method: 'vanilla' }),
  control(dataset, 'random-attack', { en: 'Vanilla, random points for an attack', zh: '普通训练，以随机点代替攻击' }, 'randomAttack', {
    method: 'vanilla',
  }),
  baseline(dataset, 'sp', 'SP', 'sp', { beta: 0.5 }, 'first'),
  baseline(dataset, 'wd', 'WD', 'wd', {}, 'first'),
  baseline(dataset, 'ssr', 'SSR', 'ssr', {}, 'first'),
  ...(dataset === 'digits' ? [] : [baseline(dataset, 'exact-h', 'Exact-H', 'exactH', {}, 'first')]),
  judged(dataset) === 'r2et'
    ? method(dataset, 'r2et-mm', 'R2ET-mm', { ...weights(dataset), method: 'r2etMm' }, true)
    : method(dataset, 'r2et', 'R2ET', { method: 'r2et' }, true),
  method(dataset, 'r2et-no-h', 'R2ET\\H', { ...weights(dataset), method: 'r2etNoH' }, true),
  method(dataset, 'r2et-mm-no-h', 'R2ET-mm\\H', { ...weights(dataset), method: 'r2etMmNoH' }, true),
  method(dataset, 'sp+r2et-mm', { en: 'SP and R2ET-mm', zh: 'SP 与 R2ET-mm' }, { ...weights(dataset), method: 'r2etMm', beta: 0.5 }, true),
]

type Setting = (strength: number) => Arm<Config>['config']

/** The strengths of each method between which the validation part chooses, and what a strength sets. */
const grids: readonly (readonly [name: string, label: Label, strengths: readonly number[], setting: Setting])[] = [
  ['est-h', 'Est-H', [0.03, 0.3], (lambda2) => ({ method: 'estH', lambda2 })],
  ['exact-h', 'Exact-H', [0.03, 0.3], (lambda2) => ({ method: 'exactH', lambda2 })],
  ['ssr', 'SSR', [0.03, 0.3], (lambda2) => ({ method: 'ssr', lambda2 })],
  ['wd', 'WD', [1e-3, 3e-3], (weightDecay) => ({ method: 'wd', weightDecay })],
  ['sp', 'SP', [1, 2], (beta) => ({ method: 'sp', beta })],
  ['r2et', 'R2ET', [0.03, 0.1, 0.3], (lambda) => ({ method: 'r2et', lambda1: lambda, lambda2: lambda })],
  ['r2et-mm', 'R2ET-mm', [0.03, 0.1, 0.3], (lambda) => ({ method: 'r2etMm', lambda1: lambda, lambda2: lambda })],
  ['r2et-no-h', 'R2ET\\H', [0.03, 0.1, 0.3], (lambda1) => ({ method: 'r2etNoH', lambda1 })],
  ['r2et-mm-no-h', 'R2ET-mm\\H', [0.03, 0.1, 0.3], (lambda1) => ({ method: 'r2etMmNoH', lambda1 })],
  [
    'sp+r2et-mm',
    { en: 'SP and R2ET-mm', zh: 'SP 与 R2ET-mm' },
    [0.03, 0.1, 0.3],
    (lambda) => ({ method: 'r2etMm', lambda1: lambda, lambda2: lambda, beta: 0.5 }),
  ],
]

/** With the first seed alone, and no verdict: every method of a table at several strengths. */
const frontierOn = (dataset: DatasetName): Arm<Config>[] =>
  grids.flatMap(([name, label, strengths, setting]) =>
    strengths.map((strength) =>
      arm(dataset, `${name}=${strength}`, joined([label, `${strength}`]), { kind: 'ablation', seeds: 'first', config: setting(strength) }),
    ),
  )

/** Methods between whose strengths is chosen, and the arms of one of them on a set: that of the usual strength, and `name=strength`. */
export const tunedMethods = grids.map(([name, label]) => ({ name, label }))
export const isStrengthOf = (id: string, dataset: DatasetName, name: string): boolean =>
  id === `${dataset}/${name}` || id.startsWith(`${dataset}/${name}=`)

/** Everything that is trained: on each set the method, its baselines, and the method with one part taken out. */
export const arms = ({ datasets, frontier }: Config): readonly Arm<Config>[] =>
  datasets.flatMap((dataset) => [...onDataset(dataset), ...(frontier && dataset !== 'digits' ? frontierOn(dataset) : [])])
