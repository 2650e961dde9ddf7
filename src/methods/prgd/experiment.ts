import { loadOptdigits, type Optdigits } from '../../data/index.ts'
import { experiment } from '../../experiment/index.ts'
import { arms } from './arms.ts'
import { claims, controls } from './claims.ts'
import { type Config, config } from './config.ts'
import { digitsUnit } from './digits-unit.ts'
import { figures } from './figures.ts'
import { isRescaling, planeUnit, simplexUnit } from './synthetic-units.ts'

/** Steps, examples, features and runs side by side of each task's units. */
function sizesOf({ task, rule, plane, simplex, digits }: Config): { steps: number; examples: number; features: number } {
  const slow = !isRescaling(rule)
  switch (task) {
    case 'plane':
      return { steps: slow ? plane.slowSteps : plane.steps, examples: 3, features: 2 }
    case 'simplex':
      return { steps: simplex.sizes.length * (slow ? simplex.slowSteps : simplex.steps), examples: 140, features: 6 }
    case 'digits':
      return {
        steps: digits.pairs * (digits.steps + digits.longSteps) * digits.learningRates.length,
        examples: Math.round(770 * digits.share),
        features: 65,
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
        digits: { pairs: 1, steps: 250, longSteps: 500, learningRates: [4] },
      },
    },
    small: { seeds: 5 },
    paper: { seeds: 5, config: { digits: { share: 1, longSteps: 100_000 } } },
  },
  async data({ data, log }) {
    const digits = await loadOptdigits({ data, log })
    return { provenance: digits.provenance, value: digits }
  },
  arms,
  unit: (context) => ({ plane: planeUnit, simplex: simplexUnit, digits: digitsUnit })[context.config.task](context),
  estimate: ({ config }) => {
    const { steps, examples, features } = sizesOf(config)
    // Scores, gradient, and the sums over examples; the runtime starts some thirty small operations a step.
    return { parameters: features, flops: steps * examples * (4 * features + 10), bytes: 16 * examples * features, seconds: steps * 6e-5 }
  },
  claims,
  controls,
  figures,
  differences: [
    {
      en: 'The radii of the proof need the best direction itself. Here they are a fixed geometric schedule; on real data one that spends a total growth of 1e5 over the budget of steps.',
      zh: '证明中的半径需要已知最优方向；这里用固定的几何增长，真实数据上则在给定步数内总共增长 1e5 倍。',
    },
    {
      en: 'The data of the synthetic experiments are rebuilt from the theory: the best direction and the largest margin are known exactly.',
      zh: '合成数据按理论重建：最优方向和最大间隔均精确已知。',
    },
  ],
})
