import { curve, type Figure, type FigureSeries, type Results, unitsOf } from '../../experiment/index.ts'
import { logisticArm, memoryArm, mlpArm, quadraticArm, type Way } from './arms.ts'
import { memoryFigure } from './memory-figure.ts'
import { meanCosine } from './shrunken-ball.ts'

const short: Partial<Record<Way, FigureSeries['label']>> = {
  naive: { en: 'not averaged', zh: '不作平均' },
  averaged: { en: 'averaged, 4/(k+8)^(2/3)', zh: '平均，4/(k+8)^(2/3)' },
  'averaged-0.8': { en: 'averaged, (k+1)^-0.8', zh: '平均，(k+1)^-0.8' },
  'averaged-0.9': { en: 'averaged, (k+1)^-0.9', zh: '平均，(k+1)^-0.9' },
  exact: { en: 'exact gradients', zh: '精确梯度' },
}

/** A curve without its single seeds, for axes that are crowded enough. */
const plain = (results: Results, arm: string, name: string, way: Way): FigureSeries => {
  const { points, band } = curve(results, arm, name, { within: [0, Number.POSITIVE_INFINITY] })
  // On a logarithmic axis a band that reaches 0 has no lower edge.
  return { label: short[way] ?? way, points, band: band?.filter(([, low]) => low > 0) }
}

const ways = ['naive', 'averaged', 'averaged-0.8', 'exact'] as const

/** Where theory says that the method without averaging stalls: a line across the figure. */
function predictedPlateau(results: Results): FigureSeries[] {
  const units = unitsOf(results, quadraticArm('l2', 'naive'))
  const [first] = units
  if (!first) return []
  const predicted = units.reduce((total, { measurements }) => total + measurements.predicted, 0) / units.length
  const { x } = first.series.gap
  return [{ label: { en: 'predicted plateau', zh: '预测的停滞值' }, points: [x[0], x[x.length - 1]].map((k) => [k, predicted] as const) }]
}

const convergence = (results: Results): Figure => ({
  id: 'convergence',
  title: { en: 'Quadratic on an ℓ2 ball: distance of f to its minimum', zh: 'ℓ2 球上的二次函数：f 与最小值之差' },
  kind: 'line',
  xLabel: { en: 'step', zh: '步' },
  yLabel: 'f(θ) − f*',
  xScale: 'log',
  yScale: 'log',
  series: [...ways.map((way) => plain(results, quadraticArm('l2', way), 'gap', way)), ...predictedPlateau(results)],
  ariaDescription: {
    en: 'Without averaging the gap stays on the predicted line; averaged it falls like a power of k; with exact gradients like 1/k²',
    zh: '不作平均时差距停在预测线上；作平均时按幂律下降；精确梯度按 1/k² 下降',
  },
})

const network = (results: Results): Figure => ({
  id: 'network',
  title: { en: 'Network on digits: training loss', zh: '手写数字网络：训练损失' },
  kind: 'line',
  xLabel: { en: 'step', zh: '步' },
  yLabel: { en: 'loss', zh: '损失' },
  yScale: 'log',
  series: (['naive', 'averaged', 'averaged-0.9', 'exact'] as const).map((way) => plain(results, mlpArm(way), 'loss', way)),
  ariaDescription: {
    en: 'Without averaging the loss stays at ln 10; averaged it falls below that of exact gradients',
    zh: '不作平均时损失停在 ln 10；作平均时低于精确梯度',
  },
})

/** How near d comes to the gradient. */
const cosine = (results: Results): Figure => ({
  id: 'cosine',
  title: { en: 'Cosine of the angle between d and the exact gradient', zh: 'd 与精确梯度夹角的余弦' },
  kind: 'line',
  xLabel: { en: 'step', zh: '步' },
  yLabel: { en: 'cosine', zh: '余弦' },
  series: [
    ...(['averaged', 'averaged-0.9'] as const).map((way) => ({ ...curve(results, mlpArm(way), 'cosine'), label: short[way]! })),
    { ...curve(results, mlpArm('decoupled'), 'cosine'), label: { en: 'another direction than the derivative', zh: '无关方向' } },
  ],
  ariaDescription: {
    en: 'The average points along the gradient, that of decoupled directions does not',
    zh: '平均方向与梯度一致，无关方向则不然',
  },
})

/** c_d, and what the oracle's answers to forward gradients come to on average. */
const shrinkage: Figure = {
  id: 'shrinkage',
  title: { en: 'The radius that is left without averaging', zh: '不作平均时实际起作用的半径' },
  kind: 'line',
  xLabel: { en: 'parameters d', zh: '参数个数 d' },
  yLabel: 'c_d',
  xScale: 'log',
  yScale: 'log',
  series: [
    {
      label: 'c_d',
      points: [1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 500, 650, 1000, 2410, 7850, 10_000].map((d) => [d, meanCosine(d)] as const),
    },
  ],
  ariaDescription: {
    en: 'It falls like the square root of 2/(πd): 0.147 at d = 30, 0.009 at d = 7,850',
    zh: '按 √(2/(πd)) 下降：d = 30 时 0.147，d = 7850 时 0.009',
  },
}

/** Weights of softmax regression under the k-sparse polytope: ten classes of 8 × 8 pixels side by side. */
function pattern(results: Results): Figure[] {
  const [unit] = unitsOf(results, logisticArm('ksparse', 'averaged-0.9'))
  if (!unit) return []
  const { weight } = unit.details as { weight: number[] }
  const points = Array.from({ length: 640 }, (_, i) => {
    const [column, row] = [i % 40, Math.floor(i / 40)]
    const [digit, pixel] = [5 * Math.floor(row / 8) + Math.floor(column / 8), 8 * (row % 8) + (column % 8)]
    return [column, row, Math.abs(weight[10 * pixel + digit])] as const
  })
  return [
    {
      id: 'pattern',
      title: {
        en: 'Size of the weights under a k-sparse constraint, digits 0–4 above 5–9',
        zh: 'k 稀疏约束下权重的大小，上排 0–4，下排 5–9',
      },
      kind: 'heatmap',
      xLabel: { en: 'column', zh: '列' },
      yLabel: { en: 'row', zh: '行' },
      series: [{ label: '|w|', points }],
      ariaDescription: { en: 'Few weights are large, and those where digits differ', zh: '只有少数权重较大，位于数字相异之处' },
    },
  ]
}

function memory(results: Results): Figure[] {
  const rows = (['forward', 'reverse'] as const).flatMap((mode) =>
    unitsOf(results, memoryArm(mode)).flatMap(({ series: { activationBytes } }) =>
      activationBytes.x.map((depth, i) => ({ depth, mode, activationBytes: activationBytes.y[i] })),
    ),
  )
  return rows.length ? [memoryFigure(rows)] : []
}

export const figures = (results: Results): Figure[] => [
  convergence(results),
  network(results),
  cosine(results),
  ...memory(results),
  ...pattern(results),
  shrinkage,
]
