import { InputError } from '../../engine/index.ts'
import { experiment } from '../../experiment/index.ts'
import { macs, parameterCount } from '../../kits/diffusion/networks/index.ts'
import { arms } from './arms.ts'
import { claims, controls } from './claims.ts'
import { type Config, config, type TaskName } from './config.ts'
import { type Data, loadDigits } from './data.ts'
import { figures } from './figures.ts'
import { featuresOf } from './scores.ts'
import { searched } from './searched.ts'
import { tasks } from './tasks.ts'
import { totalSteps } from './train-arm.ts'
import { unit } from './unit.ts'

const taskOf: Readonly<Record<Config['study'], TaskName>> = {
  capacity: 'digits7',
  advisors: 'digits7',
  'under-trained': 'digits14',
  convolutional: 'digits28',
}

export default experiment<typeof config, Data>({
  method: 'step-adaptive',
  workers: { module: import.meta.url, threads: 1 },
  config,
  presets: {
    smoke: {
      seeds: 1,
      config: {
        digits7: { baseSteps: 60, groupSteps: 60, equalSteps: 50, batch: 32, warmup: 5 },
        evaluation: { times: 10, examples: 100 },
        sampling: { steps: 5, count: 64, seeds: 3 },
        featureSteps: 50,
      },
    },
    small: { seeds: 3, config: { sampling: { count: 3000, seeds: 3 } } },
    paper: { seeds: 3, config: { size: 'cifar10' } },
  },
  async data({ config, data, log }) {
    if (config.size === 'cifar10')
      throw new InputError('the paper’s network is trained for half a million steps of 128 images, more than this machine finishes', {
        where: 'preset paper',
        fix: 'plan it with --dry-run, or train your own network with quire step-adaptive train',
      })
    const task = taskOf[config.study]
    const side = tasks[task].shape[1]
    const loaded = await loadDigits([side], { data, log })
    // Made here, so that units that run side by side do not all make it.
    await featuresOf(loaded.value[side], { ...config, task })
    return loaded
  },
  arms,
  unit,
  estimate({ config }) {
    const { network, shape } = tasks[config.task]
    const parameters = parameterCount(network, shape)
    const operations = macs(network, shape)
    const { steps, count, seeds } = config.sampling
    return {
      parameters,
      // Two operations a multiply-accumulate forward, four backward.
      flops:
        6 * operations * totalSteps(config) * config[config.task].batch + (config.isSampled ? 2 * operations * steps * count * seeds : 0),
      bytes: 40 * parameters + 8 * config[config.task].batch * operations,
    }
  },
  claims,
  controls,
  figures,
  searched,
  learning: {
    arm: 'weighted/difficulty',
    series: 'loss',
    direction: 'down',
    without: { digits7: { learningRate: { base: 1e-12, weighted: 1e-12 } } },
  },
  differences: [],
})
