import { readContent, sha256, writeAtomically } from '../../../data/files.ts'
import { builtin } from '../../../engine/builtin.ts'
import { InputError, isTensor, key, mapTree, type NDArray } from '../../../engine/index.ts'
import { readSafetensors, writeSafetensors } from '../../../engine/safetensors.ts'
import { fromArrays, toArrays } from '../../../train/index.ts'
import type { DiffusionConfig, DiffusionModel } from '../denoiser.ts'
import { modelNetwork } from '../estimate.ts'
import { checkPrediction } from '../prediction.ts'
import { processOf } from '../processes/index.ts'
import { configSchema } from './config-schema.ts'

const { join } = builtin('node:path')

/**
 * What a model is called in its folder.
 *
 * @example
 * modelFile // 'model.safetensors'
 */
export const modelFile = 'model.safetensors'

/** The key of the metadata under which the config stands, as JSON. */
const configKey = 'quire.diffusion'

/** Names of tensors: parameters by their paths after this, and the centre. */
const parameterPrefix = 'params.'
const centreName = 'centre'

/**
 * A model as one safetensors file: parameters under `params.`, the centre, and the config as JSON in the metadata.
 *
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const bytes = await encodeModel(initModel(config, key(0)), { data: 'rings' })
 */
export async function encodeModel(
  { config, params, centre }: DiffusionModel,
  about: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const tensors = { ...(await toArrays({ params })), ...(centre && { [centreName]: centre }) }
  return writeSafetensors(tensors, { ...about, [configKey]: JSON.stringify(config) })
}

/**
 * Writes a model into a folder: `model.safetensors`, which is all of it, and `config.json` beside it for people to read.
 *
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * await saveDiffusionModel('rings', initModel(config, key(0)))
 * const denoiser = await loadDenoiser('rings')
 */
export async function saveDiffusionModel(folder: string, model: DiffusionModel, about?: Readonly<Record<string, string>>): Promise<void> {
  await writeAtomically(join(folder, modelFile), await encodeModel(model, about))
  await writeAtomically(join(folder, 'config.json'), new TextEncoder().encode(`${JSON.stringify(model.config, null, 2)}\n`))
}

/** Whether a safetensors file's metadata hold the config of a diffusion model. */
export const isModel = (metadata: Readonly<Record<string, string>>): boolean => metadata[configKey] !== undefined

/**
 * The model in a safetensors file's bytes. @throws InputError for a damaged file, and for what is another model or none.
 */
export function decodeModel(bytes: Uint8Array, where: string): DiffusionModel {
  const { tensors, metadata } = readSafetensors(bytes, where)
  if (!isModel(metadata))
    throw new InputError(`is no diffusion model of Quire: ${contentsOf(tensors)}`, { where, fix: 'give one that a training wrote' })
  const config = configIn(metadata[configKey], where)
  const { params, rest } = partsOf(tensors)
  const like = likeOf(config, where)
  const unknown = Object.keys(params).find((name) => !like.names.has(name)) ?? rest.find((name) => name !== centreName)
  const model = { config, params: fromArrays(params, like.params, where) }
  if (unknown !== undefined)
    throw new InputError(`holds a tensor '${unknown}' that its config does not know`, { where, fix: 'train and write it again' })
  const centre = tensors[centreName]
  if (!centre) return model
  if (centre.dtype !== 'float32' || `${centre.shape}` !== `${config.shape}`)
    throw new InputError(`tensor 'centre' is ${centre.dtype} [${centre.shape.join(', ')}], an example [${config.shape.join(', ')}]`, {
      where,
    })
  return { ...model, centre }
}

const contentsOf = (tensors: Readonly<Record<string, NDArray>>): string => {
  const names = Object.keys(tensors)
  return names.length === 0
    ? `it holds no tensor, and no metadata '${configKey}'`
    : `it holds ${names.length === 1 ? 'a tensor' : `${names.length} tensors`} of another architecture, '${names[0]}' first`
}

function configIn(text: string, where: string): DiffusionConfig {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new InputError(`its metadata '${configKey}' are no JSON`, { where, fix: 'train and write it again', cause })
  }
  const parsed = configSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const [{ path, message }] = parsed.error.issues
  throw new InputError(`its config is none of a diffusion model ('${path.join('.')}': ${message})`, {
    where,
    fix: 'train and write it again',
  })
}

function partsOf(tensors: Readonly<Record<string, NDArray>>): { params: Record<string, NDArray>; rest: string[] } {
  const params: Record<string, NDArray> = Object.create(null)
  const rest: string[] = []
  for (const [name, array] of Object.entries(tensors)) {
    if (name.startsWith(parameterPrefix)) params[name.slice(parameterPrefix.length)] = array
    else rest.push(name)
  }
  return { params, rest }
}

/** Parameters as the config wants them; only their shapes matter. */
function likeOf(config: DiffusionConfig, where: string): { params: unknown; names: ReadonlySet<string> } {
  try {
    checkPrediction(config)
    processOf(config.process)
    const params = modelNetwork(config).init(key(0))
    const names = new Set<string>()
    mapTree(params, (leaf, path) => {
      if (isTensor(leaf)) names.add(path)
      return leaf
    })
    return { params, names }
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause
    throw new InputError(`its metadata '${configKey}' make no model (${cause.message})`, { where, cause })
  }
}

/**
 * Reads a model's file, with the SHA-256 of its bytes.
 *
 * @throws InputError for a damaged file, and for what is another model or none.
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const model = initModel(config, key(0))
 * await saveDiffusionModel('rings', model)
 * const { params } = await readModelFile('rings/model.safetensors')
 */
export async function readModelFile(path: string): Promise<DiffusionModel & { readonly sha256: string }> {
  const bytes = await readContent(path)
  return { ...decodeModel(bytes, path), sha256: sha256(bytes) }
}
