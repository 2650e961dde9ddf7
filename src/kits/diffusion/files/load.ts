import { kindOf, namesIn } from '../../../data/files.ts'
import { builtin } from '../../../engine/builtin.ts'
import { InputError } from '../../../engine/index.ts'
import { openSafetensors } from '../../../engine/safetensors-file.ts'
import type { Denoiser } from '../denoiser.ts'
import { denoiserOf } from '../estimate.ts'
import { bundleDenoiser, loadBundle, routingFile } from './bundle.ts'
import { isModel, modelFile, readModelFile } from './model-file.ts'
import { type OnnxMeaning, onnxDenoiser } from './onnx.ts'

const { dirname, join } = builtin('node:path')

export interface LoadOptions {
  /** What an ONNX file from elsewhere means. */
  readonly onnx?: OnnxMeaning
}

/** A file that holds a denoiser, or the folder of a bundle. */
export interface DenoiserPlace {
  readonly kind: 'model' | 'bundle' | 'onnx'
  readonly path: string
}

/**
 * A denoiser from a file or a folder: a model's `model.safetensors` or the folder that holds it, a bundle's folder or its `routing.json`, a run folder with
 * one of these among its artifacts, or an ONNX file.
 *
 * @throws InputError for what is none of them, in one line.
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const model = initModel(config, key(0))
 * await saveDiffusionModel('rings', model)
 * const { process } = await loadDenoiser('rings')
 */
export async function loadDenoiser(path: string, { onnx }: LoadOptions = {}): Promise<Denoiser> {
  const place = await findDenoiser(path)
  if (place.kind === 'onnx') return onnxDenoiser(place.path, onnx)
  if (place.kind === 'bundle') return bundleDenoiser(await loadBundle(place.path))
  return denoiserOf(await readModelFile(place.path))
}

/**
 * Where the denoiser is that a path means.
 *
 * @throws InputError where there is none, or more than one.
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const model = initModel(config, key(0))
 * await saveDiffusionModel('rings', model)
 * await findDenoiser('rings') // { kind: 'model', path: 'rings/model.safetensors' }
 */
export async function findDenoiser(path: string): Promise<DenoiserPlace> {
  const kind = await kindOf(path)
  if (kind === 'absent') throw new InputError('there is no such file or folder', { where: path, fix: 'give a model, its folder or a run' })
  if (kind === 'file') return placeOf(path)
  const found = (await inFolder(path)) ?? (await inArtifacts(path))
  if (found) return found
  throw new InputError('holds no diffusion model', {
    where: path,
    fix: `give a folder with ${modelFile} or ${routingFile}, or an ONNX file`,
  })
}

function placeOf(path: string): DenoiserPlace {
  if (path.endsWith('.onnx')) return { kind: 'onnx', path }
  if (path.endsWith(routingFile)) return { kind: 'bundle', path: dirname(path) }
  return { kind: 'model', path }
}

async function inFolder(folder: string): Promise<DenoiserPlace | undefined> {
  if ((await kindOf(join(folder, routingFile))) === 'file') return { kind: 'bundle', path: folder }
  if ((await kindOf(join(folder, modelFile))) === 'file') return { kind: 'model', path: join(folder, modelFile) }
  return undefined
}

/** The only one among a run's artifacts, at the top or in folders of their own. */
async function inArtifacts(run: string): Promise<DenoiserPlace | undefined> {
  const folder = join(run, 'artifacts')
  if ((await kindOf(folder)) !== 'folder') return undefined
  const own = await inFolder(folder)
  if (own) return own
  const places: DenoiserPlace[] = []
  for (const name of await namesIn(folder)) {
    const inner = join(folder, name)
    if ((await kindOf(inner)) === 'folder') places.push(...[await inFolder(inner)].flatMap((place) => place ?? []))
    else if (name.endsWith('.safetensors') && (await isModelFile(inner))) places.push({ kind: 'model', path: inner })
  }
  // A bundle beside the models that it is compared with is what the run has made.
  const bundles = places.filter(({ kind }) => kind === 'bundle')
  if (bundles.length === 1) return bundles[0]
  if (places.length > 1)
    throw new InputError(
      `holds ${places.length} diffusion models, ${places
        .map((place) => place.path)
        .slice(0, 3)
        .join(', ')}`,
      {
        where: run,
        fix: 'name one of them',
      },
    )
  return places[0]
}

async function isModelFile(path: string): Promise<boolean> {
  const file = await openSafetensors(path)
  await file.close()
  return isModel(file.metadata)
}
