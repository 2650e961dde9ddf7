import { kindOf, writeAtomically } from '../../../data/files.ts'
import { builtin } from '../../../engine/builtin.ts'
import { buffer, fromArray, InputError, type NDArray, ndarray, reshape, scalar, type Tensor } from '../../../engine/index.ts'
import { writeSafetensors } from '../../../engine/safetensors.ts'
import { openSafetensors } from '../../../engine/safetensors-file.ts'
import type { DecoderConfig } from '../config.ts'
import type { LinearPlace, LowRank } from '../params.ts'
import { type Adapter, type AdapterBase, type AdapterParams, finished, type MapAdapter } from '../peft/adapter.ts'
import type { LoraConfig } from '../peft/config.ts'
import { jsonBytes, readText } from './files.ts'
import { embeddingModule, modulePath, placesOf } from './names.ts'
import { type PeftConfigFile, readPeftConfig } from './peft-config.ts'
import { type AdapterArrays, type MapArrays, readArrays, writtenArrays } from './peft-tensors.ts'
import { writePeftConfig } from './write-peft-config.ts'

const { join } = builtin('node:path')

const configName = 'adapter_config.json'
const tensorsName = 'adapter_model.safetensors'

export interface LoadedAdapter extends Adapter {
  /** What whoever saved it called the base. */
  readonly base?: string
  readonly warnings: readonly string[]
}

/**
 * Reads an adapter from a directory as Hugging Face's PEFT writes it: LORA (with rsLoRA, DoRA, patterns, saved modules and biases), IA3, PROMPT_TUNING,
 * PREFIX_TUNING and P_TUNING.
 *
 * @throws InputError where it is of another base, of a kind that is not supported, or damaged.
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * const base = { config, params: initDecoder(config, key(0)) }
 * await saveAdapter(initAdapter({ kind: 'lora' }, base, key(1)), base, 'adapter')
 * const adapter = await loadAdapter('adapter', base)
 * adapter.config.kind // 'lora'
 */
export async function loadAdapter(folder: string, base: Pick<AdapterBase, 'config'>): Promise<LoadedAdapter> {
  const path = join(folder, configName)
  if ((await kindOf(path)) !== 'file')
    throw new InputError(`there is no ${configName}`, { where: folder, fix: 'give a directory that an adapter was saved to' })
  const described = readPeftConfig(await readText(path), path)
  const pickled = join(folder, 'adapter_model.bin')
  if ((await kindOf(join(folder, tensorsName))) !== 'file' && (await kindOf(pickled)) === 'file')
    throw new InputError('is a pickle, which can run any code when it is read; only safetensors are read', {
      where: pickled,
      fix: 'load it in PEFT and save it again, where you trust it',
    })
  const file = await openSafetensors(join(folder, tensorsName))
  try {
    const arrays = await readArrays(base.config, file.entries.keys(), (name) => file.read(name), file.path)
    requireTargets(base.config, described, arrays, file.path)
    const { config, base: name, warnings } = described
    return { config, ...(name && { base: name }), warnings, params: paramsOf(base.config, described, arrays, file.path) }
  } finally {
    await file.close()
  }
}

/** Every linear map that the config names must have its tensors: an adapter that lost some would go unnoticed. */
function requireTargets(base: DecoderConfig, { config, allTargets }: PeftConfigFile, { maps }: AdapterArrays, where: string): void {
  if (!allTargets || (config.kind !== 'lora' && config.kind !== 'ia3') || config.targets === undefined) return
  const { targets } = config
  const layers = config.kind === 'lora' ? config.layers : undefined
  const isTarget = (path: string): boolean => {
    if (targets === 'all-linear') return true
    if (targets instanceof RegExp) return new RegExp(`^(?:${targets.source})$`).test(path)
    return targets.some((name) => path === name || path.endsWith(`.${name}`))
  }
  for (const [layer, places] of maps.entries())
    for (const place of placesOf(base.dialect)) {
      const path = modulePath(base.dialect, layer, place)
      if (!places[place] && (layers?.includes(layer) ?? true) && isTarget(path))
        throw new InputError(`module "${path}" is among the targets, but has no tensors`, { where, fix: 'the file is not complete' })
    }
}

function paramsOf(base: DecoderConfig, { config }: PeftConfigFile, arrays: AdapterArrays, where: string): AdapterParams {
  const tensors = Object.fromEntries(Object.entries(arrays.tensors).map(([path, array]) => [path, fromArray(array)]))
  switch (config.kind) {
    case 'lora':
      return {
        maps: arrays.maps.map((places, layer) =>
          mapsOf(places, (place, found) => lowRankOf(config, found, modulePath(base.dialect, layer, place), where)),
        ),
        ...(arrays.embedding && { embedding: lowRankOf(config, arrays.embedding, embeddingModule(base.dialect), where).lora }),
        ...(Object.keys(tensors).length > 0 && { tensors }),
      }
    case 'ia3':
      return {
        maps: arrays.maps.map((places) =>
          mapsOf(places, (_, { scaleInput, scaleOutput }) => ({
            ...(scaleInput && { scaleInput: fromArray(scaleInput) }),
            ...(scaleOutput && { scaleOutput: fromArray(scaleOutput) }),
          })),
        ),
      }
    case 'prefix': {
      const shape = [config.tokens ?? 10, 2 * base.layers, base.kvHeads, base.headWidth]
      return { prefix: { pairs: reshape(virtualOf(arrays, [shape[0], shape[1] * shape[2] * shape[3]], where), shape) } }
    }
    default:
      return { prompt: { embeddings: virtualOf(arrays, [(config as { tokens?: number }).tokens ?? 20, base.width], where) } }
  }
}

