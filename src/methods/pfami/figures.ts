import { bars, curve, type Figure, type Results, summarize, unitsOf } from '../../experiment/index.ts'
import { overfitted } from './arms.ts'
import type { SweepPoint } from './sweep.ts'
import type { AttackRow } from './table.ts'

type StoredRow = Omit<AttackRow, 'scores' | 'errors'>

const rowsOf = (details: unknown): readonly StoredRow[] => (details as { table?: StoredRow[] } | undefined)?.table ?? []

/** A number of every attack of an arm, with its interval over seeds. */
function attackBars(results: Results, arm: string, of: (row: StoredRow) => number | undefined) {
  const units = unitsOf(results, arm)
  const names = [...new Set(units.flatMap(({ details }) => rowsOf(details).map(({ attack }) => attack)))]
  const found = names.flatMap((attack) => {
    const values = units.flatMap(({ details }) =>
      rowsOf(details)
        .filter((row) => row.attack === attack)
        .map(of),
    )
    return values.length > 0 && values.every((value): value is number => Number.isFinite(value)) ? [{ attack, ...summarize(values) }] : []
  })
  return {
    points: found.map(({ attack, mean }): [string, number] => [attack, mean]),
    band: found.flatMap(({ attack, ci95 }) => (ci95 ? [[attack, ci95[0], ci95[1]] as const] : [])),
  }
}

const attackLabel = { en: 'attack', zh: '攻击' }

const areas = (results: Results, arm: string, id: string, en: string, zh: string): Figure => ({
  id,
  title: { en: `AUC of every attack on ${en}`, zh: `各攻击对${zh}的 AUC` },
  kind: 'bar',
  xLabel: attackLabel,
  yLabel: 'AUC',
  series: [{ label: 'AUC', ...attackBars(results, arm, ({ auc }) => auc.value) }],
  ariaDescription: { en: 'Areas above .5 tell members apart; whiskers are over seeds', zh: '面积大于 .5 即能区分成员；误差线为种子间区间' },
})

const successes = (results: Results): Figure => ({
  id: 'asr',
  title: {
    en: 'Attack success rate: the best balanced accuracy (paper: + 27.9 % over the best other attack)',
    zh: '攻击成功率：最佳平衡准确率（论文：比最佳基线高 27.9 %）',
  },
  kind: 'bar',
  xLabel: attackLabel,
  yLabel: 'ASR',
  series: [{ label: 'ASR', ...attackBars(results, overfitted, ({ asr }) => asr) }],
  ariaDescription: { en: 'A rate of .5 is chance; whiskers are over seeds', zh: '0.5 为随机水平；误差线为种子间区间' },
})

const truePositives = (results: Results): Figure => ({
  id: 'tpr',
  title: { en: 'Members found at a false positive rate of 1 %', zh: '假阳性率 1 % 时找到的成员比例' },
  kind: 'bar',
  xLabel: attackLabel,
  yLabel: 'TPR',
  series: [{ label: 'TPR', ...attackBars(results, overfitted, ({ tpr }) => tpr['0.01']?.rate) }],
  ariaDescription: {
    en: 'At one false alarm in a hundred, attacks find a small share of members',
    zh: '每百次一次误报时，攻击只找到小部分成员',
  },
})

/** Evaluations of a model for each record against what they bring. */
const costs = (results: Results): Figure => ({
  id: 'cost',
  title: { en: 'AUC against evaluations of the model for each record (first seed)', zh: 'AUC 与每条记录的模型调用次数（首个种子）' },
  kind: 'scatter',
  xLabel: { en: 'evaluations', zh: '调用次数' },
  xScale: 'log',
  yLabel: 'AUC',
  series: rowsOf(unitsOf(results, overfitted)[0]?.details)
    .filter(({ queries }) => queries > 0)
    .map(({ attack, queries, auc }) => ({ label: attack, points: [[queries, auc.value]] })),
  ariaDescription: { en: 'Whether questions pay: each point is an attack', zh: '调用是否值得：每个点为一种攻击' },
})

