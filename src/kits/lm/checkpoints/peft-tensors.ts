import { InputError, type NDArray, ndarray } from '../../../engine/index.ts'
import type { DecoderConfig } from '../config.ts'
import type { LinearPlace } from '../params.ts'
import { fromStored, toStored } from './layout.ts'
import { embeddingModule, linearShape, modulePath, outputOrder, placeOf, type StoredTensor, storedTensors } from './names.ts'

/*
 * The tensors of PEFT's files as those of our parameters: names, orientation, and the order of a fused map's outputs.
 */

/** What an adapter puts beside one linear map, as arrays in our layout. */
export interface MapArrays {
  /** [in, rank] */
  a?: NDArray
  /** [rank, out] */
  b?: NDArray
  /** [out] */
  magnitude?: NDArray
  /** [in] */
  scaleInput?: NDArray
  /** [out] */
  scaleOutput?: NDArray
}

/** All of an adapter's arrays, in our layout. */
export interface AdapterArrays {
  /** By layer and place. */
  readonly maps: readonly Partial<Record<LinearPlace, MapArrays>>[]
  /** [V, rank] and [rank, width] */
  embedding?: { a?: NDArray; b?: NDArray }
  /** [n, width] of prompts, [n, 2 L · G · headWidth] of prefixes. */
  virtual?: NDArray
  /** Tensors of the base that were trained themselves, by their dotted paths. */
  readonly tensors: Record<string, NDArray>
}

/** Before the module's path in every name. */
const front = 'base_model.model.'
const virtualName = 'prompt_embeddings'

/** The kinds of tensors beside a map: the end of the name, the shape, and how it lies. */
const parts = {
  a: { ends: ['lora_A.weight'], shape: (inputs: number, _: number, rank: number) => [rank, inputs], transposed: true, byOutput: false },
  b: { ends: ['lora_B.weight'], shape: (_: number, outputs: number, rank: number) => [outputs, rank], transposed: true, byOutput: true },
  magnitude: {
    ends: ['lora_magnitude_vector', 'lora_magnitude_vector.weight'],
    shape: (_: number, outputs: number) => [outputs],
    transposed: false,
    byOutput: true,
  },
} as const
type Part = keyof typeof parts

/** The base's tensors that a name may mean, besides its own: PEFT wraps what it adapts, and what it saves whole. */
const unwrapped = (name: string): string => name.replace('.base_layer.', '.').replace(/\.modules_to_save(\.default)?\./, '.')

/**
 * Sorts a file's tensors by what they belong to. `read` gives one.
 * @throws InputError for a tensor that belongs to nothing, or has another shape than its map makes it.
 */
export async function readArrays(
  config: DecoderConfig,
  names: Iterable<string>,
  read: (name: string) => Promise<NDArray>,
  where: string,
): Promise<AdapterArrays> {
  const found: AdapterArrays = { maps: Array.from({ length: config.layers }, () => ({})), tensors: {} }
  const base = new Map(storedTensors(config).map((stored) => [stored.name, stored]))
  for (const name of names) {
    const array = await read(name)
    const at = `${where}: tensor "${name}"`
    if (name === virtualName) found.virtual = asFloats(array)
    else if (!name.startsWith(front)) throw new InputError(`its name does not begin with ${front}`, { where: at })
    else if (!putBeside(config, found, name.slice(front.length), array, at)) {
      const stored = base.get(unwrapped(name.slice(front.length)))
      if (!stored) throw new InputError('the base has nothing of this name', { where: at, fix: 'the adapter is of another base' })
      requireShape(array, stored.shape, at)
      found.tensors[stored.path.join('.')] = fromStored(array, stored)
    }
  }
  return found
}

const asFloats = (array: NDArray): NDArray => fromStored(array, { transposed: false })

function requireShape({ shape }: NDArray, expected: readonly number[], where: string): void {
  if (shape.join() !== expected.join())
    throw new InputError(`its shape is [${shape.join(', ')}], but the base makes it [${expected.join(', ')}]`, {
      where,
      fix: 'the adapter is of another base',
    })
}

