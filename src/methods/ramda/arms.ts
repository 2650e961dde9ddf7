import type { Arm } from '../../experiment/index.ts'
import type { Config, OptimizerName, TaskName } from './config.ts'

const labels: Record<OptimizerName, string> = {
  ramda: 'RAMDA',
  rmda: 'RMDA',
  proxSgd: 'ProxSGD',
  proxAdamW: 'ProxAdamW',
  proxSsi: 'ProxSSI',
  sgd: 'SGD with momentum, no regularizer',
  adam: 'Adam, no regularizer',
}

const suffixes: Record<TaskName, string> = {
  logreg: '',
  mlp: ' (network)',
  convnet: ' (convolutional)',
  text: ' (text)',
  logregNuclear: ' (nuclear norm)',
  mlpNuclear: ' (network, nuclear norm)',
}

const slug = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const trained = (task: TaskName, optimizer: OptimizerName, more: Partial<Arm<Config>> = {}): Arm<Config> => ({
  id: `${slug(task)}/${slug(optimizer)}`,
  label: labels[optimizer] + suffixes[task],
  kind: optimizer === 'ramda' ? 'method' : 'baseline',
  ...more,
  config: { task, optimizer, ...more.config },
})

const without = (
  task: TaskName,
  variant: Config['variant'],
  label: string,
  kind: Arm['kind'] = 'control',
  seeds?: Arm['seeds'],
  config: Arm<Config>['config'] = {},
): Arm<Config> => ({
  id: `${slug(task)}/${slug(variant)}`,
  label: label + suffixes[task],
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
      label: `${labels[optimizer]}${suffixes[task]}, λ = ${lambda}`,
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
    without('logreg', 'noDualAveraging', 'no dual averaging'),
    without('logreg', 'regularizerNotAccumulated', 'regularizer not accumulated'),
    without('logreg', 'noFinalRamp', 'no final ramp of c'),
    without('logreg', 'randomZeros', 'random zero groups'),
    without('logreg', 'noRestart', 'no restart', 'ablation', 'first'),
    trained('logreg', 'adam', { seeds: 'first', kind: 'reference' }),
    without('logreg', 'minimizer', 'true minimizer', 'reference', 'first'),
  ]
  const mlp = [
    trained('mlp', 'ramda', { seeds: 3 }),
    trained('mlp', 'proxAdamW', { seeds: 3 }),
    without('mlp', 'noDualAveraging', 'no dual averaging', 'control', 3),
    trained('mlp', 'rmda', { seeds: 'first' }),
    trained('mlp', 'proxSgd', { seeds: 'first' }),
    trained('mlp', 'adam', { seeds: 'first', kind: 'reference' }),
    ...frontierArms('mlp', regularized),
  ]
  const extended = [
    ...regularized.map((optimizer) => trained('convnet', optimizer, { seeds: 'first' })),
    ...frontierArms('convnet', regularized),
    without('convnet', 'noDualAveraging', 'no dual averaging', 'control', 'first'),
    ...regularized.map((optimizer) => trained('text', optimizer, { seeds: 'first', config: text })),
    ...frontierArms('text', regularized, text),
    without('text', 'noDualAveraging', 'no dual averaging', 'control', 'first', text),
    ...(['logregNuclear', 'mlpNuclear'] as const).flatMap((task) =>
      (['ramda', 'proxAdamW'] as const).map((optimizer) => trained(task, optimizer, { seeds: 'first' })),
    ),
  ]
  return [...logreg, ...(config.mlp ? mlp : []), ...(config.extended ? extended : [])]
}
