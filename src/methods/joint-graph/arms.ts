import type { Arm } from '../../experiment/index.ts'
import type { Config, TaskName } from './config.ts'

const titles: Readonly<Record<TaskName, string>> = { balance: 'signedBalance', traffic: 'geoTraffic', molecules: 'QM9' }

const arm = (
  task: TaskName,
  name: string,
  label: string,
  kind: Arm['kind'],
  config: Arm<Config>['config'],
  seeds?: Arm['seeds'],
): Arm<Config> => ({
  id: `${task}/${name}`,
  label: `${label} (${titles[task]})`,
  kind,
  ...(seeds !== undefined && { seeds }),
  config: { task, ...config },
})

/** What needs no training: how far the marginals alone go, and what copying would look like. */
const untrained = (task: TaskName): Arm<Config>[] => [
  arm(task, 'shuffled-edges', 'training nodes, edges of other graphs', 'baseline', { generator: 'shuffledEdges' }),
  arm(task, 'erdos-renyi', 'training nodes, random edges', 'baseline', { generator: 'erdosRenyi' }),
]

const balance: Arm<Config>[] = [
  arm('balance', 'joint', 'joint diffusion', 'method', {}),
  arm('balance', 'two-stage', 'nodes and existence, then attributes', 'baseline', { generator: 'twoStage', triangle: false }),
  arm('balance', 'no-triangle', 'the block of the paper, without triangles', 'control', { triangle: false }),
  arm('balance', 'cut', 'paths cut: two marginal models', 'control', { cut: true, triangle: false }),
  arm('balance', 'cut-triangle', 'paths cut, with triangles', 'ablation', { cut: true }, 'first'),
  ...untrained('balance'),
]

const traffic = ({ extended }: Config): Arm<Config>[] => [
  arm('traffic', 'joint', 'joint diffusion', 'method', { triangle: false }),
  arm('traffic', 'cut', 'paths cut: two marginal models', 'control', { cut: true, triangle: false }),
  arm('traffic', 'shuffled-training', 'trained on edges of other graphs', 'control', { variant: 'shuffledTraining', triangle: false }),
  arm('traffic', 'undertrained', 'a fiftieth of the training', 'control', { variant: 'undertrained', triangle: false }),
  arm('traffic', 'resampled', 'training graphs themselves', 'control', { generator: 'resampled' }),
  ...untrained('traffic'),
  ...(extended
    ? [
        arm(
          'traffic',
          'two-stage',
          'nodes and existence, then attributes',
          'baseline',
          { generator: 'twoStage', triangle: false },
          'first',
        ),
        arm(
          'traffic',
          'weighted',
          'attributes as weighted adjacency (GDSS-w)',
          'baseline',
          { generator: 'weighted', triangle: false },
          'first',
        ),
        arm('traffic', 'joint-triangle', 'joint diffusion with triangles', 'ablation', {}, 'first'),
      ]
    : []),
]

const molecules: Arm<Config>[] = [
  arm('molecules', 'joint', 'joint diffusion', 'method', {}),
  arm('molecules', 'cut', 'paths cut: two marginal models', 'control', { cut: true, triangle: false }),
  arm('molecules', 'gdss', 'GDSS, bonds as numbers', 'baseline', { generator: 'gdss' }, 'first'),
  arm('molecules', 'undertrained', 'a fiftieth of the training', 'control', { variant: 'undertrained' }),
  ...untrained('molecules'),
]

/** Everything that is trained or drawn, set by set. */
export const arms = (config: Config): readonly Arm<Config>[] =>
  config.tasks.flatMap((task) => ({ balance: () => balance, traffic: () => traffic(config), molecules: () => molecules })[task]())
