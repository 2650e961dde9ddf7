import { kindOf, writeAtomically } from '../../../data/files.ts'
import { builtin } from '../../../engine/builtin.ts'
import { InputError, isTensor, sizeOf, type Tensor } from '../../../engine/index.ts'
import { type FloatFormat, saveSafetensors, storedBytes, type TensorSource } from '../../../engine/safetensors-file.ts'
import type { DecoderConfig } from '../config.ts'
import type { LanguageModel } from '../model.ts'
import { type DecoderParams, linearAt, linearPlaces } from '../params.ts'
import { jsonBytes } from './files.ts'
import { toStored } from './layout.ts'
import { type StoredTensor, storedTensors } from './names.ts'
import { indexName, weightsName } from './weights.ts'
import { writeConfig, writeGenerationConfig } from './write-config.ts'

const { randomUUID } = builtin('node:crypto')
const { mkdir, readdir, rename, rm } = builtin('node:fs/promises')
const { basename, dirname, join, resolve } = builtin('node:path')

export interface SaveModelOptions {
  /** How numbers are stored (default: F32). */
  readonly format?: FloatFormat
  /** No file of tensors has more bytes, unless a single tensor does (default: 5 GB). */
  readonly shardBytes?: number
}

/** The size at which transformers begin another file. */
const defaultShard = 5e9

/**
 * Writes a language model as a directory that Hugging Face's transformers read: `config.json`, `generation_config.json`, `model.safetensors` (or several,
 * with an index), and the tokenizer's files. A directory that is not there yet appears whole or not at all; in one that is, the files of the model are
 * replaced one by one, the config last.
 *
 * @throws InputError for parameters that the family's files cannot hold: adapters that are not merged, quantized weights.
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * await saveModel({ config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }, 'model', { format: 'BF16' })
 */
export async function saveModel(
  { config, params, tokenizer }: LanguageModel,
  folder: string,
  options: SaveModelOptions = {},
): Promise<void> {
  const { format = 'F32', shardBytes = defaultShard } = options
  requirePlain(params)
  const described = { 'config.json': jsonBytes(writeConfig(config, format)) }
  const tensors = tensorSources(config, params, format)
  const target = resolve(folder)
  const staging = join(dirname(target), `.${basename(target)}.${randomUUID()}.part`)
  await mkdir(staging, { recursive: true })
  try {
    await writeWeights(staging, shardsOf(tensors, shardBytes))
    const beside = { 'generation_config.json': jsonBytes(writeGenerationConfig(config)), ...tokenizer.files(), ...described }
    for (const [name, bytes] of Object.entries(beside)) await writeAtomically(join(staging, name), bytes)
    await moveInto(staging, target)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/** @throws InputError where an adapter would be left out. */
export function requirePlain(params: DecoderParams): void {
  const fail = (what: string) =>
    new InputError(`the parameters hold ${what}, which a model’s files cannot`, { fix: 'merge it, or save the adapter by itself' })
  if (params.prompt) throw fail('a prompt')
  if (params.embedding.lora) throw fail('an adapter')
  for (const block of params.blocks) {
    if (block.attention.prefix) throw fail('a prefix')
    for (const place of linearPlaces) {
      const { weight, lora, scaleInput, scaleOutput } = linearAt(block, place) ?? {}
      if (lora || scaleInput || scaleOutput) throw fail('an adapter')
      if (weight && !isTensor(weight)) throw fail('quantized weights')
    }
  }
}

/** The tensors of a model as its family's files hold them; each is computed and laid out when it is asked for. */
export function tensorSources(config: DecoderConfig, params: DecoderParams, format: FloatFormat): TensorSource[] {
  return storedTensors(config)
    .map((stored) => sourceOf(stored, tensorAt(params, stored), format))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function sourceOf(stored: StoredTensor, tensor: Tensor | undefined, format: FloatFormat): TensorSource {
  const { name, shape, transposed, isBias } = stored
  const where = `tensor "${name}"`
  if (!tensor) {
    if (!isBias) throw new InputError(`${stored.path.join('.')} is not among the parameters`, { where })
    return { name, shape, format, values: () => new Float32Array(sizeOf(shape)) }
  }
  const expected = transposed ? [shape[1], shape[0]] : shape
  if (tensor.shape.join() !== expected.join())
    throw new InputError(`${stored.path.join('.')} is [${tensor.shape.join(', ')}], but the config makes it [${expected.join(', ')}]`, {
      where,
    })
  const values = async () => toStored(await tensor.ndarray(), stored).data as Float32Array
  return { name, shape, format, values }
}

const tensorAt = (params: DecoderParams, { path }: StoredTensor): Tensor | undefined =>
  path.reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], params) as Tensor | undefined

/** Tensors in files of at most so many bytes. */
function shardsOf(tensors: readonly TensorSource[], most: number): TensorSource[][] {
  const shards: TensorSource[][] = [[]]
  let held = 0
  for (const tensor of tensors) {
    const bytes = storedBytes(tensor)
    if (held > 0 && held + bytes > most) {
      shards.push([])
      held = 0
    }
    shards.at(-1)!.push(tensor)
    held += bytes
  }
  return shards
}

/** By this readers of transformers know that the tensors are PyTorch's. */
const metadata = { format: 'pt' }

async function writeWeights(folder: string, shards: readonly TensorSource[][]): Promise<void> {
  if (shards.length === 1) return saveSafetensors(join(folder, weightsName), shards[0], metadata)
  const five = (n: number) => String(n).padStart(5, '0')
  const map: Record<string, string> = {}
  for (const [i, tensors] of shards.entries()) {
    const name = `model-${five(i + 1)}-of-${five(shards.length)}.safetensors`
    for (const tensor of tensors) map[tensor.name] = name
    await saveSafetensors(join(folder, name), tensors, metadata)
  }
  const total = shards.flat().reduce((sum, tensor) => sum + storedBytes(tensor), 0)
  await writeAtomically(join(folder, indexName), jsonBytes({ metadata: { total_size: total }, weight_map: map }))
}

const isWeights = (name: string): boolean => name === weightsName || name === indexName || /^model-\d{5}-of-\d{5}\.safetensors$/.test(name)

/** The staged files at their place: as a whole where nothing is there, else one by one, tensors first; tensors of an earlier model are removed. */
async function moveInto(staging: string, target: string): Promise<void> {
  if ((await kindOf(target)) === 'absent') return rename(staging, target)
  const names = await readdir(staging)
  const rank = (name: string) => (isWeights(name) ? 0 : name === 'config.json' ? 2 : 1)
  for (const name of names.sort((a, b) => rank(a) - rank(b))) await rename(join(staging, name), join(target, name))
  for (const name of await readdir(target)) if (isWeights(name) && !names.includes(name)) await rm(join(target, name), { force: true })
}
