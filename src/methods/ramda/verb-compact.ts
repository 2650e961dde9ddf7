import { createHash } from 'node:crypto'
import { z } from 'zod'
import {
  div,
  exportOnnx,
  fromArray,
  InputError,
  jit,
  type NDArray,
  ndarray,
  sizeOf,
  sub,
  type Tensor,
  tensor,
  zeros,
} from '../../engine/index.ts'
import { writeAtomically } from '../../experiment/index.ts'
import type { LayeredParams } from '../../nn/index.ts'
import { type VerbContext, verb } from '../method.ts'
import { compact, type LayerArrays } from './compact.ts'
import { classifierOf, compactClassifier, type Description, layersOf, loadModel } from './saved-model.ts'

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
  const { about, arrays, params } = await loadModel(options.model)
  const layers = layersOf(arrays)
  const small = compact(layers)
  const shape = [options.batch, ...about.inputShape]
  const [mean, deviation] = [about.mean, about.deviation].map((values) =>
    tensor(Float32Array.from(values), { shape: values.length === 1 ? [] : about.inputShape }),
  )
  const standardized = (x: Tensor) => div(sub(x, mean), deviation)
  const smallParams = toTree(small.layers)
  const forward = {
    full: (x: Tensor) => classifierOf(about).apply(params, standardized(x)),
    small: (x: Tensor) => compactClassifier(about, small.layers, small.keptInputs)(smallParams, standardized(x)),
  }
  const input = fromArray(probe(shape, about))
  const difference = largestDifference(await forward.full(input).data(), await forward.small(input).data())
  if (!(difference <= tolerance))
    throw new InputError(`the small network differs by ${difference}`, { where: options.model, fix: 'report this with the model' })

  const bytes = { full: exportOnnx(forward.full, [zeros(shape)]), small: exportOnnx(forward.small, [zeros(shape)]) }
  const fullFile = options.onnx.replace(/(\.onnx)?$/, '.full.onnx')
  writeAtomically(options.onnx, bytes.small)
  writeAtomically(fullFile, bytes.full)
  log('timing both networks')
  const milliseconds = await raceOf(forward, input)
  const parameters = { full: countWeights(layers), small: countWeights(small.layers) }
  const row = (name: 'full' | 'small') =>
    `${name.padEnd(6)} ${String(parameters[name]).padStart(9)} weights  ${(bytes[name].length / 1024).toFixed(0).padStart(7)} KiB  ${milliseconds[name].toFixed(3).padStart(8)} ms a batch of ${options.batch}`
  return {
    lines: [
      row('full'),
      row('small'),
      `${(milliseconds.full / milliseconds.small).toFixed(2)} times as fast; largest difference of a logit ${difference.toExponential(1)}`,
      `inputs still read: ${small.keptInputs.length} of ${layers[0].weight.shape[1]}; units removed: ${small.removedUnits.slice(0, -1).join(', ') || 'none'}`,
      `written: ${options.onnx}, ${fullFile}`,
    ],
    json: {
      parameters,
      bytes: { full: bytes.full.length, small: bytes.small.length },
      milliseconds,
      difference,
      keptInputs: small.keptInputs,
      sha256: createHash('sha256').update(bytes.small).digest('hex'),
    },
  }
}

const toTree = (layers: readonly LayerArrays[]): LayeredParams => ({
  layers: layers.map(({ weight, bias }) => ({ weight: fromArray(weight), bias: fromArray(bias) })),
})

const countWeights = (layers: readonly LayerArrays[]): number =>
  layers.reduce((total, { weight, bias }) => total + weight.data.length + bias.data.length, 0)

/** Inputs spread over the range that the model was trained on. */
function probe(shape: readonly number[], { mean, deviation }: Description): NDArray {
  const at = (values: readonly number[], i: number) => values[i % values.length]
  return ndarray(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => at(mean, i) + at(deviation, i) * 2 * Math.sin(i * 0.7)),
    shape,
    'float32',
  )
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a, (value, i) => Math.abs(value - b[i])).reduce((x, y) => Math.max(x, y), 0)

/** Median milliseconds a run of each network, run in turn. */
async function raceOf(forward: Record<'full' | 'small', (x: Tensor) => Tensor>, input: Tensor): Promise<Record<'full' | 'small', number>> {
  const compiled = { full: jit(forward.full), small: jit(forward.small) }
  const times = { full: [] as number[], small: [] as number[] }
  const array = await input.ndarray()
  for (let round = 0; round < 60; round++) {
    for (const name of ['full', 'small'] as const) {
      const start = performance.now()
      await compiled[name](fromArray(array)).data()
      if (round >= 10) times[name].push(performance.now() - start)
    }
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]
  return { full: median(times.full), small: median(times.small) }
}
