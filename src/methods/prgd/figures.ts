import { curve, type Figure, type Results } from '../../experiment/index.ts'
import { armOf } from './arms.ts'
import type { TaskName } from './config.ts'
import type { RuleName } from './trajectory.ts'

const rules: readonly RuleName[] = ['prgd', 'dualMomentum', 'ngd', 'gd']

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
  series: [...rules.map((rule) => armOf(task, rule)), armOf(task, 'noGrowth')].map((arm) => ({ ...curve(results, arm, series), band: [] })),
  ariaDescription: aria,
})

export const figures = (results: Results): Figure[] => [
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
]
