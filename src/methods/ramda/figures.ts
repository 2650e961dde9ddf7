import { curve, type Figure, type FigureSeries, frontier, type Results, type UnitRecord, unitsOf } from '../../experiment/index.ts'
import type { Details } from './units.ts'

const compared = ['logreg/ramda', 'logreg/rmda', 'logreg/prox-sgd', 'logreg/prox-adam-w']

const details = (unit: UnitRecord): Details => unit.details as Details

/** The pages' pictures: what settles, what it costs, and what remains. */
export const figures = (results: Results): Figure[] => [
  {
    id: 'sparsity',
    title: { en: 'Exactly zero groups while training', zh: '训练过程中恰好为零的组' },
    kind: 'line',
    xLabel: { en: 'epoch', zh: '轮次' },
    yLabel: { en: 'weighted group sparsity', zh: '加权组稀疏度' },
    series: compared.map((arm) => curve(results, arm, 'sparsity', { within: [0, 1] })),
    ariaDescription: {
      en: 'Logistic regression: the share of weights in zero groups after each epoch, for RAMDA and three baselines',
      zh: '逻辑回归：RAMDA 与三个基线方法每轮之后零组中权重的比例',
    },
  },
  {
    id: 'accuracy',
    title: { en: 'Test accuracy while training', zh: '训练过程中的测试准确率' },
    kind: 'line',
    xLabel: { en: 'epoch', zh: '轮次' },
    yLabel: { en: 'accuracy', zh: '准确率' },
    series: compared.map((arm) => curve(results, arm, 'accuracy', { within: [0, 1] })),
    ariaDescription: { en: 'Logistic regression: test accuracy after each epoch', zh: '逻辑回归：每轮之后的测试准确率' },
  },
  {
    id: 'pixels',
    title: { en: 'Pixels that RAMDA still reads, as a share of the seeds', zh: 'RAMDA 仍然读取的像素（占随机种子的比例）' },
    kind: 'heatmap',
    xLabel: { en: 'column', zh: '列' },
    yLabel: { en: 'row', zh: '行' },
    series: pixels(unitsOf(results, 'logreg/ramda')),
    ariaDescription: {
      en: 'Of 28×28 pixels logistic regression reads those where digits are drawn; those of the border have weights of zero',
      zh: '在 28×28 个像素中，逻辑回归只读取有笔画的位置；边缘像素的权重为零',
    },
  },
  {
    id: 'iterations',
    title: { en: 'Proximal-gradient iterations a step', zh: '每步的近端梯度迭代次数' },
    kind: 'bar',
    xLabel: { en: 'iterations', zh: '迭代次数' },
    yLabel: { en: 'share of the steps', zh: '步数比例' },
    series: ['logreg/ramda', 'mlp/ramda'].flatMap((arm) => iterationShares(results, arm)),
    ariaDescription: { en: 'How many iterations the subproblem solver needs', zh: '子问题求解器所需的迭代次数' },
  },
  ...frontierFigure(results, 'mlp', { en: 'Network: accuracy against sparsity', zh: '网络：准确率与稀疏度' }),
  ...frontierFigure(results, 'convnet', { en: 'Convolutional network: accuracy against sparsity', zh: '卷积网络：准确率与稀疏度' }),
  ...frontierFigure(results, 'text', { en: 'Transformer on text: accuracy against sparsity', zh: '文本 Transformer：准确率与稀疏度' }),
  ...savings(results),
  ...rankFigure(results),
]

/** The share of units that read each pixel. */
function pixels(units: readonly UnitRecord[]): FigureSeries[] {
  if (units.length === 0) return []
  const zeros = units.map((unit) => new Set(details(unit).zeroGroups))
  const share = (pixel: number) => zeros.filter((zero) => !zero.has(pixel)).length / units.length
  const points = Array.from({ length: 784 }, (_, pixel) => [pixel % 28, Math.floor(pixel / 28), share(pixel)] as const)
  return [{ label: 'RAMDA', points }]
}

/** First number of each bin; the solver takes 2 to 100 iterations. */
const bins = [2, 3, 4, 6, 11, 21, 51, 101]

const binName = (k: number): string => (bins[k + 1] - bins[k] === 1 ? String(bins[k]) : `${bins[k]}–${bins[k + 1] - 1}`)

