import type { Arm } from '../../experiment/index.ts'
import type { Config, TaskName } from './config.ts'

type Settings = NonNullable<Arm<Config>['config']>

const arm = (id: string, label: string, kind: Arm['kind'], config: Settings, seeds?: Arm['seeds']): Arm<Config> => ({
  id,
  label,
  kind,
  seeds,
  config,
})

/** What is compared on one task; names begin with `prefix`. */
const compared = (task: TaskName, prefix = ''): Record<string, Arm<Config>> => {
  const named = (id: string, label: string, kind: Arm['kind'], config: Settings) => arm(`${prefix}${id}`, label, kind, { task, ...config })
  const groups = (id: string, label: string, kind: Arm['kind'], config: Settings) =>
    named(id, label, kind, { training: 'groups', ...config })
  return {
    base: named('base', 'base, after stage 1', 'reference', { training: 'base' }),
    oneCosine: named('uniform/one-cosine', 'one model, one stage', 'baseline', { training: 'uniform' }),
    twoStage: named('uniform/two-stage', 'one model, two stages', 'baseline', { training: 'two-stage' }),
    twoStageWeighted: named('uniform/two-stage-weighted', 'one model, two stages, harder times more often', 'baseline', {
      training: 'two-stage',
      variant: 'weighted-times',
    }),
    minSnr: named('uniform/min-snr', 'one model, one stage, min-SNR weights', 'baseline', { training: 'uniform', variant: 'min-snr' }),
    pruned: named('uniform/pruned', 'one model, pruned to 80 %', 'baseline', { training: 'two-stage', variant: 'pruned' }),
    weighted: groups('weighted/difficulty', 'groups, sizes by difficulty', 'method', {}),
    equal: groups('weighted/equal', 'groups, equal sizes', 'ablation', { sizing: 'equal' }),
    reversed: groups('weighted/reversed', 'groups, sizes reversed', 'control', { sizing: 'reversed' }),
    none: groups('weighted/none', 'groups, nothing pruned', 'ablation', { sizing: 'none' }),
    scratch: named('scratch', 'a model a group, from scratch', 'baseline', { training: 'scratch', sizing: 'none' }),
    naive: groups('equal/difficulty', 'equal steps at a lower rate, sizes by difficulty', 'ablation', { recipe: 'equal' }),
    naiveNone: groups('equal/none', 'equal steps at a lower rate, nothing pruned', 'ablation', { recipe: 'equal', sizing: 'none' }),
    cross: groups('cross/none', 'weighted steps at the lower rate, nothing pruned', 'ablation', { recipe: 'cross', sizing: 'none' }),
    shuffled: groups('control/shuffled-groups', 'groups of random steps', 'control', { variant: 'shuffled-groups' }),
    noStage2: groups('control/no-stage-2', 'pruned and not fine-tuned', 'control', { variant: 'no-stage-2' }),
    sameModel: named('control/same-model', 'one model, one stage, other samples of it', 'control', {
      training: 'uniform',
      variant: 'same-model',
    }),
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
      label: 'groups on a base that has had all steps of the uniform model',
      kind: 'control',
      config: { ...naiveNone.config, digits14: { baseSteps: total, groupSteps: total, equalSteps: total } },
    },
    ...stageOneShares.flatMap((share) => {
      const { base, naiveNone, naive, noStage2, none } = compared('digits14', underTrained(`${share}/`))
      return [base, naiveNone, naive, noStage2, none].map((each) => ({
        ...each,
        label: `${each.label}; stage 1 is ${share} %`,
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
    arm(`advisor/${advisor}`, `pruned by ${advisor}, 8 rounds`, 'ablation', { ...weighted.config, advisor, rounds: 8 }),
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
