import { type Arm, experiment } from '../../experiment/index.ts'
import { macs, parameterCount } from '../../kits/diffusion/networks/index.ts'
import { arms } from './arms.ts'
import { claims, controls } from './claims.ts'
import { type Config, config, levelNear } from './config.ts'
import { type Digits, loadDigits } from './digits.ts'
import { digitsUnit, keeper } from './digits-unit.ts'
import { figures } from './figures.ts'
import { mixtureUnit } from './mixture-unit.ts'
import { searched } from './searched.ts'
import { modelConfig } from './trained.ts'

const shape = [1, 14, 14]

/** Evaluations of the network for one start, by what the arm samples. */
function evaluationsOf(config: Config): number {
  const { variant, turns, judged, steps, identity, samples, samplingSeeds } = config
  const back = (sigma: number) => 2 * (steps - levelNear(config, sigma)) - 1
  if (variant === 'identity') return (identity.steps * identity.sigmas.length * identity.samples) / samples
  if (variant === 'gaussianSamples' || variant === 'starts') return 0
  if (baselines.has(variant)) return samplingSeeds * back(judged)
  const sweep = turns.reduce((sum, sigma) => sum + back(sigma), (samplingSeeds - 1) * back(judged))
  return turns.length === 1 || variant === 'shuffled' ? sweep : sweep + (samplingSeeds + 1) * 2 * steps
}

/** Variants that sample at the judged level alone, or with as many evaluations. */
const baselines: ReadonlySet<Config['variant']> = new Set(['reduced', 'gaussianStart', 'noiseStart', 'halfNoise'])

export default experiment<typeof config, Digits>({
  method: 'u-turn',
  workers: { module: import.meta.url, threads: 1 },
  config,
  presets: {
    smoke: {
      seeds: 1,
      config: {
        network: { width: 32, blocks: 1 },
        training: { steps: 60, batch: 64, warmup: 10 },
        features: { steps: 100 },
        turns: [6.4, 1.5, 1.08, 0.035],
        samples: 64,
        samplingSeeds: 1,
        identity: { samples: 64, steps: 8, sigmas: [1] },
        mixture: { samples: 64, steps: 20, sigmas: [1, 6] },
      },
    },
    small: { seeds: 3 },
    paper: { seeds: 3, config: { steps: 256, churn: 40, samples: 7000 } },
  },
  data: ({ data, log }) => loadDigits({ data, log }),
  arms,
  unit: (context) => (context.config.task === 'mixture' ? mixtureUnit(context) : digitsUnit(context)),
  estimate({ arm, config }: { arm: Arm; config: Config }) {
    if (config.task === 'mixture') {
      const { samples, steps, sigmas } = config.mixture
      return {
        parameters: 0,
        flops: samples * steps * sigmas.length * 500,
        bytes: 2 ** 26,
        seconds: (samples / 32) * steps * sigmas.length * 1e-4,
      }
    }
    const { network } = modelConfig(config, shape)
    const products = macs(network, shape)
    // Forwards and backwards once, for the arm that comes first; the others find it trained.
    const trained = arm.id === keeper ? 3 * config.training.batch * config.training.steps : 0
    const rows = config.samples * evaluationsOf(config) + trained
    return { parameters: parameterCount(network, shape), flops: 2 * products * rows, bytes: 2 ** 28 }
  },
  claims,
  controls,
  figures,
  searched,
  learning: {
    arm: 'digits/churn',
    series: 'loss',
    direction: 'down',
    config: { network: { width: 64 }, training: { steps: 150, batch: 256, rate: 5e-3 }, turns: [0.035] },
    without: { training: { rate: 1e-12 } },
  },
})
