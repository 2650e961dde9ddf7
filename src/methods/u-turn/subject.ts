import { join } from 'node:path'
import { z } from 'zod'
import { readContent, sha256 } from '../../data/files.ts'
import { loadTrainingImages, readNpy, type TrainingImages } from '../../data/index.ts'
import { InputError, type NDArray, ndarray } from '../../engine/index.ts'
import {
  type Denoiser,
  findDenoiser,
  gaussian,
  loadDenoiser,
  type OnnxMeaning,
  processes,
  processNames,
  processOf,
  routingFile,
  trainingSet,
} from '../../kits/diffusion/index.ts'
import { momentsOf } from '../../kits/generative/index.ts'
import { trainedRange } from './coordinates.ts'
import { splitReal } from './real-data.ts'

/** Denoisers that are made from the data: of the Gaussian that fits them, and of the set itself, whose every sample is a copy. */
const made = ['gaussian', 'memory'] as const

/** Options that say what is turned, of every verb. */
export const subjectOptions = {
  size: z.number().int().min(1).max(1024).optional().describe('pixels of a side, for the models gaussian and memory; others say their own'),
  range: z
    .array(z.number())
    .length(2)
    .optional()
    .describe('least and most of arrays of floats; default 0 to 1, or -1 to 1 where some are below 0'),
  skipDamaged: z.boolean().default(false).describe('leave images of --data out that cannot be read'),
  process: z.enum(processNames).optional().describe('of an ONNX file from elsewhere: its process (edm: the second input is σ)'),
  predict: z.enum(['eps', 'x0', 'v', 'score']).optional().describe('of an ONNX file from elsewhere: what it predicts'),
} as const

export const modelHelp = `a model of quire diffusion, its folder, a run, a bundle, an ONNX denoiser, or ${made.join(' or ')}, made from --data`

const schema = z.object({ model: z.string(), data: z.string().optional(), ...subjectOptions })
export type SubjectOptions = z.output<typeof schema>

export interface OwnSubject {
  readonly denoiser: Denoiser
  /** Of what the denoiser is made of: its file and what an ONNX file means, or the data. */
  readonly hash: string
  /** In the model's scale. */
  readonly images?: TrainingImages
}

function meaningOf({ process, predict }: SubjectOptions): OnnxMeaning | undefined {
  if (process === undefined && predict === undefined) return undefined
  if (process === undefined || predict === undefined)
    throw new InputError('--process and --predict go together', { fix: 'give both, for an ONNX file from elsewhere' })
  return { process: processes[process], predict }
}

/** The model that is meant, and the data, as the model has them. */
export async function loadSubject(options: SubjectOptions, log: (line: string) => void): Promise<OwnSubject> {
  const { model, data } = options
  if (made.some((name) => name === model)) return fromData(model as (typeof made)[number], options, log)
  const denoiser = await loadDenoiser(model, { onnx: meaningOf(options) })
  if (options.size !== undefined) throw new InputError('this model says the size of its images', { where: '--size', fix: 'leave it out' })
  const [least, most] = trainedRange(denoiser)
  log(
    `model of examples [${denoiser.shape.join(', ')}], σ from ${least.toPrecision(3)} to ${Number.isFinite(most) ? most.toPrecision(3) : 'any'}`,
  )
  return { denoiser, hash: await hashOf(options), ...(data !== undefined && { images: await imagesFor(denoiser, data, options, log) }) }
}

/** A bundle's routing holds the hashes of its models. */
async function hashOf({ model, process, predict }: SubjectOptions): Promise<string> {
  const { kind, path } = await findDenoiser(model)
  return sha256(await readContent(kind === 'bundle' ? join(path, routingFile) : path), textBytes({ process, predict }))
}

const textBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

/** Real examples as a model has them: its size, its channels, its scale. */
async function imagesFor(
  { shape, range = [-1, 1] }: Denoiser,
  path: string,
  options: SubjectOptions,
  log: (line: string) => void,
): Promise<TrainingImages> {
  if (shape.length !== 3) return vectors(path, shape)
  const [channels, height, width] = shape
  const size = [height, width] as const
  const images = await loadTrainingImages(path, { ...readingOf(options), size, channels: channels === 3 ? 3 : 1, log })
  return { ...images, x: rescaled(images.x, range) }
}

const readingOf = ({ range, skipDamaged }: SubjectOptions) => ({
  range: range && ([range[0], range[1]] as const),
  damaged: skipDamaged ? ('skip' as const) : ('refuse' as const),
})

/** From −1 … 1 to another range. */
export function rescaled(x: NDArray, [least, most]: readonly [number, number]): NDArray {
  if (least === -1 && most === 1) return x
  return ndarray(
    Float32Array.from(x.data, (value) => least + ((value + 1) / 2) * (most - least)),
    x.shape,
    'float32',
  )
}

async function vectors(path: string, shape: readonly number[]): Promise<TrainingImages> {
  const x = await readNpy(path)
  if (`${x.shape.slice(1)}` !== `${shape}`)
    throw new InputError(`holds [${x.shape.join(', ')}], the model's examples are [${shape.join(', ')}]`, { where: path })
  return {
    x: ndarray(Float32Array.from(x.data), x.shape, 'float32'),
    names: Array.from({ length: x.shape[0] }, (_, i) => String(i)),
    provenance: { name: path, real: true, source: path, sha256: '' },
  }
}

/** A fit to so many numbers an example takes seconds; beyond, minutes. */
const mostElements = 1024

async function fromData(kind: (typeof made)[number], options: SubjectOptions, log: (line: string) => void): Promise<OwnSubject> {
  const { data, size } = options
  if (data === undefined) throw new InputError(`the model ${kind} is made from data`, { where: kind, fix: 'give --data' })
  const images = await loadTrainingImages(data, { ...readingOf(options), size, log })
  const shape = images.x.shape.slice(1)
  const elements = images.x.data.length / images.x.shape[0]
  if (kind === 'gaussian' && elements > mostElements)
    throw new InputError(`images of ${elements} values are too large to fit a Gaussian to`, { where: data, fix: 'give --size 16, say' })
  const { train } = splitReal(images.x)
  const process = processOf({ kind: 'edm', sigmas: [0.02, 80], train: [-1.2, 1.2] })
  const { buffer, byteOffset, byteLength } = train.data
  const common = { images, hash: sha256(textBytes(kind), new Uint8Array(buffer, byteOffset, byteLength)) }
  if (kind === 'memory') return { ...common, denoiser: trainingSet({ process, x: train, range: [-1, 1] }) }
  return { ...common, denoiser: gaussian({ process, ...(await momentsOf(train)), shape }) }
}
