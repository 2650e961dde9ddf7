import { experiment } from '../../experiment/index.ts'
import { areaUnderCurve, average, shareEqual } from '../../kits/metrics/index.ts'
import { arms } from './arms.ts'
import { claims, controls } from './claims.ts'
import { type Config, config, settingsOf } from './config.ts'
import { type Loaded, loadSets, splitsIn } from './examples.ts'
import { figures } from './figures.ts'
import { searched } from './searched.ts'
import { explanationScores, unit } from './units.ts'

const featuresOf = { compas: 14, bank: 20, adult: 28, digits: 784 } as const

const small = { rows: 256, epochs: 1, again: 1, steps: 2, points: 8 } as const

export default experiment<typeof config, Loaded>({
  method: 'r2et',
  workers: { module: import.meta.url, threads: 1 },
  config,
  presets: {
    smoke: { seeds: 1, config: { datasets: ['compas'], frontier: false, radii: [0.5], table: small } },
    small: { seeds: 5 },
    paper: { seeds: 5, config: { table: { rows: 45_211 }, digits: { points: 2000, steps: 100 } } },
  },
  async data({ config, seeds, data, log }) {
    const loaded = await loadSets(config.datasets, { data, log })
    const splits = splitsIn(loaded, seeds, (dataset) => settingsOf({ ...config, dataset }).rows)
    return { provenance: loaded.provenance, value: loaded, splits }
  },
  arms,
  dataParallel: () => true,
  unit,
  estimate: ({ config }: { config: Config }) => {
    const { rows, epochs, again, steps, points } = settingsOf(config)
    const features = featuresOf[config.dataset]
    const parameters = 33 * 32 + 33 + (features + 1) * 32
    const batches = Math.ceil(rows / config.batch) * (epochs + again)
    // A step with second derivatives is some twelve passes; an attack's step is six, of three kinds with two starts.
    return {
      parameters,
      flops: 2 * parameters * (batches * config.batch * 12 + points * steps * 36),
      bytes: 8 * rows * features,
      seconds: batches * 1.5e-3 + steps * 6 * 3e-3,
    }
  },
  claims,
  controls,
  from: {
    test: (items) => ({
      accuracy: shareEqual(items.numbers('predicted'), items.numbers('label')),
      auc: areaUnderCurve(items.numbers('logit'), items.numbers('label')),
    }),
    explanations: (items) => Object.fromEntries(explanationScores.map((name) => [name, average(items.numbers(name))])),
  },
  figures,
  searched,
  learning: {
    arm: 'compas/r2et-mm',
    series: 'objective',
    direction: 'down',
    config: { table: { again: 10 } },
    without: { table: { rateAgain: 1e-12 } },
  },
  differences: [
    {
      en: 'Second derivatives are exact: the Hessian enters by a product with the unit vector along the signs of the gradient, where the paper takes a difference of two gradients.',
      zh: '二阶导数是精确的：Hessian 以与梯度符号单位向量的乘积进入目标，而论文使用两次梯度之差。',
    },
    {
      en: 'Saliency is the gradient of the logit margin, not of a probability or a loss, so that it does not vanish for confident rows.',
      zh: '显著性取 logit 差的梯度，而不是概率或损失的梯度，因此对置信度高的样本也不会消失。',
    },
    {
      en: 'An iterate that leaves its class steps back towards it, and each attack starts twice; the paper’s stops at the first change of label.',
      zh: '离开原类别的迭代点会被拉回，每种攻击有两个起点；论文的攻击在标签首次改变时停止。',
    },
    {
      en: 'COMPAS, Bank, Adult and odd against even MNIST digits on small perceptrons; CIFAR-10, ROCT, BP and ADHD are not repeated.',
      zh: '使用 COMPAS、Bank、Adult 和 MNIST 奇偶数字以及小型感知机；未重复 CIFAR-10、ROCT、BP 和 ADHD。',
    },
  ],
})
