import { type Arm, joined, type Label } from '../../experiment/index.ts'
import type { Config, TaskName } from './config.ts'

type Settings = NonNullable<Arm<Config>['config']>

const arm = (id: string, label: Label, kind: Arm['kind'], config: Settings, seeds?: Arm['seeds']): Arm<Config> => ({
  id,
  label,
  kind,
  seeds,
  config,
})

/** What is compared on one task; names begin with `prefix`. */
const compared = (task: TaskName, prefix = ''): Record<string, Arm<Config>> => {
  const named = (id: string, label: Label, kind: Arm['kind'], config: Settings) => arm(`${prefix}${id}`, label, kind, { task, ...config })
  const groups = (id: string, label: Label, kind: Arm['kind'], config: Settings) =>
    named(id, label, kind, { training: 'groups', ...config })
  return {
    base: named('base', { en: 'base, after stage 1', zh: '基座，第一阶段后' }, 'reference', { training: 'base' }),
    oneCosine: named('uniform/one-cosine', { en: 'one model, one stage', zh: '单一模型，一个阶段' }, 'baseline', { training: 'uniform' }),
    twoStage: named('uniform/two-stage', { en: 'one model, two stages', zh: '单一模型，两个阶段' }, 'baseline', { training: 'two-stage' }),
    twoStageWeighted: named(
      'uniform/two-stage-weighted',
      { en: 'one model, two stages, harder times more often', zh: '单一模型，两个阶段，难的时刻更多' },
      'baseline',
      {
        training: 'two-stage',
        variant: 'weighted-times',
      },
    ),
    minSnr: named('uniform/min-snr', { en: 'one model, one stage, min-SNR weights', zh: '单一模型，一个阶段，min-SNR 权重' }, 'baseline', {
      training: 'uniform',
      variant: 'min-snr',
    }),
    pruned: named('uniform/pruned', { en: 'one model, pruned to 80 %', zh: '单一模型，剪枝至 80 %' }, 'baseline', {
      training: 'two-stage',
      variant: 'pruned',
    }),
    weighted: groups('weighted/difficulty', { en: 'groups, sizes by difficulty', zh: '分组，大小按难度' }, 'method', {}),
    equal: groups('weighted/equal', { en: 'groups, equal sizes', zh: '分组，大小相等' }, 'ablation', { sizing: 'equal' }),
    reversed: groups('weighted/reversed', { en: 'groups, sizes reversed', zh: '分组，大小颠倒' }, 'control', { sizing: 'reversed' }),
    none: groups('weighted/none', { en: 'groups, nothing pruned', zh: '分组，不剪枝' }, 'ablation', { sizing: 'none' }),
    scratch: named('scratch', { en: 'a model a group, from scratch', zh: '每组一个模型，从头训练' }, 'baseline', {
      training: 'scratch',
      sizing: 'none',
    }),
    naive: groups(
      'equal/difficulty',
      { en: 'equal steps at a lower rate, sizes by difficulty', zh: '步数相等、学习率较低，大小按难度' },
      'ablation',
      { recipe: 'equal' },
    ),
    naiveNone: groups('equal/none', { en: 'equal steps at a lower rate, nothing pruned', zh: '步数相等、学习率较低，不剪枝' }, 'ablation', {
      recipe: 'equal',
      sizing: 'none',
    }),
    cross: groups(
      'cross/none',
      { en: 'weighted steps at the lower rate, nothing pruned', zh: '步数加权、学习率较低，不剪枝' },
      'ablation',
      { recipe: 'cross', sizing: 'none' },
    ),
    shuffled: groups('control/shuffled-groups', { en: 'groups of random steps', zh: '随机时刻分组' }, 'control', {
      variant: 'shuffled-groups',
    }),
    noStage2: groups('control/no-stage-2', { en: 'pruned and not fine-tuned', zh: '剪枝后不微调' }, 'control', { variant: 'no-stage-2' }),
    sameModel: named(
      'control/same-model',
      { en: 'one model, one stage, other samples of it', zh: '单一模型，一个阶段，另一批样本' },
      'control',
      {
        training: 'uniform',
        variant: 'same-model',
      },
    ),
  }
}

const unsampled = (arms: readonly Arm<Config>[]): Arm<Config>[] =>
  arms.map((each) => ({ ...each, config: { ...each.config, isSampled: false } }))
const first = (arms: readonly Arm<Config>[]): Arm<Config>[] => arms.map((each) => ({ ...each, seeds: 'first' }))

/** Arms that no claim is about run with the first seed; those that no claim about FID is about are sampled only where all are. */
function capacityArms(task: TaskName, { sampling }: Config): Arm<Config>[] {
  const { base, equal, reversed, twoStage, twoStageWeighted, shuffled, minSnr, pruned, scratch, cross, naive, ...judged } = compared(task)
  const others = [base, equal, reversed, twoStage, twoStageWeighted, shuffled, ...first([naive, minSnr, pruned, scratch, cross])]
  return [...Object.values(judged), ...(sampling.all ? others : unsampled(others))]
}

/** Shares of all steps that stage 1 has, in percent. */
export const stageOneShares = [30, 60, 80] as const

/** The arm of the study of where the claim ends. */
export const underTrained = (name: string): string => `under-trained/${name}`

function underTrainedArms({ digits14: { baseSteps, groupSteps } }: Config): Arm<Config>[] {
  const total = baseSteps + groupSteps
  const split = (share: number): Settings => {
    const base = Math.round((total * share) / 100)
    return { digits14: { baseSteps: base, groupSteps: total - base, equalSteps: total - base } }
  }
  const { oneCosine, naiveNone } = compared('digits14', underTrained(''))
  return [
    oneCosine,
    {
      ...naiveNone,
      id: underTrained('control/more-samples'),
      label: { en: 'groups on a base that has had all steps of the uniform model', zh: '在已训练全部步数的基座上分组' },
      kind: 'control',
      config: { ...naiveNone.config, digits14: { baseSteps: total, groupSteps: total, equalSteps: total } },
    },
    ...stageOneShares.flatMap((share) => {
      const { base, naiveNone, naive, noStage2, none } = compared('digits14', underTrained(`${share}/`))
      return [base, naiveNone, naive, noStage2, none].map((each) => ({
        ...each,
        label: joined([each.label, { en: `stage 1 is ${share} %`, zh: `第一阶段占 ${share} %` }], { en: '; ', zh: '；' }),
        config: { ...each.config, ...split(share) },
      }))
    }),
  ]
}

const convolutionalArms = (): Arm<Config>[] => {
  const { base, oneCosine, twoStage, weighted, equal, reversed, none, noStage2 } = compared('digits28', 'convolutional/')
  return first([base, oneCosine, twoStage, weighted, equal, reversed, none, noStage2])
}

const advisorArms = (): Arm<Config>[] => {
  const { base, weighted } = compared('digits7')
  const advised = (['magnitude', 'taylor', 'search'] as const).map((advisor) =>
    arm(`advisor/${advisor}`, { en: `pruned by ${advisor}, 8 rounds`, zh: `以 ${advisor} 剪枝，8 轮` }, 'ablation', {
      ...weighted.config,
      advisor,
      rounds: 8,
    }),
  )
  return unsampled([base, weighted, ...advised])
}

export function arms(config: Config): readonly Arm<Config>[] {
  switch (config.study) {
    case 'capacity':
      return capacityArms(config.size === 'cifar10' ? 'cifar10' : 'digits7', config)
    case 'under-trained':
      return underTrainedArms(config)
    case 'convolutional':
      return convolutionalArms()
    case 'advisors':
      return advisorArms()
  }
}
