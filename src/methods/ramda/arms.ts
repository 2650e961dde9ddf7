import { type Arm, comma, joined, type Label, noted, type Text } from '../../experiment/index.ts'
import type { Config, OptimizerName, TaskName } from './config.ts'

const labels: Record<OptimizerName, Label> = {
  ramda: 'RAMDA',
  rmda: 'RMDA',
  proxSgd: 'ProxSGD',
  proxAdamW: 'ProxAdamW',
  proxSsi: 'ProxSSI',
  sgd: { en: 'SGD with momentum, no regularizer', zh: '带动量的 SGD，无正则项' },
  adam: { en: 'Adam, no regularizer', zh: 'Adam，无正则项' },
}

const notes: Partial<Record<TaskName, Text>> = {
  mlp: { en: 'network', zh: '网络' },
  convnet: { en: 'convolutional', zh: '卷积' },
  text: { en: 'text', zh: '文本' },
  logregNuclear: { en: 'nuclear norm', zh: '核范数' },
  mlpNuclear: { en: 'network, nuclear norm', zh: '网络，核范数' },
}

/** Logistic regression goes without saying. */
const onTask = (label: Label, task: TaskName): Label => {
  const note = notes[task]
  return note ? noted(label, note) : label
}

const slug = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const trained = (task: TaskName, optimizer: OptimizerName, more: Partial<Arm<Config>> = {}): Arm<Config> => ({
  id: `${slug(task)}/${slug(optimizer)}`,
  label: onTask(labels[optimizer], task),
  kind: optimizer === 'ramda' ? 'method' : 'baseline',
  ...more,
  config: { task, optimizer, ...more.config },
})

const without = (
  task: TaskName,
  variant: Config['variant'],
  label: Label,
  kind: Arm['kind'] = 'control',
  seeds?: Arm['seeds'],
  config: Arm<Config>['config'] = {},
): Arm<Config> => ({
  id: `${slug(task)}/${slug(variant)}`,
  label: onTask(label, task),
  kind,
  seeds,
  config: { ...config, task, optimizer: 'ramda', variant },
})

/** λ other than the ones that are judged, for the frontier of accuracy against sparsity. */
const frontierLambdas: Partial<Record<TaskName, number>> = { mlp: 3e-4, convnet: 3e-4, text: 3e-5 }

const frontierArms = (task: TaskName, optimizers: readonly OptimizerName[], config: Arm<Config>['config'] = {}): Arm<Config>[] =>
  optimizers.map((optimizer) => {
    const lambda = frontierLambdas[task]
    return trained(task, optimizer, {
      id: frontierArm(task, optimizer),
      label: joined([onTask(labels[optimizer], task), `λ = ${lambda}`], comma),
      seeds: 'first',
      config: { ...config, lambda },
    })
  })

/** The name of an arm with the other λ. */
export const frontierArm = (task: TaskName, optimizer: OptimizerName): string =>
  `${slug(task)}/${slug(optimizer)}/lambda=${frontierLambdas[task]}`

/** The name of an arm with the λ that is judged. */
export const armOf = (task: TaskName, optimizer: OptimizerName): string => `${slug(task)}/${slug(optimizer)}`

export const regularized: readonly OptimizerName[] = ['ramda', 'rmda', 'proxSgd', 'proxAdamW']

/** A transformer needs less of the regularizer, and other rates. */
const text: Arm<Config>['config'] = { lambda: 1e-4, learningRate: { ramda: 5e-3, rmda: 1, proxSgd: 1 } }

/** Everything that is trained: the method, its baselines, and the method with one part taken out. */
export function arms(config: Config): readonly Arm<Config>[] {
  const logreg = [
    ...regularized.map((optimizer) => trained('logreg', optimizer)),
    without('logreg', 'noDualAveraging', { en: 'no dual averaging', zh: '无对偶平均' }),
    without('logreg', 'regularizerNotAccumulated', { en: 'regularizer not accumulated', zh: '不累积正则项' }),
    without('logreg', 'noFinalRamp', { en: 'no final ramp of c', zh: 'c 末段不上升' }),
    without('logreg', 'randomZeros', { en: 'random zero groups', zh: '随机置零组' }),
    without('logreg', 'noRestart', { en: 'no restart', zh: '不重启' }, 'ablation', 'first'),
    trained('logreg', 'adam', { seeds: 'first', kind: 'reference' }),
    without('logreg', 'minimizer', { en: 'true minimizer', zh: '真正的最小点' }, 'reference', 'first'),
  ]
  const mlp = [
    trained('mlp', 'ramda', { seeds: 3 }),
    trained('mlp', 'proxAdamW', { seeds: 3 }),
    without('mlp', 'noDualAveraging', { en: 'no dual averaging', zh: '无对偶平均' }, 'control', 3),
    trained('mlp', 'rmda', { seeds: 'first' }),
    trained('mlp', 'proxSgd', { seeds: 'first' }),
    trained('mlp', 'adam', { seeds: 'first', kind: 'reference' }),
    ...frontierArms('mlp', regularized),
  ]
  const extended = [
    ...regularized.map((optimizer) => trained('convnet', optimizer, { seeds: 'first' })),
    ...frontierArms('convnet', regularized),
    without('convnet', 'noDualAveraging', { en: 'no dual averaging', zh: '无对偶平均' }, 'control', 'first'),
    ...regularized.map((optimizer) => trained('text', optimizer, { seeds: 'first', config: text })),
    ...frontierArms('text', regularized, text),
    without('text', 'noDualAveraging', { en: 'no dual averaging', zh: '无对偶平均' }, 'control', 'first', text),
    ...(['logregNuclear', 'mlpNuclear'] as const).flatMap((task) =>
      (['ramda', 'proxAdamW'] as const).map((optimizer) => trained(task, optimizer, { seeds: 'first' })),
    ),
  ]
  return [...logreg, ...(config.mlp ? mlp : []), ...(config.extended ? extended : [])]
}
