import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { sha256 } from '../../data/files.ts'
import { InputError, type NDArray } from '../../engine/index.ts'
import { bytesText, textTable } from '../../engine/inspect/text.ts'
import { writeJson } from '../../experiment/index.ts'
import { type DecoderParams, type LanguageModel, parameterCount } from '../../kits/lm/index.ts'
import { toArrays } from '../../train/index.ts'
import { keptResult } from '../../train/resumable.ts'
import { verb } from '../method.ts'
import { type TuningMethod, tuningMethods } from './config.ts'
import { fineTune } from './fine-tune.ts'
import { mergeParams } from './merge.ts'
import {
  batchesOf,
  bitsOn,
  type Common,
  commonOptions,
  type Lisa,
  lisaOptions,
  loadBase,
  type OwnText,
  planFrom,
  readText,
  tuningOptions,
  usualRate,
} from './own-model.ts'
import { tuningOf } from './tuning.ts'

/** One line of a plan: a method, with settings that differ from those of the command. */
const entry = z.strictObject({
  name: z.string().optional(),
  method: z.enum(tuningMethods),
  learningRate: z.number().positive().max(100).optional(),
  ...Object.fromEntries(Object.entries(lisaOptions).map(([key, schema]) => [key, schema.removeDefault().optional()])),
})
type Entry = z.output<typeof entry>

/** What is compared where there is no plan: the paper's rivals, and the controls that it lacks. */
const usual: readonly Entry[] = [
  { method: 'full' },
  { method: 'lisa' },
  { method: 'static' },
  { method: 'ends' },
  { method: 'lora' },
  { method: 'lora-ends' },
]

export const compareVerb = verb({
  name: 'compare',
  summary: {
    en: 'Tunes one model by several methods on the same text in the same order, and says what each reached with how much memory',
    zh: '在同一文本、同一顺序下用多种方法微调同一模型，给出各自的效果与内存',
  },
  options: z.object({
    data: z.array(z.string()).min(1).describe('text or JSONL files, or folders of them'),
    ...commonOptions,
    ...lisaOptions,
    plan: z
      .string()
      .optional()
      .describe('a YAML file, a list of {method, name, learningRate, activeLayers, interval, …}; default: six usual ones'),
    out: z
      .string()
      .default('runs/lisa/comparison')
      .describe('folder for comparison.json and what each method reached; the same command goes on with an interrupted comparison'),
  }),
  positional: 'data',
  example: 'quire lisa compare story.txt --base tiny --steps 12 --context 64 --active-layers 1 --interval 4 --out comparison',
  async run({ options, log, progress }) {
    const entries = options.plan === undefined ? usual : await readPlan(options.plan)
    const model = await loadBase(options.base, log)
    const text = await readText(options.data, options, model, log)
    const parameters = parameterCount(model.config)
    const before = await bitsOn(model, text, options.context)
    const weights = await weightsHash(model.params)
    const results = []
    for (const [i, { name, method, learningRate = usualRate(method, parameters), ...changes }] of entries.entries()) {
      const own = { ...options, ...(changes as Partial<typeof options>) }
      const arm: Arm = { model, text, method, own, learningRate, folder: join(options.out, `${i}-${method}`) }
      const recipe = { own: { ...own, out: undefined }, method, learningRate, text: text.sha256, config: model.config, weights }
      const onStep = (step: number) => progress(i * own.steps + step + 1, entries.length * own.steps, name ?? method)
      const reached = await keptResult(
        arm.folder,
        recipe,
        () => tuned(arm, recipe, onStep),
        () => log(`${name ?? method}: its result stands in ${arm.folder}`),
      )
      results.push({ name: name ?? method, method, learningRate, ...reached })
    }
    await writeJson(join(options.out, 'comparison.json'), { base: options.base, before, results })
    const rows = results.map(({ name, trainable, loss, validationBitsPerToken, peakBytes, secondsPerStep }) => [
      name,
      String(trainable),
      loss.toFixed(3),
      validationBitsPerToken?.toFixed(3) ?? '–',
      bytesText(peakBytes.gradients + peakBytes.optimizer),
      bytesText(peakBytes.activations),
      `${(1000 * secondsPerStep).toFixed(0)} ms`,
    ])
    const header = ['method', 'trains', 'last loss', 'bits a token, kept back', 'gradients and moments', 'activations', 'a step']
    return {
      lines: [
        ...(before === undefined ? [] : [`before: ${before.toFixed(3)} bits a token`]),
        textTable(header, rows),
        `written: ${join(options.out, 'comparison.json')}`,
      ],
      json: { before, results },
    }
  },
})

interface Arm {
  readonly model: LanguageModel
  readonly text: OwnText
  readonly method: TuningMethod
  readonly own: Common & Lisa
  readonly learningRate: number
  readonly folder: string
}

/** Tunes by one method, and says what it reached. */
async function tuned({ model, text, method, own, learningRate, folder }: Arm, recipe: unknown, onStep: (step: number) => Promise<void>) {
  const tuning = tuningOf(model, planFrom(method, own), tuningOptions(own, learningRate))
  const { steps, context } = own
  const begun = performance.now()
  const { params, losses, resumedAt } = await fineTune(tuning, { folder, recipe, steps, batchesAt: batchesOf(text, own), onStep })
  const seconds = (performance.now() - begun) / 1000
  return {
    trainable: tuning.trainer.trainableCount(),
    loss: losses[steps - 1],
    peakBytes: tuning.trainer.arena.peak,
    validationBitsPerToken: await bitsOn({ config: model.config, params: await mergeParams(params) }, text, context),
    secondsPerStep: seconds / (steps - resumedAt),
  }
}

/** A model directory may hold others by the time that a comparison is gone on with. */
async function weightsHash(params: DecoderParams): Promise<string> {
  const hashes = Object.entries(await toArrays(params)).map(([path, { data }]) => path + sha256(bytesOf(data)))
  return sha256(new TextEncoder().encode(hashes.join('\n')))
}

const bytesOf = ({ buffer, byteOffset, byteLength }: NDArray['data']) => new Uint8Array(buffer, byteOffset, byteLength)

async function readPlan(path: string): Promise<readonly Entry[]> {
  const fix = 'write a list such as "- method: lisa" and "- {method: lora, rank: 8}"'
  const content = await readFile(path, 'utf8').catch(() => {
    throw new InputError('the plan cannot be read', { where: path, fix: 'give a YAML file' })
  })
  let value: unknown
  try {
    value = parse(content)
  } catch (error) {
    throw new InputError(`this is no YAML: ${(error as Error).message.split('\n')[0]}`, { where: path, fix })
  }
  const found = z.array(entry).min(1).safeParse(value)
  if (found.success) return found.data
  const [{ path: at, message }] = found.error.issues
  throw new InputError(`${at.length > 0 ? `${at.join('.')}: ` : ''}${message}`, { where: path, fix })
}
