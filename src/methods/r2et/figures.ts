import {
  bars,
  categoryOf,
  curve,
  type Figure,
  frontier,
  type Results,
  type Text,
  type UnitRecord,
  unitsOf,
} from '../../experiment/index.ts'
import { isStrengthOf, judged, titles, tunedMethods } from './arms.ts'
import { type DatasetName, datasetNames } from './config.ts'

/** On each set: what remains of the top k under attack, what it costs, and how it falls with the radius. */
export const figures = (results: Results): Figure[] =>
  datasetNames.flatMap((dataset) => {
    const trained = results.arms.some(({ id }) => id.startsWith(`${dataset}/`))
    if (!trained) return []
    const drawn = [precisionBars, fallCurves, qualityScatter, radiusBars, epochBars].map((draw) => draw(results, dataset))
    const tuned = results.arms.some(({ id }) => id.startsWith(`${dataset}/`) && id.includes('='))
    return tuned ? [...drawn, chosenBars(results, dataset)] : drawn
  })

type Draw = (results: Results, dataset: DatasetName) => Figure

/** The arms of a set that are no controls; those of one strength only. */
const mainArms = ({ arms }: Results, dataset: DatasetName): string[] =>
  arms.filter(({ id, kind }) => id.startsWith(`${dataset}/`) && kind !== 'control' && kind !== 'ablation').map(({ id }) => id)

const method: Text = { en: 'method', zh: '方法' }

const precisionBars: Draw = (results, dataset) => ({
  id: `${dataset}-precision`,
  title: { en: `${titles[dataset].en}: top k that survive ERAttack`, zh: `${titles[dataset].zh}：ERAttack 后保留的前 k 特征` },
  kind: 'bar',
  xLabel: method,
  yLabel: 'P@k',
  series: [bars(results, mainArms(results, dataset), 'er')],
  ariaDescription: { en: 'The share of the top k that is left under attack, method by method', zh: '各方法在攻击后保留的前 k 特征比例' },
})

const fallCurves: Draw = (results, dataset) => {
  const names = ['vanilla', 'est-h', 'at', 'wd', 'sp', judged(dataset), 'sp+r2et-mm']
  return {
    id: `${dataset}-curve`,
    title: {
      en: `${titles[dataset].en}: P@k against the attack's radius (first seed)`,
      zh: `${titles[dataset].zh}：P@k 随攻击半径的变化（首个种子）`,
    },
    kind: 'line',
    xLabel: { en: 'radius ε', zh: '半径 ε' },
    yLabel: 'P@k',
    series: names.map((name) => curve(results, `${dataset}/${name}`, 'precision')),
    ariaDescription: { en: 'All curves fall from 1; those of flat maps fall least', zh: '所有曲线从 1 下降，平坦的显著图下降最少' },
  }
}

/** The first seed's, so that every method has as many points as strengths. */
const qualityScatter: Draw = (results, dataset) => {
  const quality = dataset === 'digits' ? 'accuracy' : 'auc'
  const first = { ...results, units: results.units.filter(({ seed }) => seed === 0) }
  const ids = results.arms.filter(({ id, kind }) => id.startsWith(`${dataset}/`) && kind !== 'control').map(({ id }) => id)
  const families = [
    ...tunedMethods,
    { name: 'vanilla', label: 'Vanilla' },
    { name: 'longer', label: 'Vanilla, longer' },
    { name: 'at', label: 'AT' },
  ]
  return {
    id: `${dataset}-frontier`,
    title: {
      en: `${titles[dataset].en}: stability against quality at several strengths (first seed)`,
      zh: `${titles[dataset].zh}：不同强度下的稳定性与质量（首个种子）`,
    },
    kind: 'scatter',
    xLabel: quality === 'auc' ? 'AUC' : { en: 'accuracy', zh: '准确率' },
    yLabel: 'P@k',
    series: families.flatMap(({ name, label }) => {
      const own = ids.filter((id) => isStrengthOf(id, dataset, name))
      return own.length === 0 ? [] : [{ label, points: frontier(first, own, quality, 'er').flatMap(({ points }) => points) }]
    }),
    ariaDescription: { en: 'Each point is a trained model; up and to the right is better', zh: '每个点是一个训练好的模型，右上更好' },
  }
}

