import { z } from 'zod'
import { writeAtomically } from '../../../data/files.ts'
import {
  add,
  cast,
  div,
  exp,
  expm1,
  fromArray,
  gather,
  InputError,
  log,
  mul,
  ndarray,
  neg,
  onesLike,
  round,
  select,
  sqrt,
  square,
  sub,
  type Tensor,
  zeros,
} from '../../../engine/index.ts'
import { exportOnnx, type ImportedModel, readOnnx } from '../../../engine/onnx/index.ts'
import type { Denoiser, Estimator, LevelTensors, Prediction } from '../denoiser.ts'
import { estimateFrom, perExample } from '../prediction.ts'
import type { ProcessConfig } from '../process.ts'
import { processOf } from '../processes/index.ts'
import { conditionScale } from '../processes/variance-preserving.ts'
import { processSchema } from './config-schema.ts'

/** What a user's ONNX denoiser takes and gives: x [n, ...shape] in the coordinates of `process`, its noise level [n], and an output of x's shape. */
export interface OnnxMeaning {
  readonly process: ProcessConfig
  /** `score`: ∇ log p itself. */
  readonly predict: Exclude<Prediction, 'edm'>
  /** What the second input is told: the process's time, σ, or the index of a chain's step from 0. Default: by the input's name, `sigma` or else `time`. */
  readonly told?: 'time' | 'sigma' | 'index'
  readonly range?: readonly [number, number]
  readonly classes?: number
}

const meaningSchema = z.object({
  process: processSchema,
  predict: z.enum(['eps', 'x0', 'v', 'score']),
  told: z.enum(['time', 'sigma', 'index']).optional(),
  range: z.tuple([z.number(), z.number()]).optional(),
  classes: z.number().int().min(1).max(1e6).optional(),
})

/** The key of the metadata under which an `OnnxMeaning` stands, as JSON. */
const meaningKey = 'quire.denoiser'

/**
 * Writes one denoising step as a standard ONNX model: `x` [n, ...shape] and `t` [n], a time of the process, to `x0` and `eps`; n is free. With classes it
 * takes `label` int32 [n] too. A model's centre is inside: x, as x₀, is in the data's own coordinates.
 *
 * @throws InputError for a bundle, whose times several models serve.
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const model = initModel(config, key(0))
 * await exportDenoiser('step.onnx', denoiserOf(model))
 */
export async function exportDenoiser(path: string, denoiser: Denoiser): Promise<void> {
  const { process, shape, classes, range } = denoiser
  const served = denoiser.at(process.times[0])
  if (served.estimate !== denoiser.at(process.times[1]).estimate)
    throw new InputError('several models serve the times of this bundle, an ONNX file holds one', { fix: 'export each of its files' })
  const meaning: OnnxMeaning = { process: process.config, predict: 'eps', told: 'time', range, classes }
  const step = (x: Tensor, t: Tensor, label?: Tensor) => {
    const level = levelAt(process.config, t)
    const centre = denoiser.centre && fromArray(denoiser.centre)
    const centred = centre ? sub(x, mul(perExample(level.signal, x), centre)) : x
    const { x0, eps } = served.estimate(served.params, centred, level, label && { label })
    return { x0: centre ? add(x0, centre) : x0, eps }
  }
  const inputs = ['x', 't', ...(classes === undefined ? [] : ['label'])]
  const examples = [zeros([1, ...shape]), zeros([1]), ...(classes === undefined ? [] : [zeros([1], 'int32')])] as [Tensor, Tensor, Tensor?]
  const bytes = exportOnnx(step, examples, { inputs, batch: inputs, metadata: { [meaningKey]: JSON.stringify(meaning) } })
  await writeAtomically(path, bytes)
}

/** The level of a time [n] as a graph: a table of a chain's steps, the formulas of an SDE. */
function levelAt(config: ProcessConfig, time: Tensor): LevelTensors {
  switch (config.kind) {
    case 'discrete': {
      const process = processOf(config)
      const all = Array.from({ length: config.steps + 1 }, (_, t) => process.at(t))
      const table = (of: (level: (typeof all)[number]) => number) =>
        gather(fromArray(ndarray(Float32Array.from(all, of), [all.length], 'float32')), cast(round(time), 'int32'))
      return { signal: table(({ signal }) => signal), noise: table(({ noise }) => noise), condition: table(({ condition }) => condition) }
    }
    case 'vp':
    case 'subVp': {
      const [b0, b1] = config.betas
      const logSignal = neg(add(mul(square(time), 0.25 * (b1 - b0)), mul(time, 0.5 * b0)))
      const variance = neg(expm1(mul(logSignal, 2)))
      return { signal: exp(logSignal), noise: config.kind === 'vp' ? sqrt(variance) : variance, condition: mul(time, conditionScale) }
    }
    case 've': {
      const condition = add(mul(time, Math.log(config.sigmas[1] / config.sigmas[0])), Math.log(config.sigmas[0]))
      return { signal: onesLike(time), noise: exp(condition), condition }
    }
    case 'edm':
      return { signal: onesLike(time), noise: time, condition: mul(log(time), 0.25) }
  }
}

