import { createBatcher, loadMnist, mnistSplit, normalize, take } from '../../data/index.ts'
import { evaluate, key, random } from '../../engine/index.ts'
import { writeSafetensors } from '../../engine/safetensors.ts'
import { curve, experiment, type Findings, frontier, type UnitContext } from '../../experiment/index.ts'
import type { LayeredParams } from '../../nn/index.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import { arms } from './arms.ts'
import { claims, controls, networkClaims, networkControls } from './claims.ts'
import { type Examples, score, trainClassifier } from './classifier.ts'
import { type Config, config } from './config.ts'
import { minimize } from './minimizer.ts'
import { value as penalty } from './regularizer.ts'
import { structureReport } from './structure.ts'
import { epochsOf, modelOf, optimizerOf, regularizerOf } from './task.ts'

export interface Data {
  readonly train: Examples
  readonly test: Examples
}

type Context = UnitContext<Config, Data>

const fewExamples = 640

export default experiment<typeof config, Data>({
  method: 'ramda',
  workers: { module: import.meta.url, threads: 1 },
  config,
  presets: {
    smoke: { seeds: 1, config: { epochs: { logreg: 5, mlp: 4, convnet: 4 }, examples: fewExamples, minimizerIterations: 50 } },
    small: { seeds: 3 },
    paper: { seeds: 3, config: { epochs: { logreg: 500, mlp: 300, convnet: 500 }, extended: true } },
  },
  async data({ config, data, log }) {
    const mnist = await loadMnist({ data, log })
    const { train, test } = mnistSplit({ images: normalize(mnist.images), labels: mnist.labels })
    const value = { train: config.examples > 0 ? take(train, config.examples) : train, test }
    return { provenance: mnist.provenance, value }
  },
  arms,
  unit: (context) => (context.config.variant === 'minimizer' ? minimizerUnit(context) : trainedUnit(context)),
  estimate: ({ config }) => {
    const parameters = { logreg: 7_850, logregNuclear: 7_850, mlp: 109_386, convnet: 431_080 }[config.task]
    const steps = 63 * epochsOf(config)
    // Two floating-point operations a weight forward, four backward, for each example; the solver adds some ten a weight and iteration.
    const perExample = config.task === 'convnet' ? 6 * 2_293_000 : 6 * parameters
    return { parameters, flops: steps * (config.batch * perExample + 300 * parameters), bytes: 40 * parameters + 8_000 * 784 * 4 * 2 }
  },
  claims: [...claims, ...networkClaims],
  controls: [...controls, ...networkControls],
  figures: (results) => [
    {
      id: 'sparsity',
      title: { en: 'Exactly zero groups while training', zh: '训练过程中恰好为零的组' },
      kind: 'line',
      xLabel: { en: 'epoch', zh: '轮次' },
      yLabel: { en: 'weighted group sparsity', zh: '加权组稀疏度' },
      series: ['ramda', 'rmda', 'prox-sgd', 'prox-adam-w'].map((name) => curve(results, `logreg/${name}`, 'sparsity')),
      ariaDescription: {
        en: 'Logistic regression: the share of weights in zero groups after each epoch, for RAMDA and three baselines',
        zh: '逻辑回归：RAMDA 与三个基线方法每轮之后零组中权重的比例',
      },
    },
    {
      id: 'accuracy',
      title: { en: 'Test accuracy while training', zh: '训练过程中的测试准确率' },
      kind: 'line',
      xLabel: { en: 'epoch', zh: '轮次' },
      yLabel: { en: 'accuracy', zh: '准确率' },
      series: ['ramda', 'rmda', 'prox-sgd', 'prox-adam-w'].map((name) => curve(results, `logreg/${name}`, 'accuracy')),
      ariaDescription: { en: 'Logistic regression: test accuracy after each epoch', zh: '逻辑回归：每轮之后的测试准确率' },
    },
    {
      id: 'iterations',
      title: { en: 'Proximal-gradient iterations a step', zh: '每步的近端梯度迭代次数' },
      kind: 'line',
      xLabel: { en: 'epoch', zh: '轮次' },
      yLabel: { en: 'iterations', zh: '迭代次数' },
      series: ['logreg/ramda', 'mlp/ramda'].map((arm) => curve(results, arm, 'pgIterations')),
      ariaDescription: { en: 'How many iterations the subproblem solver needs', zh: '子问题求解器所需的迭代次数' },
    },
    {
      id: 'frontier',
      title: { en: 'Network: accuracy against sparsity', zh: '网络：准确率与稀疏度' },
      kind: 'scatter',
      xLabel: { en: 'weighted group sparsity', zh: '加权组稀疏度' },
      yLabel: { en: 'accuracy', zh: '准确率' },
      series: frontier(
        results,
        results.arms.filter(({ id, kind }) => id.startsWith('mlp/') && kind !== 'control').map(({ id }) => id),
        'sparsity',
        'accuracy',
      ),
      ariaDescription: { en: 'Each point is a trained network; up and to the right is better', zh: '每个点是一个训练好的网络，右上更好' },
    },
  ],
  differences: [
    {
      en: '8,000 of the 10,000 MNIST test images serve as training set, the others as test set; 50 epochs instead of 500, with c = 0.1, since with c = 0.01 and so few steps W never becomes exactly sparse.',
      zh: '用 MNIST 测试集中的 8,000 张图训练、其余测试；50 轮而非 500 轮，c = 0.1（步数少时 c = 0.01 不会得到精确的零）。',
    },
    {
      en: 'Restart at the milestones is reported as an ablation, not a control: on this convex task the method passes without it.',
      zh: '里程碑处的重启只作为消融报告：在这个凸问题上没有它也能通过。',
    },
  ],
})