/** How much AUC a strength may cost on the validation part. */
const allowedDrop = 0.02

/** Of each method the strength with the largest P@k on the validation part, among those that lose little AUC there; its P@k on the test part. */
const chosenBars: Draw = (results, dataset) => {
  const firstOf = (id: string): UnitRecord | undefined => unitsOf(results, id).find(({ seed }) => seed === 0)
  const floor = (firstOf(`${dataset}/vanilla`)?.measurements.validationAuc ?? Number.NaN) - allowedDrop
  const points = tunedMethods.flatMap(({ name }): [string, number][] => {
    const units = results.arms.filter(({ id }) => isStrengthOf(id, dataset, name)).flatMap(({ id }) => firstOf(id) ?? [])
    const allowed = units.filter(({ measurements }) => measurements.validationAuc >= floor)
    if (allowed.length === 0) return []
    const best = allowed.reduce((a, b) => (b.measurements.validationEr > a.measurements.validationEr ? b : a))
    return [[categoryOf(results, best.arm), best.measurements.er]]
  })
  return {
    id: `${dataset}-chosen`,
    title: {
      en: `${titles[dataset].en}: each method at the strength chosen on the validation part (first seed)`,
      zh: `${titles[dataset].zh}：各方法取验证集选出的强度（首个种子）`,
    },
    kind: 'bar',
    xLabel: method,
    yLabel: 'P@k',
    series: [{ label: 'P@k', points }],
    ariaDescription: { en: 'P@k on the test part at the chosen strengths', zh: '所选强度在测试集上的 P@k' },
  }
}

/** Mean certified radii of some rows, by the bound in the ball. */
const radiusBars: Draw = (results, dataset) => ({
  id: `${dataset}-certificate`,
  title: {
    en: `${titles[dataset].en}: radius within which the top k cannot change (first seed)`,
    zh: `${titles[dataset].zh}：前 k 特征保证不变的半径（首个种子）`,
  },
  kind: 'bar',
  xLabel: method,
  yLabel: { en: 'certified radius', zh: '保证半径' },
  series: [
    {
      label: { en: 'certified radius', zh: '保证半径' },
      points: mainArms(results, dataset).flatMap((id): [string, number][] => {
        const details = unitsOf(results, id).find(({ seed }) => seed === 0)?.details as { radii?: { interval: number } } | undefined
        return details?.radii ? [[categoryOf(results, id), details.radii.interval]] : []
      }),
    },
  ],
  ariaDescription: { en: 'Smooth activations and small weights certify most', zh: '平滑激活和小权重的保证半径最大' },
})

const secondsOf = ({ details }: UnitRecord): number => (details as { epochSeconds: number }).epochSeconds

const epochBars: Draw = (results, dataset) => {
  const quickest = (id: string) =>
    Math.min(
      ...unitsOf(results, id)
        .filter(({ details }) => details !== undefined)
        .map(secondsOf),
    )
  const plain = quickest(`${dataset}/longer`)
  return {
    id: `${dataset}-epoch`,
    title: { en: `${titles[dataset].en}: time of an epoch, plain training = 1`, zh: `${titles[dataset].zh}：每轮耗时（普通训练 = 1）` },
    kind: 'bar',
    xLabel: method,
    yLabel: { en: 'times plain training', zh: '相对普通训练' },
    series: [
      {
        label: { en: 'time', zh: '耗时' },
        points: mainArms(results, dataset).map((id): [string, number] => [categoryOf(results, id), quickest(id) / plain]),
      },
    ],
    ariaDescription: { en: 'Second derivatives cost some times a plain epoch', zh: '二阶导数使每轮耗时数倍于普通训练' },
  }
}
