import { InputError } from '../../engine/index.ts'
import { experiment } from '../../experiment/index.ts'
import { memoryPlan } from '../../kits/lm/blocks/index.ts'
import { type DecoderConfig, llamaConfig, parameterCount, sizes } from '../../kits/lm/config.ts'
import { arms } from './arms.ts'
import { claims, controls } from './claims.ts'
import { type Config, config } from './config.ts'
import { type Data, load } from './data.ts'
import { figures } from './figures.ts'
import { processUnit } from './process-unit.ts'
import { searched } from './searched.ts'
import { modelOf, speedUnit } from './speed-unit.ts'
import { tuningUnit } from './tuning-unit.ts'

/** What a unit trains, and how much. */
function workOf({ task, size, steps, batch, context, speed, process }: Config): {
  model: DecoderConfig
  tokens: number
  batch: number
  context: number
} {
  switch (task) {
    case 'tuning':
      return { model: llamaConfig({ ...sizes[size], context: 1024 }), tokens: steps.tuning * batch * context, batch, context }
    case 'speed':
      return {
        model: modelOf(speed),
        tokens: 2 * (speed.steps + speed.warmup) * speed.batch * speed.context,
        batch: speed.batch,
        context: speed.context,
      }
    case 'process': {
      const model = modelOf({ width: Math.max(...process.widths), layers: process.layers })
      return {
        model,
        tokens: process.widths.length * process.steps * process.batch * process.context,
        batch: process.batch,
        context: process.context,
      }
    }
  }
}

export default experiment<typeof config, Data>({
  method: 'lisa',
  workers: { module: import.meta.url, threads: 1 },
  config,
  presets: {
    smoke: {
      seeds: 1,
      config: {
        size: 'tiny',
        batch: 4,
        context: 32,
        steps: { base: 20, tuning: 8 },
        activeLayers: 1,
        intervalSteps: 2,
        rank: 4,
        evaluations: 2,
        curveWindows: 4,
        testWindows: 8,
        speed: { width: 32, layers: 3, warmup: 1, steps: 3, batch: 2, context: 16 },
        process: { widths: [64], layers: 2, steps: 1, batch: 1, context: 16 },
      },
    },
    small: { seeds: 3 },
    paper: { seeds: 3, config: { size: 'base110m', steps: { tuning: 3250 }, intervalSteps: 20, context: 512 } },
  },
  async data({ config, data, signal, log }) {
    const progress = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
    }
    if (config.size === 'base110m') throw tooLarge(config)
    return load(config, { data, log }, { log, progress })
  },
  arms,
  unit: (context) => ({ tuning: tuningUnit, speed: speedUnit, process: processUnit })[context.config.task](context),
  estimate({ config }) {
    const { model, tokens, batch, context } = workOf(config)
    const parameters = parameterCount(model)
    const flops = tokens * (6 * parameters + 12 * model.layers * model.width * context)
    return { parameters, flops, bytes: memoryPlan(model, { kind: 'full' }, { batch, length: context }).total }
  },
  claims,
  controls,
  figures,
  searched,
  learning: {
    arm: 'far/lisa',
    series: 'curve',
    direction: 'down',
    config: { steps: { tuning: 40 }, intervalSteps: 4 },
    without: { learningRate: { lisa: 1e-9 } },
  },
  differences: [
    {
      en: 'A model of 0.3 million parameters on bytes, tuned for 120 steps of 2,048 bytes, in the place of models of 1 to 70 billion; bits a byte on held-out text in the place of judged answers.',
      zh: '以字节上的 30 万参数模型、120 步（每步 2,048 字节）代替 10 亿至 700 亿参数的模型；以留出文本的比特/字节代替评审打分。',
    },
    {
      en: 'One base model serves all seeds; a seed decides the order of the data and of the layers. Intervals are conditional on that base.',
      zh: '所有种子共用一个基础模型；种子只决定数据与层的顺序。区间以该基础模型为条件。',
    },
    {
      en: 'The paper has no control for the sampling itself. Here two random blocks that stay for the whole run stand beside LISA; that comparison is reported, and is part of no claim.',
      zh: '论文没有针对抽样本身的对照。这里加入全程固定的两个随机块，该比较只作报告，不属于任何论断。',
    },
    {
      en: 'A block that is drawn again at once keeps its moments; the authors’ later code drops them (`resetOnRedraw`).',
      zh: '立即再次抽中的块保留动量；作者后来的代码会清除（`resetOnRedraw`）。',
    },
  ],
})

/** The paper's sizes are planned, not run. */
function tooLarge({ steps, batch, context }: Config): InputError {
  return new InputError(
    `a base model of 100 million parameters and ${steps.tuning} steps of ${batch * context} tokens are more than this machine finishes`,
    {
      where: 'preset paper',
      fix: 'plan it with --dry-run, see what a checkpoint needs with quire lisa memory-plan, or tune one with quire lisa train',
    },
  )
}
