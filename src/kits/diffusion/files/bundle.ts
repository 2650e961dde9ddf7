import { z } from 'zod'
import { decodeText, readContent, sha256, writeAtomically } from '../../../data/files.ts'
import { builtin } from '../../../engine/builtin.ts'
import { InputError } from '../../../engine/index.ts'
import type { Denoiser, DiffusionModel } from '../denoiser.ts'
import { denoiserOf } from '../estimate.ts'
import { decodeModel, encodeModel } from './model-file.ts'

const { basename, join } = builtin('node:path')

/**
 * What routes times to models in a bundle's folder.
 *
 * @example
 * routingFile // 'routing.json'
 */
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

/**
 * One denoiser that asks the model of each time. Times at or below the first boundary belong to the first model.
 *
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const model = initModel(config, key(0))
 * const denoiser = bundleDenoiser({ models: [model, model], boundaries: [0, 30, 100] })
 */
export function bundleDenoiser({ models, boundaries }: Bundle): Denoiser {
  const denoisers = models.map(denoiserOf)
  return { ...denoisers[0], at: (time) => denoisers[groupOf(boundaries, time)].at(time) }
}

/**
 * The index of the model that serves a time.
 *
 * @example
 * groupOf([0, 30, 100], 31) // 1
 */
export const groupOf = (boundaries: readonly number[], time: number): number => {
  const found = boundaries.findIndex((boundary, i) => i > 0 && time <= boundary)
  return found < 0 ? boundaries.length - 2 : found - 1
}

/**
 * The files of a bundle by their names: `group-0.safetensors`, … and `routing.json`, last.
 *
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const model = initModel(config, key(0))
 * const files = await encodeBundle({ models: [model, model], boundaries: [0, 30, 100] })
 * files.size // 3
 */
export async function encodeBundle({ models, boundaries, macs }: Bundle): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const [i, model] of models.entries()) files.set(`group-${i}.safetensors`, await encodeModel(model))
  const hashes = [...files.values()].map((bytes) => sha256(bytes))
  const routing: Routing = { boundaries: [...boundaries], files: [...files.keys()], hashes, ...(macs && { macs: [...macs] }) }
  return files.set(routingFile, new TextEncoder().encode(`${JSON.stringify(routing, null, 2)}\n`))
}

/**
 * Writes a bundle into a folder.
 *
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const model = initModel(config, key(0))
 * await saveBundle('bundle', { models: [model, model], boundaries: [0, 30, 100] })
 */
export async function saveBundle(folder: string, bundle: Bundle): Promise<void> {
  for (const [name, bytes] of await encodeBundle(bundle)) await writeAtomically(join(folder, name), bytes)
}

/**
 * Reads a bundle from a folder.
 *
 * @throws InputError for a folder whose models do not belong together, or are not those that were written.
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const model = initModel(config, key(0))
 * await saveBundle('bundle', { models: [model, model], boundaries: [0, 30, 100] })
 * const { boundaries } = await loadBundle('bundle')
 * boundaries // [0, 30, 100]
 */
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
    if (!alike(({ config: { process, shape, range, classes, variance } }) => [process, shape, range, classes, variance]))
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
    refuse(`${routingFile} is damaged (${(cause as Error).message})`, cause)
  }
  const parsed = routingSchema.safeParse(json)
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues
    throw new InputError(`routes no models ('${path.join('.')}': ${message})`, { where, fix: 'write the bundle again' })
  }
  const { boundaries, files, hashes, macs } = parsed.data
  if (boundaries.length !== files.length + 1) refuse(`has ${boundaries.length} 'boundaries' for ${files.length} 'files'`)
  if (hashes.length !== files.length || (macs && macs.length !== files.length)) refuse("does not say 'hashes' and 'macs' of each file once")
  const fall = boundaries.findIndex((boundary, i) => i > 0 && !(boundary > boundaries[i - 1]))
  if (fall >= 0) refuse(`'boundaries' do not rise: ${boundaries[fall]} follows ${boundaries[fall - 1]}`)
  const outside = files.find((name) => basename(name) !== name || name === '..' || name === '')
  if (outside !== undefined) refuse(`names a file '${outside}' outside of its folder`)
  return parsed.data
}
