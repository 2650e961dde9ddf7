import { type Arm, type Label, noted } from '../../experiment/index.ts'
import type { Config, TaskName } from './config.ts'

const titles: Readonly<Record<TaskName, string>> = { balance: 'signedBalance', traffic: 'geoTraffic', molecules: 'QM9' }

const arm = (
  task: TaskName,
  name: string,
  label: Label,
  kind: Arm['kind'],
  config: Arm<Config>['config'],
  seeds?: Arm['seeds'],
): Arm<Config> => ({
  id: `${task}/${name}`,
  label: noted(label, titles[task]),
  kind,
  ...(seeds !== undefined && { seeds }),
  config: { task, ...config },
})

/** What needs no training: how far the marginals alone go, and what copying would look like. */
const untrained = (task: TaskName): Arm<Config>[] => [
  arm(task, 'shuffled-edges', { en: 'training nodes, edges of other graphs', zh: '训练图的节点，其他图的边' }, 'baseline', {
    generator: 'shuffledEdges',
  }),
  arm(task, 'erdos-renyi', { en: 'training nodes, random edges', zh: '训练图的节点，随机边' }, 'baseline', { generator: 'erdosRenyi' }),
]

const balance: Arm<Config>[] = [
  arm('balance', 'joint', { en: 'joint diffusion', zh: '联合扩散' }, 'method', {}),
  arm('balance', 'two-stage', { en: 'nodes and existence, then attributes', zh: '先节点与存在性，后属性' }, 'baseline', {
    generator: 'twoStage',
    triangle: false,
  }),
  arm('balance', 'no-triangle', { en: 'the block of the paper, without triangles', zh: '论文的模块，无三角更新' }, 'control', {
    triangle: false,
  }),
  arm('balance', 'cut', { en: 'paths cut: two marginal models', zh: '切断通路：两个边际模型' }, 'control', { cut: true, triangle: false }),
  arm('balance', 'cut-triangle', { en: 'paths cut, with triangles', zh: '切断通路，含三角更新' }, 'ablation', { cut: true }, 'first'),
  ...untrained('balance'),
]

const traffic = ({ extended }: Config): Arm<Config>[] => [
  arm('traffic', 'joint', { en: 'joint diffusion', zh: '联合扩散' }, 'method', { triangle: false }),
  arm('traffic', 'cut', { en: 'paths cut: two marginal models', zh: '切断通路：两个边际模型' }, 'control', { cut: true, triangle: false }),
  arm('traffic', 'shuffled-training', { en: 'trained on edges of other graphs', zh: '用其他图的边训练' }, 'control', {
    variant: 'shuffledTraining',
    triangle: false,
  }),
  arm('traffic', 'undertrained', { en: 'a fiftieth of the training', zh: '五十分之一的训练' }, 'control', {
    variant: 'undertrained',
    triangle: false,
  }),
  arm('traffic', 'resampled', { en: 'training graphs themselves', zh: '训练图本身' }, 'control', { generator: 'resampled' }),
  ...untrained('traffic'),
  ...(extended
    ? [
        arm(
          'traffic',
          'two-stage',
          { en: 'nodes and existence, then attributes', zh: '先节点与存在性，后属性' },
          'baseline',
          { generator: 'twoStage', triangle: false },
          'first',
        ),
        arm(
          'traffic',
          'weighted',
          { en: 'attributes as weighted adjacency (GDSS-w)', zh: '以属性为加权邻接（GDSS-w）' },
          'baseline',
          { generator: 'weighted', triangle: false },
          'first',
        ),
        arm('traffic', 'joint-triangle', { en: 'joint diffusion with triangles', zh: '联合扩散，含三角更新' }, 'ablation', {}, 'first'),
      ]
    : []),
]

const molecules: Arm<Config>[] = [
  arm('molecules', 'joint', { en: 'joint diffusion', zh: '联合扩散' }, 'method', {}),
  arm('molecules', 'cut', { en: 'paths cut: two marginal models', zh: '切断通路：两个边际模型' }, 'control', {
    cut: true,
    triangle: false,
  }),
  arm('molecules', 'gdss', { en: 'GDSS, bonds as numbers', zh: 'GDSS，键作为数值' }, 'baseline', { generator: 'gdss' }, 'first'),
  arm('molecules', 'undertrained', { en: 'a fiftieth of the training', zh: '五十分之一的训练' }, 'control', { variant: 'undertrained' }),
  ...untrained('molecules'),
]

/** Everything that is trained or drawn, set by set. */
export const arms = (config: Config): readonly Arm<Config>[] =>
  config.tasks.flatMap((task) => ({ balance: () => balance, traffic: () => traffic(config), molecules: () => molecules })[task]())
