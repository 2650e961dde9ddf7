import { z } from 'zod'
import { decodeText, readContent, sha256, writeAtomically } from '../../../data/files.ts'
import { builtin } from '../../../engine/builtin.ts'
import { InputError } from '../../../engine/index.ts'
import type { Denoiser, DiffusionModel } from '../denoiser.ts'
import { denoiserOf } from '../estimate.ts'
import { decodeModel, encodeModel } from './model-file.ts'

const { basename, join } = builtin('node:path')

/** What routes times to models in a bundle's folder. */
export const routingFile = 'routing.json'

const routingSchema = z.object({
  /** Rising, one more than files: file i serves times above boundary i, up to boundary i + 1. */
  boundaries: z.array(z.number()).min(2).max(1001),
  /** Names of model files in the same folder. */
  files: z.array(z.string()).min(1).max(1000),
  /** SHA-256 of each file. */
  hashes: z.array(z.string()),
  /** Multiply-accumulates of one evaluation of each. */
  macs: z.array(z.number()).optional(),
})

export type Routing = z.output<typeof routingSchema>

/** Several models, each for a part of the times of one process. */
export interface Bundle {
  readonly models: readonly DiffusionModel[]
  readonly boundaries: readonly number[]
  readonly macs?: readonly number[]
}

/** One denoiser that asks the model of each time. Times at or below the first boundary belong to the first model. */
export function bundleDenoiser({ models, boundaries }: Bundle): Denoiser {
  const denoisers = models.map(denoiserOf)
  return { ...denoisers[0], at: (time) => denoisers[groupOf(boundaries, time)].at(time) }
}

/** The model that serves a time. */
export const groupOf = (boundaries: readonly number[], time: number): number => {
  const found = boundaries.findIndex((boundary, i) => i > 0 && time <= boundary)
  return found < 0 ? boundaries.length - 2 : found - 1
}

/** Writes models as `group-0.safetensors`, … and `routing.json`, last. */
export async function saveBundle(folder: string, { models, boundaries, macs }: Bundle): Promise<void> {
  const files = models.map((_, i) => `group-${i}.safetensors`)
  const hashes: string[] = []
  for (const [i, model] of models.entries()) {
    const bytes = await encodeModel(model)
    hashes.push(sha256(bytes))
    await writeAtomically(join(folder, files[i]), bytes)
  }
  const routing: Routing = { boundaries: [...boundaries], files, hashes, ...(macs && { macs: [...macs] }) }
  await writeAtomically(join(folder, routingFile), new TextEncoder().encode(`${JSON.stringify(routing, null, 2)}\n`))
}

/** @throws InputError for a folder whose models do not belong together, or are not those that were written. */
export async function loadBundle(folder: string): Promise<Bundle> {
  const where = join(folder, routingFile)
  const { boundaries, files, hashes, macs } = readRouting(await readContent(where), where)
  const models: DiffusionModel[] = []
  for (const [i, name] of files.entries()) {
    const path = join(folder, name)
    const bytes = await readContent(path)
    if (sha256(bytes) !== hashes[i])
      throw new InputError(`is not the file that ${routingFile} names`, { where: path, fix: 'write the bundle again' })
    models.push(decodeModel(bytes, path))
    const alike = (of: (model: DiffusionModel) => unknown) => JSON.stringify(of(models[0])) === JSON.stringify(of(models[i]))
    if (!alike(({ config: { process, shape, range, classes } }) => [process, shape, range, classes]))
      throw new InputError(`is for another process or other data than ${files[0]}`, { where: path, fix: 'write the bundle again' })
  }
  return { models, boundaries, macs }
}

/** The routing in a file's bytes. */
export function readRouting(bytes: Uint8Array, where: string): Routing {
  const refuse = (what: string, cause?: unknown): never => {
    throw new InputError(what, { where, fix: 'write the bundle again', cause })
  }
  let json: unknown
  try {
    json = JSON.parse(decodeText(bytes, where))
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    refuse(`is no JSON (${(cause as Error).message})`, cause)
  }
  const parsed = routingSchema.safeParse(json)
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues
    throw new InputError(`routes no models (${path.join('.') || 'file'}: ${message})`, { where, fix: 'write the bundle again' })
  }
  const { boundaries, files, hashes, macs } = parsed.data
  if (boundaries.length !== files.length + 1) refuse(`has ${boundaries.length} boundaries for ${files.length} files`)
  if (hashes.length !== files.length || (macs && macs.length !== files.length)) refuse('does not say the hash and cost of each file once')
  const fall = boundaries.findIndex((boundary, i) => i > 0 && !(boundary > boundaries[i - 1]))
  if (fall >= 0) refuse(`boundary ${boundaries[fall]} follows ${boundaries[fall - 1]}`)
  const outside = files.find((name) => basename(name) !== name || name === '..' || name === '')
  if (outside !== undefined) refuse(`names a file '${outside}' outside of its folder`)
  return parsed.data
}
