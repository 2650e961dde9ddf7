import { loadOptdigits, type Optdigits } from '../../data/index.ts'
import { experiment } from '../../experiment/index.ts'
import { arms } from './arms.ts'
import { claims, controls } from './claims.ts'
import { classificationUnit } from './classification-unit.ts'
import { config } from './config.ts'
import { figures } from './figures.ts'
import { memoryUnit } from './memory-unit.ts'
import { quadraticUnit } from './quadratic-unit.ts'

export default experiment<typeof config, Optdigits>({
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
    paper: { seeds: 5 },
  },
  async data({ data, log }) {
    const digits = await loadOptdigits({ data, log })
    return { provenance: digits.provenance, value: digits }
  },
  arms,
  unit: (context) =>
    ({ quadratic: quadraticUnit, logistic: classificationUnit, mlp: classificationUnit, memory: memoryUnit })[context.config.task](context),
  estimate({ config }) {
    return { parameters: 30, flops: 24_000 * config.quadratic.steps, bytes: 1e6, seconds: 6e-5 * config.quadratic.steps }
  },
  claims,
  controls,
  figures,
})