/** Puts a tensor beside its map, or beside the embedding; false where it is neither's. */
function putBeside(config: DecoderConfig, found: AdapterArrays, name: string, array: NDArray, where: string): boolean {
  const match = /^(.+)\.(lora_A\.weight|lora_B\.weight|lora_magnitude_vector(?:\.weight)?|ia3_l|lora_embedding_[AB])$/.exec(name)
  if (!match) return false
  const [, module, end] = match
  if (end.startsWith('lora_embedding')) {
    if (module !== embeddingModule(config.dialect)) return false
    const key = end.endsWith('A') ? 'a' : 'b'
    const [width, rank] = [key === 'a' ? config.vocabulary : config.width, key === 'a' ? array.shape[0] : array.shape[1]]
    requireShape(array, key === 'a' ? [rank, width] : [width, rank], where)
    found.embedding = { ...found.embedding, [key]: fromStored(array, { transposed: true }) }
    return true
  }
  const place = placeOf(config, module)
  if (!place) return false
  const beside = (found.maps[place.layer][place.place] ??= {})
  if (end === 'ia3_l') putFactors(config, beside, place.place, array, where)
  else {
    const part = (Object.keys(parts) as Part[]).find((key) => (parts[key].ends as readonly string[]).includes(end))!
    const { inputs, outputs } = linearShape(config, place.place)
    const rank = array.shape[part === 'a' ? 0 : 1]
    requireShape(array, parts[part].shape(inputs, outputs, rank), where)
    beside[part] = fromStored(array, layoutOf(config, place.place, part))
  }
  return true
}

function layoutOf(config: DecoderConfig, place: LinearPlace, part: Part): Pick<StoredTensor, 'transposed' | 'order'> {
  const { transposed, byOutput } = parts[part]
  return { transposed, order: byOutput ? outputOrder(config, place) : undefined }
}

/** (IA)³'s factors: [out, 1] of outputs, [1, in] of inputs. */
function putFactors(config: DecoderConfig, beside: MapArrays, place: LinearPlace, array: NDArray, where: string): void {
  const { inputs, outputs } = linearShape(config, place)
  const isInput = array.shape.length === 2 && array.shape[0] === 1
  requireShape(array, isInput ? [1, inputs] : [outputs, 1], where)
  const flat = ndarray(array.data, [array.data.length], array.dtype)
  if (isInput) beside.scaleInput = asFloats(flat)
  else beside.scaleOutput = fromStored(flat, { transposed: false, order: outputOrder(config, place) })
}

/** The file's tensors by their names. */
export function writtenArrays(config: DecoderConfig, { maps, embedding, virtual, tensors }: AdapterArrays): Record<string, NDArray> {
  const written: Record<string, NDArray> = {}
  if (virtual) written[virtualName] = virtual
  if (embedding) {
    const module = `${front}${embeddingModule(config.dialect)}`
    written[`${module}.lora_embedding_A`] = toStored(embedding.a!, { transposed: true })
    written[`${module}.lora_embedding_B`] = toStored(embedding.b!, { transposed: true })
  }
  maps.forEach((places, layer) => {
    for (const [place, arrays] of Object.entries(places) as [LinearPlace, MapArrays][])
      Object.assign(written, writtenBeside(config, layer, place, arrays))
  })
  const byPath = new Map(storedTensors(config).map((stored) => [stored.path.join('.'), stored]))
  for (const [path, array] of Object.entries(tensors)) {
    const stored = byPath.get(path)
    if (!stored) throw new InputError(`the files of this family have no tensor for "${path}"`)
    written[front + wrapped(stored, maps)] = toStored(array, stored)
  }
  return written
}

function writtenBeside(config: DecoderConfig, layer: number, place: LinearPlace, arrays: MapArrays): Record<string, NDArray> {
  const module = `${front}${modulePath(config.dialect, layer, place)}`
  const written: Record<string, NDArray> = {}
  for (const part of Object.keys(parts) as Part[]) {
    const array = arrays[part]
    if (array) written[`${module}.${parts[part].ends[0]}`] = toStored(array, layoutOf(config, place, part))
  }
  const { scaleInput, scaleOutput } = arrays
  if (scaleInput) written[`${module}.ia3_l`] = { ...scaleInput, shape: [1, scaleInput.data.length] }
  if (scaleOutput) {
    const laid = toStored(scaleOutput, { transposed: false, order: outputOrder(config, place) })
    written[`${module}.ia3_l`] = { ...laid, shape: [laid.data.length, 1] }
  }
  return written
}

/** A bias of a map that is adapted lies within PEFT's wrapper. */
function wrapped({ name, path }: StoredTensor, maps: AdapterArrays['maps']): string {
  const [root, layer, part, map] = path
  const isAdapted = root === 'blocks' && maps[layer as number]?.[`${part}.${map}` as LinearPlace] !== undefined
  return isAdapted ? name.replace(/\.(\w+)$/, '.base_layer.$1') : name
}
