import { createHash } from 'node:crypto'
import { z } from 'zod'
import { loadTabularOrImages } from '../../data/index.ts'
import { InputError } from '../../engine/index.ts'
import { aligned, writeAtomically } from '../../experiment/index.ts'
import { groupOption } from '../../kits/classifier/index.ts'
import { type VerbContext, verb } from '../method.ts'
import type { Examples } from './classifier.ts'
import { compareCompacted } from './compaction.ts'
import { type Description, loadModel } from './saved-model.ts'

const compactOptions = z.object({
  model: z.string().describe('the folder that train wrote, or its weights file'),
  onnx: z.string().default('small.onnx').describe('where the small network goes; the full one goes beside it as *.full.onnx'),
  verify: z.string().optional().describe('data as train takes them: says how many both networks get right'),
  target: z.string().optional().describe('the column to predict, of a CSV to verify on; default the last'),
  group: groupOption,
  batch: z.number().int().positive().default(64).describe('examples a run, in the file and in the timing'),
})
type CompactOptions = z.output<typeof compactOptions>

export const compactVerb = verb({
  name: 'compact',
  summary: {
    en: 'Cuts the zeros out and exports the smaller dense network as ONNX, with its measured speed',
    zh: '裁掉零结构，导出更小的稠密 ONNX 网络并实测速度',
  },
  options: compactOptions,
  positional: 'model',
  example: 'quire ramda compact runs/ramda/digits --onnx small.onnx',
  run: runCompact,
})

/** The largest difference of a logit that summing in another order may cause. */
const tolerance = 1e-3

async function runCompact({ options, log }: VerbContext<CompactOptions>) {
  const { about, arrays } = await loadModel(options.model)
  const examples = options.verify === undefined ? undefined : await examplesOf(about, options.verify, options)
  log('comparing both networks')
  const compaction = await compareCompacted(about, arrays, { batch: options.batch })
  const { small, parameters, macs, milliseconds, difference, onnx } = compaction
  if (!(difference <= tolerance))
    throw new InputError(`the small network differs by ${difference}`, { where: options.model, fix: 'report this with the model' })
  const verified = examples && (await compaction.accuracy(examples))
  const bytes = onnx()
  const fullFile = options.onnx.replace(/(\.onnx)?$/, '.full.onnx')
  writeAtomically(options.onnx, bytes.small)
  writeAtomically(fullFile, bytes.full)
  const row = (name: 'full' | 'small') => [
    name,
    String(parameters[name]),
    String(macs[name]),
    `${(bytes[name].length / 1024).toFixed(0)} KiB`,
    milliseconds[name].toFixed(3),
    ...(verified ? [verified[name].toFixed(4)] : []),
  ]
  const head = ['network', 'weights', 'products', 'file', `ms for ${options.batch}`, ...(verified ? ['accuracy'] : [])]
  return {
    lines: [
      ...aligned([head, row('full'), row('small')]),
      `${(macs.full / macs.small).toFixed(1)} times fewer products an example, ${(milliseconds.full / milliseconds.small).toFixed(2)} times as fast here; largest difference of a logit ${difference.toExponential(1)}`,
      `inputs still read: ${small.keptInputs.length} of ${arrays['layers.0.weight'].shape[1]}; units removed: ${small.removedUnits.slice(0, -1).join(', ') || 'none'}`,
      `written: ${options.onnx}, ${fullFile}`,
    ],
    json: {
      parameters,
      macs,
      bytes: { full: bytes.full.length, small: bytes.small.length },
      milliseconds,
      difference,
      accuracy: verified,
      keptInputs: small.keptInputs,
      sha256: createHash('sha256').update(bytes.small).digest('hex'),
    },
  }
}

/** Data of the user's, as the model takes them. */
async function examplesOf({ classes, inputShape }: Description, data: string, { target, group }: CompactOptions): Promise<Examples> {
  const size = inputShape.length >= 2 ? inputShape[inputShape.length - 1] : undefined
  const own = await loadTabularOrImages(data, { target, group, size })
  const refuse = (what: string) => {
    throw new InputError(what, { where: `--verify ${data}`, fix: 'give data like those that the model was trained on' })
  }
  if (own.x.shape.slice(1).join() !== inputShape.join()) refuse(`an example is [${own.x.shape.slice(1)}], the model takes [${inputShape}]`)
  if (own.classes.join() !== classes.join()) refuse(`the classes are ${own.classes.join(', ')}, the model knows ${classes.join(', ')}`)
  return { x: own.x, y: own.y }
}