/**
 * A user's ONNX denoiser. What its inputs and output mean is said by `meaning`, or by its metadata where Quire wrote it.
 *
 * @throws InputError for a model without such inputs, or of which nobody says what it means.
 */
export async function onnxDenoiser(path: string, given?: OnnxMeaning): Promise<Denoiser> {
  const model = await readOnnx(path)
  const meaning = given ?? meaningIn(model, path)
  const { process: config, predict, range, classes } = meaning
  const process = processOf(config)
  const parts = inputsOf(model, path)
  const output = outputOf(model, predict, path)
  const told = meaning.told ?? (parts.level.name.toLowerCase().includes('sigma') ? 'sigma' : 'time')
  const asked = { network: { kind: 'mlp', width: 1, hidden: [] }, process: config, predict } as const
  const estimate: Estimator = (params, x, level, extra) => {
    const inputs = {
      [parts.x.name]: x,
      [parts.level.name]: fitted(toldOf(told, config, level), parts.level),
      ...(parts.label && { [parts.label.name]: extra?.label ?? zeros([x.shape[0]], 'int32') }),
    }
    const raw = model.apply(params as Record<string, Tensor>, inputs)[output]
    return estimateFrom(asked, predict === 'score' ? mul(perExample(level.noise, x), raw) : raw, x, level)
  }
  const serving = { params: model.parameters, estimate }
  return { process, shape: parts.shape, range, classes: parts.label ? classes : undefined, at: () => serving }
}

function meaningIn({ metadata }: ImportedModel, where: string): OnnxMeaning {
  const fix = 'say its process and what it predicts: --process and --predict, or the option `onnx`'
  if (metadata[meaningKey] === undefined) throw new InputError('does not say what its inputs and output mean', { where, fix })
  try {
    return meaningSchema.parse(JSON.parse(metadata[meaningKey])) as OnnxMeaning
  } catch (cause) {
    throw new InputError('says something of its meaning that is none', { where, fix, cause })
  }
}

type OnnxInput = ImportedModel['inputs'][number]

/** x is the input of most axes, the level that of at most one; a whole-number input called label, y or class is the label. */
function inputsOf({ inputs }: ImportedModel, where: string): { x: OnnxInput; level: OnnxInput; label?: OnnxInput; shape: number[] } {
  const text = inputs.map(({ name, dtype, shape }) => `'${name}' ${dtype} [${shape?.join(', ') ?? '...'}]`).join(', ') || 'nothing'
  const refuse = (what: string): never => {
    throw new InputError(`takes ${text}; ${what}`, { where, fix: 'a denoiser takes x float32 [n, ...] and t or sigma [n]' })
  }
  const isLabel = ({ name, dtype }: OnnxInput) => /^(labels?|y|class(es)?)$/i.test(name) && dtype?.startsWith('int')
  const x = inputs.find(({ dtype, shape }) => dtype === 'float32' && (shape?.length ?? 0) >= 2)
  const level = inputs.find((input) => input !== x && !isLabel(input) && (input.shape?.length ?? 2) <= 1)
  const label = inputs.find((input) => input !== x && isLabel(input))
  if (!x || !level) return refuse(x ? 'none of them is a noise level' : 'none of them is noisy data')
  if (inputs.length > (label ? 3 : 2)) refuse('that is more than it can be given')
  const shape = x
    .shape!.slice(1)
    .map((extent) => (typeof extent === 'number' && extent > 0 ? extent : refuse(`the extent '${extent}' of '${x.name}' is open`)))
  return { x, level, label, shape: shape as number[] }
}

/** The output called as what is predicted, or the only one. */
function outputOf({ outputs }: ImportedModel, predict: string, where: string): string {
  const chosen = outputs.find(({ name }) => name === predict) ?? (outputs.length === 1 ? outputs[0] : undefined)
  if (chosen) return chosen.name
  throw new InputError(`gives ${outputs.map(({ name }) => name).join(', ') || 'nothing'}`, { where, fix: `call one output '${predict}'` })
}

/** What the network is told of a level. */
function toldOf(told: NonNullable<OnnxMeaning['told']>, config: ProcessConfig, { signal, noise, condition }: LevelTensors): Tensor {
  if (told === 'sigma' || config.kind === 'edm') return div(noise, signal)
  if (config.kind === 'discrete') return told === 'index' ? condition : add(condition, 1)
  if (config.kind === 've') {
    const [least, most] = config.sigmas
    return div(sub(condition, Math.log(least)), Math.log(most / least))
  }
  return div(condition, conditionScale)
}

/** As the input wants it: whole numbers where it takes them, one number where it has no axis. */
function fitted(level: Tensor, { dtype = 'float32', shape }: OnnxInput): Tensor {
  const numbers = dtype.startsWith('int') ? cast(round(level), 'int32') : level
  return shape?.length === 0 ? select(numbers, 0) : numbers
}
