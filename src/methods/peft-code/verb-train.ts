import { z } from 'zod'
import { makeFolder, shellCommand } from '../../experiment/index.ts'
import { saveAdapter } from '../../kits/lm/checkpoints/adapters.ts'
import { saveModel } from '../../kits/lm/checkpoints/write.ts'
import { parameterCount } from '../../kits/lm/index.ts'
import { trainableCount } from '../../kits/lm/peft/adapter.ts'
import { loraDefaults } from '../../kits/lm/peft/config.ts'
import { mergeAdapter } from '../../kits/lm/peft/merge.ts'
import { forgetUnfinished } from '../../train/resumable.ts'
import { verb } from '../method.ts'
import { type OwnExample, readPairs, refuseOverlap } from './own-data.ts'
import { adapterFor, baseHelp, isFolder, isVirtual, keptBy, loadBase, methodNames, refuseUnused, usualRate } from './own-model.ts'
import { encodedParts, trainingOptions, trainOwn } from './own-training.ts'
import { writeRecord } from './training-record.ts'

const options = z.object({
  data: z.string().describe('a JSONL file, one {"intent", "code"} a line'),
  base: z.string().default('tiny').describe(baseHelp),
  method: z.enum(methodNames).default('lora').describe('what is tuned'),
  rank: z.number().int().min(1).max(4096).optional().describe(`r of LoRA; default ${loraDefaults.rank}`),
  alpha: z.number().positive().optional().describe('alpha of LoRA; default 2 r'),
  dropout: z.number().min(0).max(0.99).optional().describe(`of LoRA; default ${loraDefaults.dropout}`),
  targets: z
    .array(z.string())
    .default([])
    .describe('the linear maps that are changed, by the ends of their names, or all-linear; default q, k, v'),
  tokens: z.number().int().min(1).max(10_000).optional().describe('virtual tokens of prompts (20) and prefixes (10)'),
  learningRate: z.number().positive().max(10).optional().describe('its peak; default: the study’s, times 30 for small models'),
  validation: z.string().optional().describe('a JSONL file to validate on; default: a tenth of the questions'),
  test: z.string().optional().describe('a JSONL file that is to be tested on later: examples that overlap it are refused'),
  ...trainingOptions,
  out: z
    .string()
    .default('runs/peft-code/adapter')
    .describe('folder of the adapter, as Hugging Face’s PEFT reads it; of a whole model with --method full'),
})
type Options = z.output<typeof options>

export const trainVerb = verb({
  name: 'train',
  summary: {
    en: 'Adapts a language model to pairs of intent and code, and keeps the adapter that validates best',
    zh: '用意图与代码配对微调语言模型，保留验证最优的适配器',
  },
  options,
  positional: 'data',
  example: 'quire peft-code train intents.jsonl --base tiny --method lora --steps 20 --out adapter',
  async run({ options, log, progress }) {
    const { method, format, out, seed } = options
    refuseUnused(method, options, 'quire peft-code train')
    const examples = await readPairs(options.data, options, log)
    const validation = options.validation === undefined ? undefined : await readPairs(options.validation, options, log)
    if (validation) refuseOverlap(examples, validation, options.validation!)
    if (options.test !== undefined)
      refuseOverlap([...examples, ...(validation ?? [])], await readPairs(options.test, options, log), options.test)
    const given = await loadBase(options.base, log)
    const base = await keptBy(method, given)
    const parts = encodedParts(base, examples, validation, options, log)
    const adapter = adapterFor(method, base, options, seed)
    const [all, trainable] = [parameterCount(base.config), trainableCount(adapter)]
    const width = Math.min(base.config.width, base.config.hidden)
    if (adapter.config.kind === 'lora' && adapter.config.rank! > width)
      log(`rank ${adapter.config.rank} is above ${width}, the least width of the maps: a rank that large adds nothing`)
    log(`${parts.train.length} examples to train on, ${parts.validation.length} to validate on; ${trainable} of ${all} numbers are trained`)
    const learningRate = options.learningRate ?? usualRate(method, all)
    makeFolder(out)
    const trained = await trainOwn(base, adapter, parts, { ...options, learningRate }, { folder: out, progress })
    if (method === 'full') await saveModel(await mergeAdapter(given, trained.adapter), out)
    else await saveAdapter(trained.adapter, given, out, { base: options.base })
    await forgetUnfinished(out)
    const best = trained.validation.reduce((least, [, loss]) => Math.min(least, loss), Number.POSITIVE_INFINITY)
    const { losses, resumedAt, steps, secondsPerStep } = trained
    const about = {
      method,
      format,
      base: options.base,
      learningRate,
      steps,
      trainable,
      share: trainable / all,
      losses,
      validation: trained.validation,
      best,
    }
    writeRecord(out, about)
    return {
      lines: [
        ...(resumedAt > 0 ? [`gone on with at step ${resumedAt}`] : []),
        `loss ${losses[0].toFixed(3)} → ${losses[losses.length - 1].toFixed(3)} nats a token`,
        ...(Number.isFinite(best) ? [`validation: ${best.toFixed(3)} bits a byte`] : []),
        `${trainable} of ${all} numbers trained (${((100 * trainable) / all).toFixed(2)} %), ${secondsPerStep.toFixed(2)} s a step`,
        `written: ${out}`,
        ...(method === 'full' ? [] : [`next: ${shellCommand(['quire', ...nextCommand(options, examples)])}`]),
      ],
      json: { ...about, losses: undefined, out },
    }
  },
})

/** What an adapter is used by: merged, or, where there is nothing to merge, beside its base. */
function nextCommand({ method, base, out, format, data, test = data }: Options, [{ prompt }]: readonly OwnExample[]): string[] {
  if (!isVirtual(method)) return ['peft-code', 'merge', out, '--base', base, '--out', `${out}-merged`]
  if (!isFolder(base)) return ['peft-code', 'eval', test, '--base', base, '--adapter', out]
  const chat = format === 'alpaca' ? ['--chat', format] : []
  return ['lm', 'generate', '--model', base, '--adapter', out, ...chat, '--prompt', prompt.trim().split('\n')[0]]
}