function iterationShares(results: Results, arm: string): FigureSeries[] {
  const counts = unitsOf(results, arm).flatMap((unit) => [details(unit).iterations ?? []])
  const total = counts.flat().reduce((sum, count) => sum + count, 0)
  if (total === 0) return []
  const inBin = (k: number) => counts.reduce((sum, own) => sum + own.slice(bins[k], bins[k + 1]).reduce((a, b) => a + b, 0), 0)
  const points = bins.slice(0, -1).map((_, k) => [binName(k), inBin(k) / total] as const)
  return [{ label: results.arms.find(({ id }) => id === arm)!.label, points }]
}

/** Everything that was trained on a task, but for its controls. */
function frontierFigure(results: Results, task: string, title: Figure['title']): Figure[] {
  const arms = results.arms.filter(({ id, kind }) => id.startsWith(`${task}/`) && kind !== 'control').map(({ id }) => id)
  if (arms.length === 0) return []
  return [
    {
      id: task === 'mlp' ? 'frontier' : `frontier-${task}`,
      title,
      kind: 'scatter',
      xLabel: { en: 'weighted group sparsity', zh: '加权组稀疏度' },
      yLabel: { en: 'accuracy', zh: '准确率' },
      series: frontier(results, arms, 'sparsity', 'accuracy'),
      ariaDescription: { en: 'Each point is a trained network; up and to the right is better', zh: '每个点是一个训练好的网络，右上更好' },
    },
  ]
}

/** What cutting the zeros out saves. */
function savings(results: Results): Figure[] {
  const arms = ['logreg/ramda', 'mlp/ramda', 'convnet/ramda'].filter((arm) => unitsOf(results, arm).length > 0)
  const mean = (arm: string, name: string) => {
    const values = unitsOf(results, arm).map(({ measurements }) => measurements[name])
    return values.reduce((sum, value) => sum + value, 0) / values.length
  }
  const names: Record<string, Figure['title']> = {
    'logreg/ramda': { en: 'logistic regression', zh: '逻辑回归' },
    'mlp/ramda': { en: 'network', zh: '网络' },
    'convnet/ramda': { en: 'convolutional network', zh: '卷积网络' },
  }
  const share = (name: string): FigureSeries => ({
    label: 'compacted / full',
    points: arms.map((arm) => [names[arm].en, mean(arm, `${name}Compacted`) / mean(arm, name)] as const),
  })
  const figure = (id: string, name: string, title: Figure['title'], yLabel: Figure['yLabel']): Figure => ({
    id,
    title,
    kind: 'bar',
    xLabel: { en: 'model', zh: '模型' },
    yLabel,
    series: [{ label: 'full', points: arms.map((arm) => [names[arm].en, 1] as const) }, share(name)].map((series, k) => ({
      ...series,
      label: k === 0 ? { en: 'as trained', zh: '训练所得' } : { en: 'zeros cut out', zh: '裁剪之后' },
    })),
    ariaDescription: {
      en: 'The compacted network in relation to the one that was trained, which is 1',
      zh: '裁剪后的网络相对于原网络（记为 1）',
    },
  })
  return [
    figure(
      'multiplications',
      'macs',
      { en: 'Multiplications of an example, before and after compaction', zh: '裁剪前后每个样本的乘法次数' },
      { en: 'relative to the network as trained', zh: '相对于训练所得网络' },
    ),
    figure(
      'latency',
      'milliseconds',
      { en: 'Time of a batch of 64, before and after compaction', zh: '裁剪前后 64 个样本一批的时间' },
      { en: 'relative to the network as trained', zh: '相对于训练所得网络' },
    ),
  ]
}

/** Whether the ranks come to rest. */
function rankFigure(results: Results): Figure[] {
  const arms = results.arms.filter(({ id }) => id.includes('-nuclear/')).map(({ id }) => id)
  if (arms.length === 0) return []
  return [
    {
      id: 'ranks',
      title: { en: 'Nuclear norm: low-rank level while training', zh: '核范数：训练过程中的低秩程度' },
      kind: 'line',
      xLabel: { en: 'epoch', zh: '轮次' },
      yLabel: { en: '1 − rank / singular values', zh: '1 − 秩 / 奇异值个数' },
      series: arms.map((arm) => curve(results, arm, 'sparsity', { within: [0, 1] })),
      ariaDescription: { en: 'The share of singular values that are zero after each epoch', zh: '每轮之后为零的奇异值比例' },
    },
  ]
}
