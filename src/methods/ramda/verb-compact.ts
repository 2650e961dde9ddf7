import { createHash } from 'node:crypto'
import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { writeAtomically } from '../../experiment/index.ts'
import { type VerbContext, verb } from '../method.ts'
import { compareCompacted } from './compaction.ts'
import { loadModel } from './saved-model.ts'

export const compactVerb = verb({
  name: 'compact',
  summary: {
    en: 'Cuts the zeros out and exports the smaller dense network as ONNX, with its measured speed',
    zh: '裁掉零结构，导出更小的稠密 ONNX 网络并实测速度',
  },
  options: z.object({
    model: z.string().describe('the folder that train wrote, or its weights file'),
    onnx: z.string().default('small.onnx').describe('where the small network goes; the full one goes beside it as *.full.onnx'),
    batch: z.number().int().positive().default(64).describe('examples a run, in the file and in the timing'),
  }),
  positional: 'model',
  example: 'quire ramda compact runs/ramda/digits --onnx small.onnx',
  run: runCompact,
})

/** The largest difference of a logit that summing in another order may cause. */
const tolerance = 1e-3

async function runCompact({ options, log }: VerbContext<{ model: string; onnx: string; batch: number }>) {
  const { about, arrays } = await loadModel(options.model)
  log('comparing both networks')
  const { small, parameters, macs, milliseconds, difference, onnx } = await compareCompacted(about, arrays, { batch: options.batch })
  if (!(difference <= tolerance))
    throw new InputError(`the small network differs by ${difference}`, { where: options.model, fix: 'report this with the model' })
  const bytes = onnx()
  const fullFile = options.onnx.replace(/(\.onnx)?$/, '.full.onnx')
  writeAtomically(options.onnx, bytes.small)
  writeAtomically(fullFile, bytes.full)
  const row = (name: 'full' | 'small') =>
    `${name.padEnd(6)} ${String(parameters[name]).padStart(9)} weights  ${(bytes[name].length / 1024).toFixed(0).padStart(7)} KiB  ${milliseconds[name].toFixed(3).padStart(8)} ms a batch of ${options.batch}`
  return {
    lines: [
      row('full'),
      row('small'),
      `${(milliseconds.full / milliseconds.small).toFixed(2)} times as fast; largest difference of a logit ${difference.toExponential(1)}`,
      `inputs still read: ${small.keptInputs.length} of ${arrays['layers.0.weight'].shape[1]}; units removed: ${small.removedUnits.slice(0, -1).join(', ') || 'none'}`,
      `written: ${options.onnx}, ${fullFile}`,
    ],
    json: {
      parameters,
      macs,
      bytes: { full: bytes.full.length, small: bytes.small.length },
      milliseconds,
      difference,
      keptInputs: small.keptInputs,
      sha256: createHash('sha256').update(bytes.small).digest('hex'),
    },
  }
}