async function trainedUnit({ config, data, seed, checkpoint, log, progress, artifact }: Context): Promise<Findings> {
  const model = modelOf(config.task)
  const { stepsPerEpoch } = createBatcher(data.train, { size: config.batch, seed, last: 'wrap' })
  const trained = await trainClassifier({
    model,
    optimizer: optimizerOf(config, stepsPerEpoch),
    regularizer: regularizerOf(config),
    ...data,
    epochs: epochsOf(config),
    batch: config.batch,
    seed,
    checkpoint,
    progress,
    onEpoch: (epoch, values) => log(epoch, values),
  })
  const params = config.variant === 'randomZeros' ? await shuffleGroups(trained, seed) : trained

  await artifact('weights.safetensors', writeSafetensors(await toArrays(params)))
  return measured(config, params, data)
}

async function minimizerUnit({ config, data, progress }: Context): Promise<Findings> {
  const model = modelOf('logreg')
  const regularizer = regularizerOf(config)
  const start = await evaluate(model.init(key(0)))
  const params = await minimize({ model, regularizer, examples: data.train, start, iterations: config.minimizerIterations, progress })
  return measured(config, params, data)
}

async function measured(config: Config, params: LayeredParams, data: Data): Promise<Findings> {
  const model = modelOf(config.task)
  const regularizer = regularizerOf(config)
  const [training, testing] = [await score(model, params, data.train), await score(model, params, data.test)]
  const structure = structureReport(await toArrays(params), regularizer)
  const objective = training.loss + (await penalty(regularizer, params).item())
  const measurements = { accuracy: testing.accuracy, sparsity: structure.sparsity, objective, trainingLoss: training.loss }
  return { measurements, details: { zeroGroups: structure.layers[0]?.zeroGroups ?? [], layers: structure.layers } }
}

/** The first layer's columns in random order: as many zero groups as before, in other places. */
async function shuffleGroups(params: LayeredParams, seed: number): Promise<LayeredParams> {
  const arrays = await toArrays(params)
  const weight = arrays['layers.0.weight']
  const columns = weight.shape[1]
  const draws = await random.uniform(key(seed), [columns]).data()
  const order = [...draws.keys()].sort((a, b) => draws[a] - draws[b])
  const shuffled = weight.data.map((_, i) => weight.data[i - (i % columns) + order[i % columns]])
  return fromArrays({ ...arrays, 'layers.0.weight': { ...weight, data: shuffled } }, params)
}
