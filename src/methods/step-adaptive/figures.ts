import { averaged, bars, curve, type Figure, frontier, type Results, type UnitRecord, unitsOf } from '../../experiment/index.ts'
import { stageOneShares, underTrained } from './arms.ts'
import type { Details } from './unit.ts'

const details = (unit: UnitRecord): Details => unit.details as Details

export const figures = (results: Results): Figure[] => {
  const ids = results.arms.filter(({ id }) => unitsOf(results, id).length > 0).map(({ id }) => id)
  const sampled = ids.filter((id) => Number.isFinite(unitsOf(results, id)[0].measurements.fid))
  const withGroups = ids.filter((id) => !id.startsWith('control/') && unitsOf(results, id)[0].measurements.boundaryJump !== undefined)
  return [
    {
      id: 'pareto',
      title: { en: 'Held-out loss against operations', zh: '留出损失与计算量' },
      kind: 'scatter',
      xLabel: { en: 'multiply-accumulates a step, mean', zh: '每步平均乘加次数' },
      yLabel: { en: 'loss of ε', zh: 'ε 的损失' },
      series: frontier(
        results,
        ids.filter((id) => !id.endsWith('no-stage-2')),
        'macsMean',
        'epsMse',
      ),
      ariaDescription: {
        en: 'Each point is an arm with one seed; down and to the left is better',
        zh: '每点为一个方案的一个种子，左下更好',
      },
    },
    {
      id: 'fid',
      title: { en: 'FID', zh: 'FID' },
      kind: 'bar',
      xLabel: { en: 'arm', zh: '方案' },
      yLabel: 'FID',
      series: [
        bars(
          results,
          sampled.filter((id) => !id.endsWith('no-stage-2')),
          'fid',
        ),
      ],
      ariaDescription: { en: 'FID of each arm that was sampled, mean over training seeds', zh: '各方案 FID 的种子均值' },
    },
    {
      id: 'loss-by-time',
      title: { en: 'Held-out loss by time', zh: '各时刻的留出损失' },
      kind: 'line',
      xLabel: { en: 'step of the chain', zh: '时刻' },
      yLabel: { en: 'loss of ε', zh: 'ε 的损失' },
      yScale: 'log',
      series: ids
        .filter((id) => ['base', 'uniform/one-cosine', 'weighted/difficulty'].includes(id.replace(/^(convolutional|under-trained)\//, '')))
        .map((id) => curve(results, id, 'epsMseByTime')),
      ariaDescription: { en: 'The loss falls as noise grows', zh: '噪声越大损失越小' },
    },
    ...crossoverFigure(results),
    ...sizesFigure(results, withGroups),
    ...groupsFigure(results, ids),
    ...conflictFigure(results),
    ...jumpsFigure(results, withGroups),
  ]
}

/** Of groups in the study of where the claim ends, by the end of their arms' names. */
const recipes = {
  'equal/none': { en: 'equal steps, nothing pruned', zh: '步数相等，不剪枝' },
  'equal/difficulty': { en: 'equal steps, pruned', zh: '步数相等，剪枝' },
  'weighted/none': { en: 'more steps for harder groups, nothing pruned', zh: '较难的组步数更多，不剪枝' },
}

/** Where the gain ends: how losses of groups change with the share of all steps that their base has had. */
function crossoverFigure(results: Results): Figure[] {
  const uniform = unitsOf(results, underTrained('uniform/one-cosine'))
  if (uniform.length === 0) return []
  const loss = (arm: string, seed: number) => unitsOf(results, arm).find((unit) => unit.seed === seed)?.measurements.epsMse ?? Number.NaN
  const curves = Object.entries(recipes).map(([groups, label]) => {
    const armOf = (share: number) => underTrained(`${share}/${groups}`)
    const runs = uniform.map(({ seed, measurements }) => ({
      x: [...stageOneShares],
      y: stageOneShares.map((share) => loss(armOf(share), seed) - measurements.epsMse),
    }))
    return averaged(label, runs)
  })
  return [
    {
      id: 'crossover',
      title: { en: 'Held-out loss of groups less that of the uniform model', zh: '各组与统一模型的留出损失之差' },
      kind: 'line',
      xLabel: { en: 'steps of stage 1, % of all', zh: '第一阶段步数（占全部的 %）' },
      yLabel: { en: 'difference of losses of ε', zh: 'ε 损失之差' },
      series: curves,
      ariaDescription: { en: 'Below 0 groups are better than one model with as many steps', zh: '小于 0 表示分组优于步数相同的统一模型' },
    },
  ]
}

function sizesFigure(results: Results, arms: readonly string[]): Figure[] {
  if (arms.length === 0) return []
  return [
    {
      id: 'sizes',
      title: { en: 'Operations of each group’s model', zh: '各组模型的计算量' },
      kind: 'bar',
      xLabel: { en: 'group, from little noise to much', zh: '组（从低噪声到高噪声）' },
      yLabel: { en: 'multiply-accumulates', zh: '乘加次数' },
      series: arms.map((arm) => ({
        label: results.arms.find(({ id }) => id === arm)!.label,
        points: details(unitsOf(results, arm)[0]).groups.map(({ macs }, i) => [String(i + 1), macs] as const),
      })),
      ariaDescription: { en: 'How large the model of each group is', zh: '每组模型的大小' },
    },
  ]
}

/** Losses of groups relative to those of the uniform model. */
function groupsFigure(results: Results, arms: readonly string[]): Figure[] {
  const uniform = arms.find((id) => id.endsWith('uniform/one-cosine'))
  if (!uniform) return []
  const mean = (arm: string, group: number) => {
    const losses = unitsOf(results, arm).map((unit) => details(unit).groups[group]?.loss)
    return losses.reduce((sum, loss) => sum + loss, 0) / losses.length
  }
  const count = details(unitsOf(results, uniform)[0]).groups.length
  return [
    {
      id: 'groups',
      title: { en: 'Held-out loss of each group over that of the uniform model', zh: '各组留出损失与统一模型之比' },
      kind: 'line',
      xLabel: { en: 'group, from little noise to much', zh: '组（从低噪声到高噪声）' },
      yLabel: { en: 'ratio', zh: '比值' },
      series: arms
        .filter((id) => id.includes('weighted/') || id.includes('equal/') || id.includes('two-stage'))
        .map((arm) => ({
          label: results.arms.find(({ id }) => id === arm)!.label,
          points: Array.from({ length: count }, (_, group) => [group + 1, mean(arm, group) / mean(uniform, group)] as const),
        })),
      ariaDescription: { en: 'Below 1 the group is better than the uniform model', zh: '小于 1 表示该组优于统一模型' },
    },
  ]
}

function conflictFigure(results: Results): Figure[] {
  const base = results.arms.map(({ id }) => id).find((id) => id.endsWith('base') && unitsOf(results, id).length > 0)
  const cosines = base && details(unitsOf(results, base)[0]).cosines
  if (!cosines) return []
  const at = (i: number) => (i + 0.5) / cosines.length
  return [
    {
      id: 'conflict',
      title: { en: 'Cosines of the base’s gradients between parts of the times', zh: '基础模型不同时段梯度的余弦' },
      kind: 'heatmap',
      xLabel: { en: 'share of the times', zh: '时刻（比例）' },
      yLabel: { en: 'share of the times', zh: '时刻（比例）' },
      series: [{ label: 'cosine', points: cosines.flatMap((row, i) => row.map((cosine, j) => [at(j), at(i), cosine] as const)) }],
      ariaDescription: {
        en: 'Where it is negative, parts of the times pull the shared model in opposite directions',
        zh: '负值表示不同时段把共享模型拉向相反方向',
      },
    },
  ]
}

/** How far neighbours lie apart where one hands over to the other. */
function jumpsFigure(results: Results, arms: readonly string[]): Figure[] {
  if (arms.length === 0) return []
  return [
    {
      id: 'boundary-jumps',
      title: { en: 'Difference of neighbouring models where one hands over to the other', zh: '相邻模型在交接处的差异' },
      kind: 'line',
      xLabel: { en: 'boundary, from little noise to much', zh: '边界（从低噪声到高噪声）' },
      yLabel: { en: 'relative difference of ε', zh: 'ε 的相对差异' },
      series: arms.map((arm) => ({
        label: results.arms.find(({ id }) => id === arm)!.label,
        points: (details(unitsOf(results, arm)[0]).jumps ?? []).map((jump, i) => [i + 1, jump] as const),
      })),
      ariaDescription: { en: 'Jumps of the predicted noise at the boundaries of groups', zh: '组边界处预测噪声的跳变' },
    },
  ]
}
