import { type Arm, type Label, noted, type Text } from '../../experiment/index.ts'
import type { Config, TaskName, Variant } from './config.ts'
import type { RuleName } from './trajectory.ts'

export const ruleLabels: Readonly<Record<RuleName, Label>> = {
  gd: { en: 'gradient descent', zh: '梯度下降' },
  ngd: { en: 'normalized gradient descent', zh: '归一化梯度下降' },
  dualMomentum: { en: 'dual momentum', zh: '对偶动量' },
  prgd: 'PRGD',
  prgdPolynomial: { en: 'PRGD, polynomial radii', zh: 'PRGD，多项式半径' },
  prgdRunaway: { en: 'PRGD, radius times ρᵏ at each stage', zh: 'PRGD，每阶段半径乘 ρᵏ' },
}

/** The rules that figures compare, the fastest first. */
export const comparedRules: readonly RuleName[] = ['prgd', 'dualMomentum', 'ngd', 'gd']

const tasks: Readonly<Record<TaskName, { name: Text; seeds: Arm['seeds'] }>> = {
  plane: { name: { en: 'plane', zh: '平面' }, seeds: 'all' },
  simplex: { name: { en: 'simplex', zh: '单纯形' }, seeds: 'all' },
  digits: { name: { en: 'digits', zh: '数字' }, seeds: 3 },
  map: { name: { en: 'schedules', zh: '日程' }, seeds: 'first' },
  field: { name: { en: 'plane, first steps', zh: '平面，最初几步' }, seeds: 'first' },
  network: { name: { en: 'network', zh: '网络' }, seeds: 3 },
}

const slug = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

export const armOf = (task: TaskName, name: RuleName | Variant): string => `${task}/${slug(name)}`

const ruleArm = (task: TaskName, rule: RuleName, kind: Arm['kind'] = rule === 'prgd' ? 'method' : 'baseline'): Arm<Config> => ({
  id: armOf(task, rule),
  label: noted(ruleLabels[rule], tasks[task].name),
  kind,
  seeds: tasks[task].seeds,
  config: { task, rule },
})

const variantArm = (task: TaskName, variant: Variant, label: Label): Arm<Config> => ({
  id: armOf(task, variant),
  label: noted(label, tasks[task].name),
  kind: 'control',
  seeds: tasks[task].seeds,
  config: { task, variant, rule: variant === 'rescaledAtEnd' ? 'ngd' : 'prgd' },
})

/** On each set: the method, what it is compared with, and the method with its essential part taken out. */
const onTask = (task: TaskName): Arm<Config>[] => [
  ...(['prgd', 'ngd', 'gd', 'dualMomentum'] as const).map((rule) => ruleArm(task, rule)),
  variantArm(task, 'noGrowth', { en: 'fixed norm', zh: '范数固定' }),
  variantArm(task, 'rescaledAtEnd', { en: 'rescaled once, at the end', zh: '仅在最后缩放一次' }),
]

/** On networks: batches, where the rescaling does not help, beside plain steps on as many; and rescaling the last layer alone. */
const ablations: readonly Arm<Config>[] = [
  { ...variantArm('network', 'minibatch', { en: 'PRGD on batches', zh: '小批量 PRGD' }), kind: 'ablation' },
  {
    ...variantArm('network', 'minibatch', { en: 'stochastic gradient descent goes on', zh: '随机梯度下降继续' }),
    id: `${armOf('network', 'minibatch')}-gd`,
    kind: 'ablation',
    config: { task: 'network', variant: 'minibatch', rule: 'gd' },
  },
  { ...variantArm('network', 'lastLayer', { en: 'PRGD, last layer rescaled', zh: 'PRGD，缩放末层' }), kind: 'ablation' },
]

export const arms = (): readonly Arm<Config>[] => [
  ...onTask('plane'),
  variantArm('plane', 'balanced', { en: 'PRGD on balanced classes', zh: '类别均衡的 PRGD' }),
  ruleArm('plane', 'prgdPolynomial', 'ablation'),
  ruleArm('plane', 'prgdRunaway', 'ablation'),
  ...onTask('simplex'),
  ...onTask('digits'),
  variantArm('digits', 'flipped', { en: 'labels flipped', zh: '标签翻转' }),
  ruleArm('map', 'prgd', 'ablation'),
  ruleArm('field', 'prgd', 'ablation'),
  ...(['prgd', 'ngd', 'gd'] as const).map((rule) => ruleArm('network', rule)),
  variantArm('network', 'noGrowth', { en: 'fixed norm', zh: '范数固定' }),
  ...ablations,
]
