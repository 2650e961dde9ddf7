import { loadOptdigits, type Optdigits } from '../../data/index.ts'
import { experiment, splitsOf } from '../../experiment/index.ts'
import { shareEqual } from '../../kits/metrics/index.ts'
import { arms } from './arms.ts'
import { claims } from './claims.ts'
import { type Config, config } from './config.ts'
import { controls } from './controls.ts'
import { accuraciesOf, digitsUnit } from './digits-unit.ts'
import { fieldUnit } from './field-unit.ts'
import { figures } from './figures.ts'
import { mapUnit } from './map-unit.ts'
import { networkUnit } from './network-unit.ts'
import { searched } from './searched.ts'
import { isRescaling, planeUnit, simplexUnit } from './synthetic-units.ts'

/** What a unit costs: steps, multiplications of each, weights, examples, and what the runtime needs to begin a step's operations. */
function costOf(config: Config): { steps: number; products: number; parameters: number; examples: number; overhead: number } {
  const { task, rule, plane, simplex, digits, map, field, network } = config
  const slow = !isRescaling(rule)
  const linear = (steps: number, examples: number, features: number, runs = 1) => ({
    steps,
    products: 2 * examples * features * runs,
    parameters: features,
    examples,
    overhead: 6e-5,
  })
  switch (task) {
    case 'plane':
      return linear(slow ? plane.slowSteps : plane.steps, 3, 2)
    case 'simplex':
      return linear(simplex.sizes.length * (slow ? simplex.slowSteps : simplex.steps), 140, 6)
    case 'digits':
      return linear(digits.pairs * (digits.steps + digits.longSteps), Math.round(770 * digits.share), 65, digits.learningRates.length)
    case 'map':
      return linear(map.steps, 360, 65, map.rhos.length * map.intervals.length * map.learningRates.length)
    case 'field':
      return linear(3 * field.steps, 3, 2)
    case 'network': {
      const parameters = network.hidden * (64 + 10)
      // The first phase, some 125 passes in batches, costs about as much as as many full steps.
      return { steps: network.steps + 125, products: 3 * 3823 * parameters, parameters, examples: 3823, overhead: 2e-4 }
    }
  }
}

export default experiment<typeof config, Optdigits>({
  method: 'prgd',
  workers: { module: import.meta.url, threads: 1 },
  config,
  presets: {
    smoke: {
      seeds: 1,
      config: {
        plane: { steps: 500, slowSteps: 500 },
        simplex: { sizes: [3], steps: 500, slowSteps: 500 },
        // Of generated digits so few that a plane still tells 0 from 1: of what is not separable nothing would be trained.
        digits: { pairs: 1, share: 0.2, steps: 250, longSteps: 500, learningRates: [4] },
        map: { rhos: [1.2], intervals: [5, 100], learningRates: [4], steps: 250 },
        network: { examples: 300, epochs: 5, steps: 25, batchEpochs: 3 },
      },
    },
    small: { seeds: 5 },
    paper: { seeds: 5, config: { digits: { share: 1, longSteps: 100_000 } } },
  },
  async data({ data, log }) {
    const digits = await loadOptdigits({ data, log })
    const { train, test, ids, provenance } = digits
    const splits = splitsOf(provenance.name, 'row', { train: { ids: ids.train, x: train.x }, test: { ids: ids.test, x: test.x } })
    return { provenance, value: digits, splits }
  },
  arms,
  unit: (context) =>
    ({ plane: planeUnit, simplex: simplexUnit, digits: digitsUnit, map: mapUnit, field: fieldUnit, network: networkUnit })[
      context.config.task
    ](context),
  estimate({ config }) {
    const { steps, products, parameters, examples, overhead } = costOf(config)
    const flops = 2 * steps * products
    // Matrix-vector products in float64 are bound by memory: some 2 GFLOP/s.
    return { parameters, flops, bytes: 16 * examples * (parameters + 65), seconds: steps * overhead + flops / 2e9 }
  },
  claims,
  controls,
  from: {
    pairs: accuraciesOf,
    test: (items) => ({ accuracy: shareEqual(items.numbers('predicted'), items.numbers('label')) }),
  },
  figures,
  searched,
  learning: {
    arm: 'network/prgd',
    series: 'margin',
    direction: 'up',
    config: { network: { hidden: 16, epochs: 20, steps: 200, learningRate: 1e-2 } },
    without: { network: { plainLearningRate: 1e-12, learningRate: 1e-12 } },
  },
  differences: [
    {
      en: 'The radii of the proof need the best direction itself. Here they are a fixed geometric schedule; on real data one that spends a total growth of 1e5 over the budget of steps.',
      zh: '证明中的半径需要已知最优方向；这里用固定的几何增长，真实数据上则在给定步数内总共增长 1e5 倍。',
    },
    {
      en: 'The data of the synthetic experiments are rebuilt from the theory: the best direction and the largest margin are known exactly.',
      zh: '合成数据按理论重建：最优方向和最大间隔均精确已知。',
    },
    {
      en: 'Networks have one hidden layer and no biases, on 8 × 8 digits; VGG and ResNet on CIFAR-10 are not repeated.',
      zh: '网络为单隐层、无偏置，数据为 8×8 手写数字；未重复 CIFAR-10 上的 VGG 与 ResNet。',
    },
  ],
})
