import { InputError } from '../../engine/index.ts'
import { experiment } from '../../experiment/index.ts'
import { parameterCount } from '../../kits/lm/config.ts'
import { arms } from './arms.ts'
import { controls, curriculumClaims, safetyClaims } from './claims.ts'
import { type Config, config, scaled } from './config.ts'
import { curriculumUnit } from './curriculum-unit.ts'
import { type Data, load } from './data.ts'
import { figures } from './figures.ts'
import { decoderOf, starcoderConfig } from './models.ts'
import { ratesFromItems } from './safety/refusals.ts'
import { stepsOfSafety } from './safety-plan.ts'
import { safetyUnit } from './safety-unit.ts'
import { searched } from './searched.ts'

/** Steps of a unit. */
function stepsOf(config: Config): number {
  if (config.task === 'curriculum') return scaled(config, 'continual') + (config.curriculum === 'joint' ? scaled(config, 'base') : 0)
  const { cap, instructions, text } = stepsOfSafety(config)
  return config.variant === 'refuseAll' ? 0 : cap + instructions + text
}

/** The paper's training is planned here, and refused. */
function tooLarge(config: Config): InputError {
  const tokens = stepsOf({ ...config, task: 'curriculum' }) * config.batch * config.context
  const parameters = parameterCount(starcoderConfig)
  const what = `${(parameters / 1e9).toFixed(1)} billion parameters on ${(tokens / 1e9).toFixed(0)} billion tokens are ${(6 * parameters * tokens).toExponential(2)} floating-point operations a model, which this machine cannot finish`
  return new InputError(what, {
    where: 'preset paper',
    fix: 'plan it with --dry-run, or go on with a model of your own: quire aurora-m train',
  })
}

export default experiment<typeof config, Data>({
  method: 'aurora-m',
  workers: { module: import.meta.url, threads: 1 },
  config,
  presets: {
    smoke: {
      seeds: 1,
      config: {
        size: 'tiny',
        batch: 4,
        context: 64,
        steps: { base: 40, continual: 24, instructions: 8 },
        evaluations: 3,
        curveWindows: 4,
        testWindows: 8,
        safety: { objects: [2, 4], lookAlikes: 2 },
      },
    },
    small: { seeds: 3 },
    paper: {
      seeds: 3,
      config: {
        part: 'curriculum',
        size: 'starcoder',
        batch: 2048,
        context: 2048,
        steps: { continual: 104_000 },
        catShare: 14 / 104,
        learningRate: { continual: 1e-4 },
      },
    },
  },
  async data({ config, data, signal, log }) {
    if (config.size === 'starcoder') throw tooLarge(config)
    const progress = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
    }
    return load(config, { data, log }, { log, progress })
  },
  arms,
  unit: (context) => (context.config.task === 'curriculum' ? curriculumUnit(context) : safetyUnit(context)),
  estimate: ({ config }) => {
    const decoder = decoderOf(config)
    const parameters = parameterCount(decoder)
    const tokens = stepsOf(config) * config.batch * config.context
    return {
      parameters,
      flops: tokens * (6 * parameters + 12 * decoder.layers * decoder.width * config.context),
      bytes: 16 * parameters + 40 * config.batch * config.context * decoder.layers * decoder.width,
    }
  },
  claims: [...curriculumClaims, ...safetyClaims],
  controls,
  from: { questions: ratesFromItems },
  figures,
  searched,
  learning: {
    arm: 'curriculum/cap-cat',
    series: 'curveNew',
    direction: 'down',
    config: { part: 'curriculum' },
    without: { learningRate: { continual: 0 } },
  },
  differences: [
    {
      en: 'A model of 0.3 million parameters on bytes, 250 steps of 2,048 bytes, in the place of 15.5 billion parameters and 104,000 steps of 4.2 million tokens; news, small Python programs and Shakespeare in the place of 435 billion tokens.',
      zh: '以字节上的 30 万参数模型、250 步（每步 2,048 字节）代替 155 亿参数与 104,000 步（每步 420 万词元）；以新闻、小型 Python 程序与莎士比亚代替 4350 亿词元。',
    },
    {
      en: 'The paper does not give the weights of its mixtures; those here are ours.',
      zh: '论文未给出混合权重，此处的权重由我们设定。',
    },
    {
      en: 'The safety policy is about made-up objects, and the loss of instructions is on responses alone: with the loss on all bytes, as the paper’s is taken to be, a model of this size learned no refusal that depends on the object (a control shows it).',
      zh: '安全策略只涉及虚构对象，指令的损失只计在回复上：若计在全部字节上（论文应如此），此规模的模型学不会依对象而定的拒绝（有对照显示）。',
    },
    {
      en: 'Seeds 0, 1, 2 of a run draw batches, policies and fresh weights from seeds 101, 102, 103: the bars were set after a pilot with seed 0. The base model is the same for all.',
      zh: '运行的种子 0、1、2 对应抽取用的种子 101、102、103：阈值是在种子 0 的试验之后设定的。基础模型对所有单元相同。',
    },
  ],
})
