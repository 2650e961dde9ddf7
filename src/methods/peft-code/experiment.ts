import { experiment, type Items } from '../../experiment/index.ts'
import { chrf } from '../../kits/codegen/index.ts'
import { baseConfig, parameterCount } from '../../kits/lm/index.ts'
import { average } from '../../kits/metrics/index.ts'
import { ranks } from './answers.ts'
import { apiUnit } from './api-unit.ts'
import { arms } from './arms.ts'
import { claims, controls } from './claims.ts'
import { config, scaled } from './config.ts'
import { type Data, loadData } from './data.ts'
import { figures } from './figures.ts'
import { iclUnit } from './icl.ts'
import { searched } from './searched.ts'
import { bitsPerByte, tuningUnit } from './unit.ts'

const bpbOf = (items: Items): number => bitsPerByte(items.numbers('bits'), items.numbers('bytes'))

export default experiment<typeof config, Data>({
  method: 'peft-code',
  workers: { module: import.meta.url, threads: 1 },
  config,
  presets: {
    smoke: {
      seeds: 1,
      config: {
        llm: 'tiny',
        steps: { base: 4, longBase: 1, tuning: 2, api: 2 },
        batch: 4,
        maxPrompt: 60,
        maxCompletion: 40,
        maxProgram: 40,
        context: 200,
        test: { conala: 8, mbpp: 4, api: 4, decoded: 2 },
      },
    },
    small: { seeds: 3 },
    paper: {
      seeds: 3,
      config: { llm: 'small', slm: 'micro', steps: { base: 20_000, longBase: 5000, tuning: 720, api: 2000 }, test: { conala: 500 } },
    },
  },
  data: ({ config, data, log }) => loadData(config, { data, log }),
  arms,
  unit: (context) => ({ tune: tuningUnit, icl: iclUnit, api: apiUnit })[context.config.task](context),
  estimate({ config }) {
    const parameters = parameterCount(baseConfig({ size: config.model === 'slm' ? config.slm : config.llm }))
    const steps =
      config.adapter === 'none' ? 0 : config.task === 'api' ? scaled(config.steps.api, config) : scaled(config.steps.tuning, config)
    const tokens = steps * config.batch * 180
    const scored = config.test.conala * 180 * (1 + 3 * config.shots)
    const flops = 2 * parameters * (3 * tokens + scored)
    return { parameters, flops, bytes: 16 * parameters + 4 * config.batch * 256 * 4000, seconds: 2 + steps * 0.15 }
  },
  claims,
  controls,
  from: {
    test: (items) => ({ bpb: bpbOf(items) }),
    mbpp: (items) => ({ bpbMbpp: bpbOf(items) }),
    answers: (items) => ({
      chrf: chrf(items.texts('found'), items.texts('wanted')),
      ...Object.fromEntries(['parses', ...ranks.map((k) => `em${k}`)].map((name) => [name, average(items.numbers(name))])),
    }),
    calls: (items) => {
      const [wanted, found] = [items.texts('wanted'), items.texts('found')]
      return { bpb: bpbOf(items), exactMatch: found.filter((text, i) => text === wanted[i]).length / found.length }
    },
  },
  figures,
  searched,
  learning: {
    arm: 'conala/lora',
    series: 'loss',
    direction: 'down',
    config: { steps: { tuning: 40 }, learningRates: { lora: 2e-2 } },
    without: { rateScale: 1e-3, learningRates: { lora: 1e-6 } },
  },
  differences: [],
})
