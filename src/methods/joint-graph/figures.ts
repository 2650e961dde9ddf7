import { bars, curve, type Figure, type Results, type Text } from '../../experiment/index.ts'
import type { TaskName } from './config.ts'

const armLabel: Text = { en: 'generator', zh: '生成方法' }

const ofTask = ({ arms }: Results, task: TaskName): string[] => arms.filter(({ id }) => id.startsWith(`${task}/`)).map(({ id }) => id)

interface Bars {
  readonly id: string
  readonly task: TaskName
  readonly name: string
  readonly title: Text
  readonly yLabel: Text
  readonly about: Text
}

const drawn: readonly Bars[] = [
  {
    id: 'balanced',
    task: 'balance',
    name: 'balanced',
    title: { en: 'signedBalance: balanced triangles', zh: 'signedBalance：平衡三角形的比例' },
    yLabel: { en: 'share of triangles', zh: '三角形比例' },
    about: {
      en: 'All triangles of the data are balanced; independent signs would balance half',
      zh: '数据中所有三角形都平衡；独立的符号只平衡一半',
    },
  },
  {
    id: 'node-edge',
    task: 'balance',
    name: 'nodeEdgeError',
    title: { en: "signedBalance: nodes against their edges' means", zh: 'signedBalance：节点与其边均值的偏差' },
    yLabel: { en: 'mean absolute error', zh: '平均绝对误差' },
    about: { en: 'The data have 0.04, which is the noise that was added', zh: '数据本身为 0.04，即所加的噪声' },
  },
  {
    id: 'existence',
    task: 'traffic',
    name: 'existence',
    title: { en: 'geoTraffic: pairs joined as their positions demand', zh: 'geoTraffic：与位置规则相符的节点对' },
    yLabel: { en: 'share of pairs', zh: '节点对比例' },
    about: { en: 'The data have 1; chance is about one half', zh: '数据为 1；随机约为一半' },
  },
  {
    id: 'distance',
    task: 'traffic',
    name: 'distanceError',
    title: { en: 'geoTraffic: distances on edges against positions', zh: 'geoTraffic：边上距离与位置的偏差' },
    yLabel: { en: 'mean absolute error', zh: '平均绝对误差' },
    about: { en: 'The data have 0', zh: '数据为 0' },
  },
  {
    id: 'validity',
    task: 'molecules',
    name: 'validity',
    title: { en: 'QM9: valid molecules before correction', zh: 'QM9：未校正的有效分子' },
    yLabel: { en: 'share of samples', zh: '样本比例' },
    about: { en: 'Valences kept and in one piece', zh: '满足价键且连通' },
  },
]

export const figures = (results: Results): Figure[] => [
  ...drawn
    .filter(({ task }) => ofTask(results, task).length > 0)
    .map(
      ({ id, task, name, title, yLabel, about }): Figure => ({
        id,
        title,
        kind: 'bar',
        xLabel: armLabel,
        yLabel,
        series: [bars(results, ofTask(results, task), name)],
        ariaDescription: about,
      }),
    ),
  ...ruleFigure(results),
  ...lossFigure(results),
]

const ruleFigure = (results: Results): Figure[] => {
  const ids = ['traffic/joint', 'traffic/cut'].filter((id) => ofTask(results, 'traffic').includes(id))
  if (ids.length === 0) return []
  return [
    {
      id: 'rule',
      title: {
        en: 'geoTraffic: what an edge says of the distance, and what it is (first seed)',
        zh: 'geoTraffic：边上的距离与实际距离（首个种子）',
      },
      kind: 'scatter',
      xLabel: { en: 'distance of the positions', zh: '位置间的距离' },
      yLabel: { en: 'distance on the edge', zh: '边上的距离' },
      series: ids.map((id) => curve(results, id, 'rule')),
      ariaDescription: {
        en: 'Points of joint diffusion lie along the diagonal, those of two marginal models do not',
        zh: '联合扩散的点沿对角线分布，两个边缘模型的点则不然',
      },
    },
  ]
}

const lossFigure = (results: Results): Figure[] => {
  const ids = results.arms.filter(({ id }) => /\/(joint|no-triangle|cut|cut-triangle)$/.test(id)).map(({ id }) => id)
  return ids.length === 0
    ? []
    : [
        {
          id: 'loss',
          title: { en: 'Loss in training (nodes and edges)', zh: '训练损失（节点与边）' },
          kind: 'line',
          xLabel: { en: 'step', zh: '步' },
          yLabel: { en: 'loss', zh: '损失' },
          series: ids.map((id) => curve(results, id, 'loss')),
          ariaDescription: { en: 'Joint models end lower than those whose paths are cut', zh: '联合模型的损失低于切断路径者' },
        },
      ]
}