const pointsOf = (results: Results): SweepPoint[] =>
  results.units.flatMap(({ details }) => (details as { points?: SweepPoint[] } | undefined)?.points ?? [])

const differences = (results: Results): Figure => ({
  id: 'sweep',
  title: {
    en: 'AUC of PFAMI less that of the calibrated loss on as many queries, by over-fitting',
    zh: '查询次数相同时 PFAMI 与经校准损失的 AUC 之差随过拟合程度的变化',
  },
  kind: 'scatter',
  xLabel: { en: 'gap (loss of others − loss of members) / loss of members', zh: '差距（非成员损失 − 成员损失）/ 成员损失' },
  yLabel: { en: 'difference of AUCs', zh: 'AUC 之差' },
  series: [...new Set(pointsOf(results).map(({ trainedOn, step }) => `${trainedOn} @ ${step}`))].map((name) => ({
    label: name,
    points: pointsOf(results)
      .filter(({ trainedOn, step }) => `${trainedOn} @ ${step}` === name)
      .map(({ gap, difference }): [number, number] => [gap, difference.value]),
  })),
  ariaDescription: { en: 'Each point is a model at one step: records trained on @ step', zh: '每个点为某一步的模型：训练记录数 @ 步数' },
})

const levels = (results: Results): Figure => ({
  id: 'levels',
  title: { en: 'AUC at single noise levels', zh: '单个噪声水平上的 AUC' },
  kind: 'line',
  xLabel: { en: 'step of 1000', zh: '步（共 1000）' },
  yLabel: 'AUC',
  series: [
    { ...curve(results, overfitted, 'pfamiByLevel'), label: 'PFAMI' },
    { ...curve(results, overfitted, 'lossByLevel'), label: { en: 'calibrated loss', zh: '经校准的损失' } },
  ],
  ariaDescription: { en: 'Which noise levels tell members apart', zh: '哪些噪声水平能区分成员' },
})

const heat = (results: Results, arm: string, id: string, en: string, zh: string): Figure => ({
  id,
  title: { en: `Fluctuation of members less that of others, ${en} (first seed)`, zh: `成员与非成员波动之差，${zh}（首个种子）` },
  kind: 'heatmap',
  xLabel: { en: 'neighbour, from weak to strong', zh: '邻居，由弱到强' },
  yLabel: { en: 'noise level', zh: '噪声水平' },
  series: [
    {
      label: { en: 'difference', zh: '差' },
      points: ((unitsOf(results, arm)[0]?.details as { heat?: number[][] } | undefined)?.heat ?? []).flatMap((row, i) =>
        row.map((value, j): [string, string, number] => [String(j), String(i), value]),
      ),
    },
  ],
  ariaDescription: { en: 'Where members fluctuate more than others', zh: '成员波动大于非成员之处' },
})

/** What each defence leaves of the attack that finds most on the model without one. */
const defences = (results: Results): Figure => ({
  id: 'defences',
  title: { en: 'AUC of the calibrated loss on models that were protected', zh: '经校准的损失对受保护模型的 AUC' },
  kind: 'bar',
  xLabel: { en: 'defence', zh: '防御' },
  yLabel: 'AUC',
  series: [
    {
      ...bars(
        results,
        results.arms.filter(({ id, kind }) => id.startsWith('defence/') && kind === 'baseline').map(({ id }) => id),
        'aucLossCalibrated',
      ),
      label: 'AUC',
    },
  ],
  ariaDescription: { en: 'At .5 nothing is left of the attack; whiskers are over seeds', zh: '.5 表示攻击完全失效；误差线为种子间区间' },
})

export const figures = (results: Results): readonly Figure[] => [
  areas(results, overfitted, 'auc', 'the over-fitted diffusion model', '过拟合扩散模型'),
  successes(results),
  truePositives(results),
  differences(results),
  levels(results),
  heat(results, overfitted, 'heat', 'diffusion model', '扩散模型'),
  areas(results, 'vae/attack', 'auc-vae', 'the VAE', 'VAE'),
  costs(results),
  ...(results.arms.some(({ id }) => id.startsWith('defence/')) ? [defences(results)] : []),
]
