import { type Figure, type Results, unitsOf } from '../../experiment/index.ts'
import { armOf, ruleLabels } from './arms.ts'
import type { Field } from './field-unit.ts'

const length = 0.16

/** The plane with the directions of normalized gradients, the axis of the best direction, and where the rules go. */
export function fieldFigures(results: Results): Figure[] {
  return unitsOf(results, armOf('field', 'prgd')).map(({ details }) => {
    const { arrows, paths } = details as Field
    const end = Math.max(...arrows.map(({ at: [x] }) => x))
    return {
      id: 'field',
      title: { en: 'Plane: directions of −∇L, and the first steps of each rule', zh: '平面数据：−∇L 的方向与各方法的最初步' },
      kind: 'line',
      xLabel: { en: 'w along the best direction w*', zh: '沿最优方向 w* 的分量' },
      yLabel: { en: 'w across', zh: '垂直分量' },
      series: [
        ...paths.map(({ rule, points }) => ({ label: rule === 'noGrowth' ? 'fixed norm' : ruleLabels[rule], points })),
        { label: { en: 'axis w*', zh: 'w* 轴' }, points: [[0, 0] as const, [end, 0] as const] },
        {
          label: { en: 'direction of −∇L', zh: '−∇L 方向' },
          points: [],
          arrows: arrows.map(({ at: [x, y], direction: [dx, dy] }) => [x, y, x + length * dx, y + length * dy] as const),
        },
      ],
      ariaDescription: {
        en: 'Normalized gradient descent settles at a fixed height above the axis, where the field points along it; each rescaling of PRGD lifts it above that height, where the field points back to the axis, so that its direction nears the axis',
        zh: '归一化梯度下降停在轴上方固定高度，该处场沿轴方向；PRGD 每次放大范数后高于该处，场把它拉回，因此方向趋近于轴',
      },
    }
  })
}
