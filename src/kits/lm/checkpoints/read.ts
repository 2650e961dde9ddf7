import { kindOf } from '../../../data/files.ts'
import { builtin } from '../../../engine/builtin.ts'
import { fromArray, InputError, type NDArray, type Tensor } from '../../../engine/index.ts'
import type { DecoderConfig } from '../config.ts'
import type { LanguageModel } from '../model.ts'
import type { DecoderParams } from '../params.ts'
import { loadTokenizer } from '../tokenizers/load.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { readText } from './files.ts'
import { fromStored } from './layout.ts'
import { headName, isIgnored, prefixOf, type StoredTensor, storedTensors } from './names.ts'
import { readConfig } from './read-config.ts'
import { openWeights, type Weights } from './weights.ts'

const { join } = builtin('node:path')

export interface LoadOptions {
  /** Instead of the one that the directory's files describe. */
  readonly tokenizer?: Tokenizer
}

/** A model from files, and what was noticed while it was read: tensors that nothing uses, keys of the config that say nothing here. */
export interface LoadedModel extends LanguageModel {
  readonly warnings: readonly string[]
}

/**
 * Reads a language model from a directory as Hugging Face's transformers write it: `config.json`, `model.safetensors` (or several, with an index) and
 * the tokenizer's files. Families: llama, mistral, qwen2, gpt2, gpt_bigcode (StarCoder, SantaCoder), codegen. F32, F16 and BF16 become float32; one
 * tensor is read at a time. No code of a checkpoint is ever run.
 *
 * @throws InputError for a family that is not supported, a tensor that is missing or has another shape, and a vocabulary larger than the model's.
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * await saveModel({ config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }, 'tiny')
 * const { config: read, warnings } = await loadModel('tiny')
 * read.layers // 3
 */
export async function loadModel(folder: string, { tokenizer }: LoadOptions = {}): Promise<LoadedModel> {
  const { config, params, warnings } = await loadDecoder(folder)
  const own = tokenizer ?? (await loadTokenizer(folder))
  requireVocabulary(config, own, folder)
  return { config, params, tokenizer: own, warnings }
}

/**
 * As `loadModel`, without the tokenizer.
 *
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * await saveModel({ config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }, 'tiny')
 * const { params } = await loadDecoder('tiny')
 * params.blocks.length // 3
 */
export async function loadDecoder(folder: string): Promise<Omit<LoadedModel, 'tokenizer'>> {
  const { config: described, warnings } = await loadConfig(folder)
  const weights = await openWeights(folder)
  try {
    const { config, params, warnings: more } = await readParams(described, weights)
    return { config, params, warnings: [...warnings, ...weights.warnings, ...more] }
  } finally {
    await weights.close()
  }
}

/**
 * The shape of a directory's model.
 *
 * @throws InputError where there is no `config.json`, or one that is not supported.
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * await saveModel({ config, params: initDecoder(config, key(0)), tokenizer: byteTokenizer }, 'tiny')
 * const { config: read } = await loadConfig('tiny')
 * read.modelType // 'llama'
 */
export async function loadConfig(folder: string): Promise<{ config: DecoderConfig; warnings: readonly string[] }> {
  const path = join(folder, 'config.json')
  if ((await kindOf(path)) !== 'file') throw await withoutConfig(folder)
  const beside = join(folder, 'generation_config.json')
  const generation = (await kindOf(beside)) === 'file' ? await readText(beside) : undefined
  return readConfig(await readText(path), { where: path, generation })
}

async function withoutConfig(folder: string): Promise<InputError> {
  const isAdapter = (await kindOf(join(folder, 'adapter_config.json'))) === 'file'
  return new InputError('there is no config.json', {
    where: folder,
    fix: isAdapter ? 'this is an adapter: give the directory of its base model' : 'give a directory that a model was saved to',
  })
}

function requireVocabulary(config: DecoderConfig, tokenizer: Tokenizer, where: string): void {
  if (tokenizer.size > config.vocabulary)
    throw new InputError(`the tokenizer has ${tokenizer.size} tokens, the model ${config.vocabulary}`, {
      where,
      fix: 'the tokenizer belongs to another model',
    })
}

/** All parameters from a checkpoint's tensors. The config says whether the head is tied in the end. */
export async function readParams(
  described: DecoderConfig,
  weights: Weights,
): Promise<{ config: DecoderConfig; params: DecoderParams; warnings: string[] }> {
  requireLayers(described, weights)
  const { config, warnings } = await withHead(described, weights)
  warnings.push(...checkTensors(config, weights))
  const nameOf = namer(config, weights)
  const params = emptyTree(config)
  for (const stored of storedTensors(config)) put(params, stored.path, await readTensor(weights, nameOf(stored.name), stored))
  return { config, params: params as unknown as DecoderParams, warnings }
}

