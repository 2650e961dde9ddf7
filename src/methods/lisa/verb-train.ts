import { join } from 'node:path'
import { z } from 'zod'
import { decodeText, readContent } from '../../data/files.ts'
import { InputError } from '../../engine/index.ts'
import { bytesText } from '../../engine/inspect/text.ts'
import { makeFolder, shellCommand, writeAtomically } from '../../experiment/index.ts'
import { saveModel } from '../../kits/lm/checkpoints/write.ts'
import { parameterCount } from '../../kits/lm/index.ts'
import { forgetUnfinished } from '../../train/resumable.ts'
import { verb } from '../method.ts'
import { tuningMethods } from './config.ts'
import { lisaWarnings } from './controller.ts'
import { fineTune } from './fine-tune.ts'
import { mergeParams } from './merge.ts'
import { batchesOf, bitsOn, commonOptions, lisaOptions, loadBase, planFrom, readText, tuningOptions, usualRate } from './own-model.ts'
import { readSchedule, scheduleText } from './schedule-log.ts'
import { tuningOf } from './tuning.ts'

const options = z.object({
  data: z.array(z.string()).min(1).describe('text or JSONL files, or folders of them'),
  ...commonOptions,
  method: z.enum(tuningMethods).default('lisa').describe('how it is tuned'),
  learningRate: z.number().positive().max(100).optional().describe('its peak; default: what suits the method and the model’s size'),
  ...lisaOptions,
  activeLayers: lisaOptions.activeLayers.removeDefault().optional().describe(`${lisaOptions.activeLayers.description} (default: 2)`),
  schedule: z.string().optional().describe('a schedule.csv of an earlier training, to be repeated in the place of drawn blocks'),
  out: z
    .string()
    .default('runs/lisa/model')
    .describe('folder of the tuned model, in the Hugging Face layout; the same command goes on with an interrupted training'),
})

export const trainVerb = verb({
  name: 'train',
  summary: {
    en: 'Fine-tunes a language model in full with the memory of a few layers, or by another method, and writes a checkpoint',
    zh: '以少数层的内存完整微调语言模型（或用其他方法），并写出检查点',
  },
  options,
  positional: 'data',
  example: 'quire lisa train story.txt --base tiny --active-layers 1 --interval 5 --steps 20 --context 64 --out tuned',
  async run({ options: given, log, progress }) {
    const schedule = await scheduleOf(given)
    const options = { ...given, activeLayers: schedule ? longest(schedule) : (given.activeLayers ?? 2) }
    const { method, out, steps, interval, context } = options
    const model = await loadBase(options.base, log)
    const text = await readText(options.data, options, model, log)
    const parameters = parameterCount(model.config)
    const learningRate = options.learningRate ?? usualRate(method, parameters)
    if (method === 'lisa') for (const line of lisaWarnings({ intervalSteps: interval }, steps)) log(line)
    const tuning = tuningOf(model, planFrom(method, options, schedule), tuningOptions(options, learningRate))
    makeFolder(out)
    log(`${text.train.length} tokens to train on; ${parameters} parameters; rate ${learningRate}`)
    const begun = performance.now()
    const before = await bitsOn(model, text, context)
    const {
      params,
      losses,
      schedule: drawn,
      resumedAt,
    } = await fineTune(tuning, {
      folder: out,
      recipe: { options: { ...options, out: undefined }, text: text.sha256, config: model.config },
      steps,
      batchesAt: batchesOf(text, options),
      onStep: (step, loss) => progress(step + 1, steps, `loss ${loss.toFixed(3)}`),
    })
    if (resumedAt > 0) log(`gone on with at step ${resumedAt}`)
    const whole = { ...model, params: await mergeParams(params) }
    await saveModel(whole, out)
    if (drawn.length > 0) await writeAtomically(join(out, 'schedule.csv'), scheduleText(drawn))
    await forgetUnfinished(out)
    const after = await bitsOn(whole, text, context)
    const { peak } = tuning.trainer.arena
    const json = {
      out,
      method,
      learningRate,
      steps,
      trainable: tuning.trainer.trainableCount(),
      loss: losses[steps - 1],
      validationBitsPerToken: { before, after },
      peakBytes: peak,
      seconds: (performance.now() - begun) / 1000,
    }
    const kept =
      before === undefined || after === undefined ? '' : `; ${before.toFixed(3)} → ${after.toFixed(3)} bits a token on the text kept back`
    return {
      json,
      lines: [
        `loss ${losses[0].toFixed(3)} → ${losses[steps - 1].toFixed(3)} nats a token${kept}`,
        `at most ${bytesText(peak.weights)} of weights, ${bytesText(peak.gradients)} of gradients, ${bytesText(peak.optimizer)} of moments, ${bytesText(peak.activations)} of activations`,
        `written: ${join(out, 'model.safetensors')}${drawn.length > 0 ? `, ${join(out, 'schedule.csv')}` : ''}`,
        `next: ${shellCommand(['quire', 'lisa', 'delta', out, '--base', options.base, '--rank', '8', '--out', 'delta'])}`,
      ],
    }
  },
})

/** @throws InputError for a file that is no schedule, or options that say otherwise. */
async function scheduleOf({ schedule: path, method, activeLayers, interval }: z.output<typeof options>): Promise<number[][] | undefined> {
  if (path === undefined) return undefined
  if (method !== 'lisa')
    throw new InputError('only LISA trains by a schedule', { where: `--method ${method}`, fix: 'leave it or --schedule out' })
  if (activeLayers !== undefined)
    throw new InputError('a schedule says itself how many blocks train', { where: '--active-layers', fix: 'leave it or --schedule out' })
  return readSchedule(decodeText(await readContent(path), path), interval, path)
}

/** The most blocks that train at a time. */
const longest = (schedule: readonly (readonly number[])[]): number => schedule.reduce((most, { length }) => Math.max(most, length), 0)
