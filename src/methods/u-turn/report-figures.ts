import type { Figure, FigureSeries, Text } from '../../experiment/index.ts'
import type { UTurnPoint, UTurnReport } from './analyse.ts'

/** The curves of one analysis. */
export function reportFigures({ points, memorisation, speciation, chance }: UTurnReport): Figure[] {
  const line = (name: keyof UTurnPoint, label: Text): FigureSeries => ({
    label,
    points: points.map((point) => [point.sigma, point[name] as number] as const),
  })
  const mark = (sigma: number, label: string): FigureSeries[] =>
    Number.isNaN(sigma) ? [] : [{ label: { en: label, zh: label }, points: [[sigma, 0] as const, [sigma, 1] as const] }]
  const times = [...mark(memorisation, 'T_m'), ...mark(speciation, 'T_s')]
  const common = { kind: 'line', xScale: 'log', xLabel: { en: 'σ of the U-turn', zh: '折返的 σ' } } as const
  return [
    {
      ...common,
      id: 'correlation',
      title: { en: 'How much of an example comes back', zh: '样本保留多少' },
      yLabel: { en: 'centred correlation of x₀ and y₀', zh: 'x₀ 与 y₀ 的中心化相关' },
      series: [
        line('correlation', { en: 'the model', zh: '模型' }),
        line('gaussian', { en: 'the fitted Gaussian', zh: '拟合高斯' }),
        ...times,
      ],
      ariaDescription: { en: 'The correlation falls from 1 to 0 with σ', zh: '相关随 σ 从 1 降到 0' },
    },
    {
      ...common,
      id: 'memory',
      title: { en: 'Copies, and what is left of the start', zh: '复制与起点的残留' },
      yLabel: { en: 'share of samples', zh: '样本比例' },
      series: [
        ...(Number.isNaN(chance) ? [] : [line('sameClass', { en: 'of the class of its start', zh: '与起点同类' })]),
        line('self', { en: 'nearest to its own start', zh: '最近邻为自身起点' }),
        line('copyRate', { en: 'copies', zh: '复制' }),
        ...times,
      ],
      ariaDescription: {
        en: 'Memory of the single example ends first, that of its class later',
        zh: '先失去对单个样本的记忆，再失去对类别的记忆',
      },
    },
    {
      ...common,
      id: 'quality',
      title: { en: 'Likeness to held-out examples', zh: '与留出样本的相似程度' },
      yLabel: 'FID',
      series: [line('fid', { en: 'FID', zh: 'FID' })],
      ariaDescription: { en: 'FID is least where copies come back', zh: '返回副本处 FID 最小' },
    },
  ]
}
