import { everyFifth, loadMnist, loadOptdigits, mnistSplit, normalize } from '../../data/index.ts'
import { experiment, splitsOf } from '../../experiment/index.ts'
import { shareEqual } from '../../kits/metrics/index.ts'
import { arms } from './arms.ts'
import { claims, controls } from './claims.ts'
import { classificationUnit, type Data } from './classification-unit.ts'
import { type Config, config } from './config.ts'
import { figures } from './figures.ts'
import { memoryUnit } from './memory-unit.ts'
import { quadraticUnit } from './quadratic-unit.ts'
import { searched } from './searched.ts'

/** Weights and biases of linear layers of these sizes. */
const weightsOf = (sizes: readonly number[]): number => sizes.slice(1).reduce((total, size, i) => total + (sizes[i] + 1) * size, 0)

/** What a unit costs: steps, parameters, examples a step, and the seconds that a step's operations take to begin and directions to be drawn. */
function costOf(config: Config) {
  const { task, directions, quadratic, logistic, mlp, memory, mnist, equalEvaluations } = config
  const steps = equalEvaluations ? mlp.steps / directions : mlp.steps
  switch (task) {
    case 'quadratic':
      return { steps: quadratic.steps, parameters: 30, examples: 200, overhead: 4e-5 }
    case 'logistic':
      return { steps: logistic.steps, parameters: 650, examples: logistic.batch, overhead: 1e-4 }
    case 'mlp':
      return { steps, parameters: weightsOf([64, 32, 10]), examples: mlp.batch, overhead: 1e-4 + 1.5e-4 * directions }
    case 'mnist': {
      const parameters = weightsOf([784, ...mnist.hidden, 10])
      return { steps: Math.ceil((mnist.epochs * 8000) / mnist.batch), parameters, examples: mnist.batch, overhead: 8e-8 * parameters }
    }
    case 'memory': {
      const { width, process } = memory
      const parameters = weightsOf([...new Array<number>(process.depth + 1).fill(width), 10])
      return { steps: process.steps, parameters, examples: process.batch, overhead: 8e-8 * parameters }
    }
  }
}

export default experiment<typeof config, Data>({
  method: 'forward-frank-wolfe',
  workers: { module: import.meta.url, threads: 1 },
  config,
  presets: {
    smoke: {
      seeds: 1,
      config: {
        quadratic: { steps: 500 },
        logistic: { steps: 50 },
        mlp: { steps: 50 },
        memory: { depths: [2, 4], width: 32, batch: 64, process: { depth: 2, batch: 64, steps: 2 } },
      },
    },
    small: { seeds: 5 },
    paper: { seeds: 5, config: { large: true } },
  },
  async data({ config, data, log }) {
    const { provenance, ...optdigits } = await loadOptdigits({ data, log })
    const { train, test, ids } = optdigits
    const splits = splitsOf(provenance.name, 'row', { train: { ids: ids.train, x: train.x }, test: { ids: ids.test, x: test.x } })
    if (!config.large) return { provenance, value: { optdigits }, splits }
    const mnist = await loadMnist({ data, log })
    const both = { name: `${provenance.name} + ${mnist.provenance.name}`, real: provenance.real && mnist.provenance.real }
    const [source, sha256] = (['source', 'sha256'] as const).map((key) => `${provenance[key]}; ${mnist.provenance[key]}`)
    const large = mnistSplit({ images: normalize(mnist.images), labels: mnist.labels })
    const rows = everyFifth(mnist.labels.shape[0])
    const parts = { train: { ids: rows.train, x: large.train.x }, test: { ids: rows.test, x: large.test.x } }
    return {
      provenance: { ...both, source, sha256 },
      value: { optdigits, mnist: { ...large, ids: rows } },
      splits: [...splits, ...splitsOf(mnist.provenance.name, 'row', parts)],
    }
  },
  arms,
  unit: (context) =>
    ({ quadratic: quadraticUnit, logistic: classificationUnit, mlp: classificationUnit, mnist: classificationUnit, memory: memoryUnit })[
      context.config.task
    ](context),
  estimate({ config }) {
    const { steps, parameters, examples, overhead } = costOf(config)
    // A value and a tangent or cotangents: six operations a weight and example, at some 40 GFLOP/s.
    const flops = 6 * steps * parameters * examples * config.directions
    return { parameters, flops, bytes: 40 * parameters + 64 * examples * 1024, seconds: steps * overhead + flops / 4e10 }
  },
  claims,
  controls,
  from: {
    test: (items) => ({ accuracy: shareEqual(items.numbers('predicted'), items.numbers('label')) }),
    iterates: (items) => {
      const gaps = items.numbers('gap')
      return { gap: gaps[gaps.length - 1], relativeGap: gaps[gaps.length - 1] / gaps[0] }
    },
  },
  figures,
  searched,
  // Without learning the gradient's estimate goes along another direction than its derivative.
  learning: {
    arm: 'logistic/ksparse/averaged-0.9',
    series: 'loss',
    direction: 'down',
    config: { logistic: { steps: 3000 } },
    without: { variant: 'decoupled' },
  },
  differences: [
    {
      en: 'The paper’s network, radii and step sizes are not known to us, and its averaging is read from its abstract: that of Mokhtari, Hassani and Karbasi. 8 × 8 digits stand for MNIST.',
      zh: '论文的网络、半径和步长未知；平均方式按摘要理解为 Mokhtari 等人的方法；用 8 × 8 数字代替 MNIST。',
    },
    {
      en: 'Where the method stalls without averaging is our own derivation from the mean answer of the oracle, checked on a quadratic whose minimum is known.',
      zh: '不作平均时的停滞点由线性极小化的平均回答推导得出，并在最小值已知的二次函数上检验。',
    },
  ],
})
