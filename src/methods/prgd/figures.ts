import { curve, type Figure, type FigureSeries, type Results, unitsOf } from '../../experiment/index.ts'
import { armOf, comparedRules } from './arms.ts'
import type { TaskName } from './config.ts'
import { digitsFigures } from './digits-figures.ts'
import { fieldFigures } from './field-figure.ts'
import type { Cell } from './map-unit.ts'

const steps = { en: 'step', zh: '步' }
const gapLabel = { en: 'margin gap', zh: '间隔差' }

const gapFigure = (
  results: Results,
  {
    id,
    task,
    series,
    title,
    aria,
    ...more
  }: { id: string; task: TaskName; series: string; title: Figure['title']; aria: Figure['title']; xScale?: 'log' },
): Figure => ({
  id,
  title,
  kind: 'line',
  xLabel: steps,
  yLabel: gapLabel,
  yScale: 'log',
  ...more,
  // The interval of a mean of gaps reaches below zero, where a logarithmic axis has no room.
  series: [...comparedRules.map((rule) => armOf(task, rule)), armOf(task, 'noGrowth')].map((arm) => ({
    ...curve(results, arm, series),
    band: [],
  })),
  ariaDescription: aria,
})

export const figures = (results: Results): Figure[] => [
  ...fieldFigures(results),
  gapFigure(results, {
    id: 'plane',
    task: 'plane',
    series: 'gap',
    title: { en: 'Plane: gap to the largest margin, both axes logarithmic', zh: '平面数据：与最大间隔之差（双对数）' },
    aria: {
      en: 'PRGD falls off a cliff to rounding within 1,000 steps; dual momentum falls like 1/t², normalized gradient descent like 1/t, gradient descent hardly',
      zh: 'PRGD 在 1,000 步内降到舍入误差；对偶动量约为 1/t²，归一化梯度下降约为 1/t，梯度下降几乎不降',
    },
    xScale: 'log',
  }),
  gapFigure(results, {
    id: 'simplex',
    task: 'simplex',
    series: 'gap m=11',
    title: { en: 'Imbalanced simplex in 11 dimensions: relative gap', zh: '11 维不平衡单纯形：相对间隔差' },
    aria: { en: 'PRGD falls along a straight line, that is, exponentially; the others bend', zh: 'PRGD 沿直线（指数）下降，其余曲线变缓' },
  }),
  gapFigure(results, {
    id: 'digits',
    task: 'digits',
    series: 'gap 3-8',
    title: { en: 'Digits 3 and 8: relative gap at the best learning rate', zh: '数字 3 与 8：最佳步长下的相对间隔差' },
    aria: {
      en: 'With a budget of 10,000 steps PRGD ends far below normalized gradient descent; with a fixed norm the gap stands still',
      zh: '10,000 步预算下 PRGD 远低于归一化梯度下降；固定范数则停滞',
    },
  }),
  ...digitsFigures(results),
  {
    id: 'schedules',
    title: { en: 'Plane: radii that grow geometrically, polynomially, and too fast', zh: '平面数据：几何、多项式与过快增长的半径' },
    kind: 'line',
    xLabel: steps,
    yLabel: gapLabel,
    yScale: 'log',
    series: (['prgd', 'prgdPolynomial', 'prgdRunaway', 'noGrowth'] as const).map((name) => firstSeed(results, armOf('plane', name), 'gap')),
    ariaDescription: {
      en: 'Geometric radii give a straight line, polynomial ones a curve; radii that grow too fast fall early and then stand still',
      zh: '几何增长为直线，多项式为曲线；过快增长先下降后停滞',
    },
  },
  ...mapFigures(results),
  {
    id: 'network',
    title: { en: 'Network: normalized margin while it is widened', zh: '网络：扩大过程中的归一化间隔' },
    kind: 'line',
    xLabel: steps,
    yLabel: { en: 'normalized margin', zh: '归一化间隔' },
    series: (['prgd', 'gd', 'ngd', 'noGrowth', 'lastLayer'] as const).map((name) => curve(results, armOf('network', name), 'margin')),
    ariaDescription: {
      en: 'With a norm that grows threefold the margin rises above that of gradient descent and of normalized gradient descent',
      zh: '范数增长三倍时，间隔超过梯度下降与归一化梯度下降',
    },
  },
]

/** A single run, for what a mean over different sets would blur. */
const firstSeed = (results: Results, arm: string, name: string): FigureSeries => {
  const { points, label } = curve({ ...results, units: unitsOf(results, arm).slice(0, 1) }, arm, name)
  return { label, points }
}

/** Which schedules follow and which freeze: by how fast the norm grows against how fast the direction can follow, and by their settings. */
function mapFigures(results: Results): Figure[] {
  const cells = unitsOf(results, armOf('map', 'prgd')).flatMap(({ details }) => (details as { cells: readonly Cell[] }).cells)
  const learningRates = [...new Set(cells.map(({ learningRate }) => learningRate))]
  if (cells.length === 0) return []
  return [
    {
      id: 'freeze',
      title: { en: 'A norm that grows faster than the direction follows freezes it', zh: '范数增长快于方向跟进时会冻结' },
      kind: 'scatter',
      xLabel: { en: 'growth a step / slowest contraction a step, κ/(ηλ)', zh: '每步增长 / 每步最慢收缩 κ/(ηλ)' },
      yLabel: { en: 'log₁₀ relative gap', zh: '相对间隔差的 log₁₀' },
      xScale: 'log',
      series: learningRates.map((rate) => ({
        label: `η = ${rate}`,
        points: cells.filter(({ learningRate }) => learningRate === rate).map(({ speed, logGap }) => [speed, logGap] as const),
      })),
      ariaDescription: {
        en: 'The gap is least where the two speeds are of the same size; faster schedules freeze at large gaps, slower ones have not come far after as many steps',
        zh: '两种速度相当时间隔差最小；更快的计划冻结，更慢的计划在同样步数内走得不远',
      },
    },
    {
      id: 'map',
      title: { en: 'log₁₀ relative gap of 36 schedules on the digits 0 and 1', zh: '数字 0 与 1 上 36 种计划的相对间隔差 log₁₀' },
      kind: 'heatmap',
      xLabel: { en: 'growth of the norm a step, κ = ln ρ/τ, in 10⁻⁴', zh: '范数每步增长 κ = ln ρ/τ，单位 10⁻⁴' },
      yLabel: 'η',
      series: [
        {
          label: 'PRGD',
          points: cells.map(({ rho, interval, learningRate, logGap }) => {
            const kappa = Number(((1e4 * Math.log(rho)) / interval).toPrecision(2))
            return [kappa, learningRate, logGap] as const
          }),
        },
      ],
      ariaDescription: {
        en: 'Slow growth has not come far, fast growth freezes; between them the gap is small, and a larger learning rate stands faster growth',
        zh: '增长慢的走得不远，增长快的冻结；其间差距小，步长越大越能承受快速增长',
      },
    },
  ]
}