const mapsOf = (
  places: AdapterArrays['maps'][number],
  convert: (place: LinearPlace, found: MapArrays) => MapAdapter,
): Partial<Record<LinearPlace, MapAdapter>> =>
  Object.fromEntries((Object.entries(places) as [LinearPlace, MapArrays][]).map(([place, found]) => [place, convert(place, found)]))

function virtualOf({ virtual }: AdapterArrays, shape: readonly number[], where: string): Tensor {
  if (virtual?.shape.join() !== shape.join())
    throw new InputError(
      `tensor "prompt_embeddings" is ${virtual ? `[${virtual.shape.join(', ')}]` : 'missing'}; base and config make it [${shape.join(', ')}]`,
      {
        where,
        fix: 'the adapter is of another base',
      },
    )
  return fromArray(virtual)
}

function lowRankOf(config: LoraConfig, { a, b, magnitude }: MapArrays, module: string, where: string): { lora: LowRank } {
  const fail = (what: string) => new InputError(what, { where: `${where}: module "${module}"` })
  if (!a || !b) throw fail(`its lora_${a ? 'B' : 'A'} is missing`)
  const rank = a.shape[1]
  if (b.shape[0] !== rank) throw fail(`its lora_A has rank ${rank}, its lora_B rank ${b.shape[0]}`)
  const expected = patternOf(config.rankPattern, module) ?? config.rank
  if (expected !== rank) throw fail(`its rank is ${rank}, but adapter_config.json makes it ${expected}`)
  if (config.dora && !magnitude) throw fail('"use_dora" is true, but its lora_magnitude_vector is missing')
  const alpha = patternOf(config.alphaPattern, module) ?? config.alpha!
  return {
    lora: {
      a: fromArray(a),
      b: fromArray(b),
      scaling: buffer(scalar(alpha / (config.rankStabilized ? Math.sqrt(rank) : rank))),
      ...(magnitude && { magnitude: fromArray(magnitude) }),
    },
  }
}

/** PEFT's patterns are expressions for the end of a module's path, from a dot on; the first that matches counts. */
const patternOf = (pattern: Readonly<Record<string, number>> = {}, module: string): number | undefined =>
  Object.entries(pattern).find(([key]) => new RegExp(`^(?:.*\\.)?(?:${key})$`).test(module))?.[1]

export interface SaveAdapterOptions {
  /** What to call the base, a path or a name. */
  readonly base?: string
}

/**
 * Writes an adapter as a directory that Hugging Face's PEFT reads. What only training needs (the networks of prefixes and P-tuning) is left out.
 *
 * @throws InputError for parts of the base that were trained themselves, which PEFT has no kind for: save the model.
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * const base = { config, params: initDecoder(config, key(0)) }
 * await saveAdapter(initAdapter({ kind: 'ia3' }, base, key(1)), base, 'ia3', { base: 'tiny' })
 */
export async function saveAdapter(
  adapter: Adapter,
  { config: base }: Pick<AdapterBase, 'config'>,
  folder: string,
  options: SaveAdapterOptions = {},
): Promise<void> {
  const { config, params } = await finished(adapter)
  const arrays = await arraysOf(params)
  const described = await writePeftConfig(base, { config, params }, options.base ?? '')
  await writeAtomically(join(folder, tensorsName), writeSafetensors(writtenArrays(base, arrays), { format: 'pt' }))
  await writeAtomically(join(folder, configName), jsonBytes(described))
}

/** The values of an adapter that is finished. */
async function arraysOf({ maps = [], embedding, prompt, prefix, tensors = {} }: AdapterParams): Promise<AdapterArrays> {
  const found: AdapterArrays = { maps: maps.map(() => ({})), tensors: {} }
  for (const [layer, places] of maps.entries())
    for (const [place, part] of Object.entries(places) as [LinearPlace, MapAdapter][]) found.maps[layer][place] = await mapArrays(part)
  for (const [path, x] of Object.entries(tensors)) found.tensors[path] = await x.ndarray()
  if (embedding) found.embedding = { a: await embedding.a.ndarray(), b: await embedding.b.ndarray() }
  if (prompt) found.virtual = await prompt.embeddings.ndarray()
  if (prefix && 'pairs' in prefix) {
    const { data, dtype, shape } = await prefix.pairs.ndarray()
    found.virtual = ndarray(data, [shape[0], data.length / shape[0]], dtype)
  }
  return found
}

async function mapArrays({ lora, scaleInput, scaleOutput }: MapAdapter): Promise<MapArrays> {
  const all: Record<string, Tensor | undefined> = { a: lora?.a, b: lora?.b, magnitude: lora?.magnitude, scaleInput, scaleOutput }
  const found: Record<string, NDArray> = {}
  for (const [name, x] of Object.entries(all)) if (x) found[name] = await x.ndarray()
  return found
}
