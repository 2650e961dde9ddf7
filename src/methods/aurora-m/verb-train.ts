import { statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { parameterCount } from '../../kits/lm/config.ts'
import { verb } from '../method.ts'
import { passesOf } from './plan/batches.ts'
import { type ContinualReport, preparePlan, runContinualPretraining } from './plan/run.ts'
import { type Plan, readPlan } from './plan/schema.ts'
import { matrixLines } from './tables.ts'

export const trainVerb = verb({
  name: 'train',
  summary: {
    en: 'Teaches a language model new domains by a plan of stages, and measures what it gains and forgets',
    zh: '按分阶段的计划让语言模型学习新领域，并度量所得与所忘',
  },
  options: z.object({
    plan: z
      .string()
      .describe('a YAML file, or a folder with plan.yaml: base model, stages with the weight of each domain, texts to measure on'),
    out: z
      .string()
      .default('runs/aurora-m/continual')
      .describe('a model directory for each stage, and report.json; the same command goes on with an interrupted training'),
    dry: z.boolean().default(false).describe('read everything, draw the first batch, and say what training would take'),
  }),
  positional: 'plan',
  example: 'quire aurora-m train continual/ --out runs/continual',
  async run({ options, log, progress }) {
    const plan = readPlan(isFolder(options.plan) ? join(options.plan, 'plan.yaml') : options.plan)
    if (options.dry) return rehearsal(plan, log)
    const report = await runContinualPretraining(plan, options.out, { log, progress })
    const last = plan.stages[plan.stages.length - 1].name
    return {
      lines: [
        ...matrixLines(report),
        `written: ${join(options.out, last)} and ${join(options.out, 'report.json')}`,
        `next: quire aurora-m report ${options.out}`,
      ],
      json: { out: options.out, ...summaryOf(report) },
    }
  },
})

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

const summaryOf = ({ stages, forgetting, passes, firstLoss, lastLoss, tokens }: ContinualReport) => ({
  stages,
  forgetting,
  passes,
  firstLoss,
  lastLoss,
  tokens,
})

/** Bytes in float32: a weight, and the gradient and two moments of one that trains. */
const bytesOf = { weight: 4, training: 12 } as const

/** Everything but the training. */
async function rehearsal(plan: Plan, log: (line: string) => void) {
  const { model, corpora, batches, trainable } = await preparePlan(plan, { log })
  batches.at(0)
  const parameters = parameterCount(model.config)
  const tokens = batches.steps * plan.batch * plan.sequenceLength
  const passes = passesOf(plan, corpora)
  const json = {
    parameters,
    steps: batches.steps,
    tokens,
    flops: 6 * parameters * tokens,
    trainable,
    bytes: bytesOf.weight * parameters + bytesOf.training * trainable,
    passes,
    fertility: corpora.fertility,
  }
  const lines = [
    `${parameters} parameters, ${batches.steps} steps, ${tokens} tokens: ${json.flops.toExponential(2)} floating-point operations, ${(json.bytes / 2 ** 20).toFixed(0)} MiB for weights, gradients and moments`,
    ...Object.entries(passes).map(([domain, count]) => `${domain}: read ${count.toFixed(2)} times`),
  ]
  return { lines, json }
}
