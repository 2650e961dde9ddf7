import { bars, type Figure, frontier, type Results } from '../../experiment/index.ts'
import { titles } from './arms.ts'
import { datasetNames } from './config.ts'

/** On each set: what remains of the top k under attack, and what it costs. */
export const figures = (results: Results): Figure[] =>
  datasetNames.flatMap((dataset): Figure[] => {
    const arms = results.arms.filter(({ id, kind }) => id.startsWith(`${dataset}/`) && kind !== 'control').map(({ id }) => id)
    const quality = dataset === 'digits' ? 'accuracy' : 'auc'
    const title = titles[dataset]
    return [
      {
        id: `${dataset}-precision`,
        title: { en: `${title}: top k that survive ERAttack`, zh: `${title}：ERAttack 后保留的前 k 特征` },
        kind: 'bar',
        xLabel: { en: 'method', zh: '方法' },
        yLabel: 'P@k',
        series: [bars(results, arms, 'er')],
        ariaDescription: {
          en: 'The share of the top k that is left under attack, method by method',
          zh: '各方法在攻击后保留的前 k 特征比例',
        },
      },
      {
        id: `${dataset}-frontier`,
        title: { en: `${title}: stability against quality`, zh: `${title}：稳定性与质量` },
        kind: 'scatter',
        xLabel: quality === 'auc' ? 'AUC' : { en: 'accuracy', zh: '准确率' },
        yLabel: 'P@k',
        series: frontier(results, arms, quality, 'er'),
        ariaDescription: { en: 'Each point is a trained model; up and to the right is better', zh: '每个点是一个训练好的模型，右上更好' },
      },
    ]
  })
