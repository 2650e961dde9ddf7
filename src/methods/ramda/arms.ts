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

const suffixes: Record<TaskName, string> = { logreg: '', mlp: ' (network)', convnet: ' (convolutional)', logregNuclear: ' (nuclear norm)' }

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
): Arm<Config> => ({
  id: `${slug(task)}/${slug(variant)}`,
  label: label + suffixes[task],
  kind,
  seeds,
  config: { task, optimizer: 'ramda', variant },
})

/** λ other than the one that is judged, for the frontier of accuracy against sparsity. */
const frontierLambdas = [3e-4]

const frontierArms = (task: TaskName, optimizers: readonly OptimizerName[]): Arm<Config>[] =>
  frontierLambdas.flatMap((lambda) =>
    optimizers.map((optimizer) =>
      trained(task, optimizer, {
        id: `${slug(task)}/${slug(optimizer)}/lambda=${lambda}`,
        label: `${labels[optimizer]}${suffixes[task]}, λ = ${lambda}`,
        seeds: 'first',
        config: { lambda },
      }),
    ),
  )

const regularized: readonly OptimizerName[] = ['ramda', 'rmda', 'proxSgd', 'proxAdamW']

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
    trained('mlp', 'ramda'),
    trained('mlp', 'proxAdamW'),
    without('mlp', 'noDualAveraging', 'no dual averaging'),
    trained('mlp', 'rmda', { seeds: 'first' }),
    trained('mlp', 'proxSgd', { seeds: 'first' }),
    trained('mlp', 'adam', { seeds: 'first', kind: 'reference' }),
    ...frontierArms('mlp', regularized),
  ]
  const extended = [
    ...regularized.map((optimizer) => trained('convnet', optimizer, { seeds: 'first' })),
    ...(['ramda', 'proxAdamW'] as const).map((optimizer) => trained('logregNuclear', optimizer, { seeds: 'first' })),
  ]
  return [...logreg, ...(config.mlp ? mlp : []), ...(config.extended ? extended : [])]
}
