import type { Arm } from '../../experiment/index.ts'
import type { Config, TaskName, Variant } from './config.ts'
import type { RuleName } from './trajectory.ts'

export const ruleLabels: Readonly<Record<RuleName, string>> = {
  gd: 'gradient descent',
  ngd: 'normalized gradient descent',
  dualMomentum: 'dual momentum',
  prgd: 'PRGD',
  prgdPolynomial: 'PRGD, polynomial radii',
  prgdRunaway: 'PRGD, radius times ρᵏ at each stage',
}

/** The rules that figures compare, the fastest first. */
export const comparedRules: readonly RuleName[] = ['prgd', 'dualMomentum', 'ngd', 'gd']

const tasks: Readonly<Record<TaskName, { name: string; seeds: Arm['seeds'] }>> = {
  plane: { name: 'plane', seeds: 'all' },
  simplex: { name: 'simplex', seeds: 'all' },
  digits: { name: 'digits', seeds: 3 },
  map: { name: 'schedules', seeds: 'first' },
  field: { name: 'plane, first steps', seeds: 'first' },
  network: { name: 'network', seeds: 3 },
}

const slug = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

export const armOf = (task: TaskName, name: RuleName | Variant): string => `${task}/${slug(name)}`

const ruleArm = (task: TaskName, rule: RuleName, kind: Arm['kind'] = rule === 'prgd' ? 'method' : 'baseline'): Arm<Config> => ({
  id: armOf(task, rule),
  label: `${ruleLabels[rule]} (${tasks[task].name})`,
  kind,
  seeds: tasks[task].seeds,
  config: { task, rule },
})

const variantArm = (task: TaskName, variant: Variant, label: string): Arm<Config> => ({
  id: armOf(task, variant),
  label: `${label} (${tasks[task].name})`,
  kind: 'control',
  seeds: tasks[task].seeds,
  config: { task, variant, rule: variant === 'rescaledAtEnd' ? 'ngd' : 'prgd' },
})

/** On each set: the method, what it is compared with, and the method with its essential part taken out. */
const onTask = (task: TaskName): Arm<Config>[] => [
  ...(['prgd', 'ngd', 'gd', 'dualMomentum'] as const).map((rule) => ruleArm(task, rule)),
  variantArm(task, 'noGrowth', 'fixed norm'),
  variantArm(task, 'rescaledAtEnd', 'rescaled once, at the end'),
]

/** On networks: batches, where the rescaling does not help, beside plain steps on as many; and rescaling the last layer alone. */
const ablations: readonly Arm<Config>[] = [
  { ...variantArm('network', 'minibatch', 'PRGD on batches'), kind: 'ablation' },
  {
    ...variantArm('network', 'minibatch', 'stochastic gradient descent goes on'),
    id: `${armOf('network', 'minibatch')}-gd`,
    kind: 'ablation',
    config: { task: 'network', variant: 'minibatch', rule: 'gd' },
  },
  { ...variantArm('network', 'lastLayer', 'PRGD, last layer rescaled'), kind: 'ablation' },
]

export const arms = (): readonly Arm<Config>[] => [
  ...onTask('plane'),
  variantArm('plane', 'balanced', 'PRGD on balanced classes'),
  ruleArm('plane', 'prgdPolynomial', 'ablation'),
  ruleArm('plane', 'prgdRunaway', 'ablation'),
  ...onTask('simplex'),
  ...onTask('digits'),
  variantArm('digits', 'flipped', 'labels flipped'),
  ruleArm('map', 'prgd', 'ablation'),
  ruleArm('field', 'prgd', 'ablation'),
  ...(['prgd', 'ngd', 'gd'] as const).map((rule) => ruleArm('network', rule)),
  variantArm('network', 'noGrowth', 'fixed norm'),
  ...ablations,
]
