import type { Arm } from '../../experiment/index.ts'
import type { Config } from './config.ts'

type Settings = Arm<Config>['config']

/** Ways to take a Frank-Wolfe step, by what they are called in the arms. */
export const ways = {
  exact: { label: 'exact gradients', config: { gradient: 'exact', averaging: 'none' } },
  naive: { label: 'forward gradients, not averaged', config: { averaging: 'none' } },
  averaged: { label: 'forward gradients, averaged by 4/(k+8)^(2/3)', config: { averaging: 'mokhtari' } },
  decoupled: { label: 'another direction than the derivative', config: { averaging: 'mokhtari', variant: 'decoupled' } },
} as const satisfies Record<string, { label: string; config: Settings }>

export type Way = keyof typeof ways

const kinds: Record<Way, Arm['kind']> = { exact: 'baseline', naive: 'baseline', averaged: 'method', decoupled: 'control' }

export const quadraticArm = (set: Config['set'], way: Way | 'slack'): string => `quadratic/${set}/${way}`

const onQuadratic = (set: Config['set'], way: Way, more: Partial<Arm<Config>> = {}): Arm<Config> => ({
  id: quadraticArm(set, way),
  label: `${ways[way].label} (quadratic, ${set})`,
  kind: kinds[way],
  ...more,
  config: { ...ways[way].config, ...more.config, task: 'quadratic', set },
})

export const arms = (): readonly Arm<Config>[] => [
  ...(['exact', 'naive', 'averaged', 'decoupled'] as const).map((way) => onQuadratic('l2', way)),
  onQuadratic('l2', 'naive', {
    id: quadraticArm('l2', 'slack'),
    label: 'the optimum inside the set (quadratic, l2)',
    kind: 'control',
    config: { variant: 'slack' },
  }),
]