/**
 * Compares a checkpoint's tensors with those of the config, by names and shapes alone: warnings for what the model does not have.
 * @throws InputError for a tensor that is missing, has another shape or no floats.
 */
export function checkTensors(config: DecoderConfig, weights: Weights): string[] {
  requireLayers(config, weights)
  const nameOf = namer(config, weights)
  const wanted = storedTensors(config)
  for (const stored of wanted) checkTensor(weights, nameOf(stored.name), stored)
  const used = new Set([...wanted.map(({ name }) => nameOf(name)), ...(config.tied ? [headName] : [])])
  const unused = [...weights.entries.keys()].filter((name) => !used.has(name) && !isIgnored(config.dialect, name))
  if (unused.length === 0) return []
  return [
    `tensors that the model does not have: ${unused.slice(0, 20).join(', ')}${unused.length > 20 ? `, and ${unused.length - 20} more` : ''}`,
  ]
}

/** A config may say anything: nothing is made for layers that cannot be there. */
function requireLayers({ layers }: DecoderConfig, { entries }: Weights): void {
  if (layers > entries.size)
    throw new InputError(`config.json says ${layers} layers, but there are only ${entries.size} tensors`, { where: placeOf({ entries }) })
}

const placeOf = ({ entries }: Pick<Weights, 'entries'>): string => [...entries.values()][0]?.file ?? 'the checkpoint'

/** Names as this checkpoint has them: files of the bare model leave the prefix out. */
function namer({ dialect }: DecoderConfig, { entries }: Weights): (name: string) => string {
  const prefix = prefixOf(dialect)
  const hasPrefix = [...entries.keys()].some((name) => name.startsWith(prefix))
  return (name) => (hasPrefix || !name.startsWith(prefix) ? name : name.slice(prefix.length))
}

/** A tied head that is in the file all the same must be the embedding; if it is not, the file is believed. */
async function withHead(config: DecoderConfig, weights: Weights): Promise<{ config: DecoderConfig; warnings: string[] }> {
  if (!config.tied || !weights.entries.has(headName)) return { config, warnings: [] }
  const embedding = storedTensors(config)[0]
  const [head, tokens] = [
    await readTensor(weights, headName, { ...embedding, name: headName }),
    await readTensor(weights, namer(config, weights)(embedding.name), embedding),
  ]
  if (head.data.every((value, i) => value === tokens.data[i])) return { config, warnings: [] }
  return {
    config: { ...config, tied: false },
    warnings: [`"tie_word_embeddings" is true, but "${headName}" is not the embedding; it is used as the head of its own that it is`],
  }
}

async function readTensor(weights: Weights, name: string, stored: StoredTensor): Promise<NDArray> {
  checkTensor(weights, name, stored)
  return fromStored(await weights.read(name), stored)
}

function checkTensor({ entries }: Weights, name: string, stored: StoredTensor): void {
  const shape = `[${stored.shape.join(', ')}]`
  const entry = entries.get(name)
  if (!entry) throw new InputError(`tensor "${name}" ${shape} is missing`, { where: placeOf({ entries }) })
  const fail = (what: string) => new InputError(what, { where: `${entry.file}: tensor "${name}"` })
  if (entry.shape.join() !== stored.shape.join()) throw fail(`its shape is [${entry.shape.join(', ')}], but config.json makes it ${shape}`)
  if (!['F32', 'F16', 'BF16', 'F64'].includes(entry.format)) throw fail(`its elements are ${entry.format}, not floats`)
}

/** The nodes of the tree into which tensors are put. */
type Node = { [key: string]: Node | Tensor } | Node[]

function emptyTree({ layers, tied, biases }: DecoderConfig): Node {
  const block = (): Node => ({ norm1: {}, attention: {}, network: {} })
  return {
    embedding: {},
    blocks: Array.from({ length: layers }, block),
    norm: {},
    ...((!tied || biases.head) && { head: {} }),
  }
}

/** Puts a tensor at its place; what is on the way is made. */
function put(tree: Node, path: StoredTensor['path'], array: NDArray): void {
  let node = tree as Record<string, Node>
  for (const key of path.slice(0, -1)) node = (node[key] ??= {}) as Record<string, Node>
  ;(node as Record<string, unknown>)[path.at(-1)!] = fromArray(array)
}
