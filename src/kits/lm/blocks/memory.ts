import { InputError, key, sizeOf, type Tensor, tensor, zeros } from '../../../engine/index.ts'
import { adafactor, adam, type Optimizer, require, requirePositive, sgd } from '../../../optim/index.ts'
import type { DecoderConfig } from '../config.ts'
import { initDecoder } from '../init.ts'
import { type BlockParams, type DecoderParams, type LinearPlace, linearAt, linearPlaces } from '../params.ts'
import { demandsOf, isAsked } from './demand.ts'
import { type Part, partsOf, tokensPath } from './parts.ts'
import { Programs, type TrainingBatch, updateProgram } from './programs.ts'

/** Ways of fine-tuning, as far as memory is concerned. */
export type MemoryMethod =
  | { readonly kind: 'full' }
  /** Embedding, head and last norm, and so many blocks at a time; `keep`: moments of all blocks that have been active, in the end all. */
  | { readonly kind: 'lisa'; readonly activeLayers: number; readonly trainEmbeddings?: boolean; readonly keep?: boolean }
  | { readonly kind: 'lora'; readonly rank: number; readonly targets?: 'attention' | 'all'; readonly embeddings?: boolean }

export interface MemoryOptions {
  /** Texts a step. */
  readonly batch: number
  /** Tokens of each. */
  readonly length: number
  /** Of weights that are kept. What trains has a float32 copy beside bfloat16; everything is computed in float32. */
  readonly dtype?: 'float32' | 'bfloat16'
  readonly optimizer?: 'adamw' | 'adafactor' | 'sgd'
  /** Keep the blocks' inputs alone for the backward pass. */
  readonly checkpointing?: boolean
}

/** Bytes at the worst moment of a step, by what they are for. */
export interface MemoryPlan {
  readonly parameters: { readonly total: number; readonly trainable: number }
  readonly bytes: {
    readonly weights: number
    /** Float32 copies of what trains, where weights are kept in fewer bits. */
    readonly copies: number
    readonly gradients: number
    readonly optimizer: number
    /** What the forward pass keeps for the backward pass, and what is handed on. */
    readonly activations: number
    /** What the programs hold of their own: each keeps it between its runs. */
    readonly scratch: number
    /** Weights and moments of the largest part that trains: its next ones are written beside the old. */
    readonly spare: number
  }
  readonly total: number
}

/**
 * What fine-tuning a model takes, from its shape alone: nothing is loaded or run. Activations are exact, from what the compiled programs keep; of methods
 * that change what trains the most is meant.
 *
 * @throws InputError for more active layers than there are.
 * @example
 * const { total } = memoryPlan(llamaConfig({ ...sizes.nano }), { kind: 'lisa', activeLayers: 2 }, { batch: 16, length: 128 })
 */
export function memoryPlan(config: DecoderConfig, method: MemoryMethod, options: MemoryOptions): MemoryPlan {
  checkPlan(config, method, options)
  const asked = JSON.stringify([config, method, options])
  const plan = plans.get(asked) ?? planned(config, method, options)
  plans.set(asked, plan)
  return plan
}

/** Plans by what was asked: whoever plans a whole experiment asks the same of all its arms. */
const plans = new Map<string, MemoryPlan>()

function planned(config: DecoderConfig, method: MemoryMethod, options: MemoryOptions): MemoryPlan {
  const params = shapesOf(config, method)
  const wanted = trainedBy(method, params)
  const parts = partsOf(params)
  const count = (match: (path: string) => boolean) => totalOf(parts, match, ({ shape }) => sizeOf(shape))
  const [total, trainable] = [count(() => true), count(wanted)]
  const { dtype = 'float32' } = options
  const bytes = {
    weights: (dtype === 'float32' ? 4 : 2) * total,
    copies: dtype === 'float32' ? 0 : 4 * trainable,
    gradients: 4 * trainable,
    optimizer: totalOf(parts, method.kind === 'lisa' && method.keep ? everVisited(method) : wanted, stateBytes(options.optimizer)),
    ...activationBytes(config, { params, parts, wanted }, options),
    spare: Math.max(...parts.map((part) => totalOf([part], wanted, (leaf) => bytesOf(leaf) + stateBytes(options.optimizer)(leaf)))),
  }
  return { parameters: { total, trainable }, bytes, total: Object.values(bytes).reduce((a, b) => a + b) }
}

function checkPlan(config: DecoderConfig, method: MemoryMethod, { batch, length }: MemoryOptions): void {
  const where = 'memory plan'
  requirePositive(where, 'batch', batch)
  requirePositive(where, 'length', length)
  if (config.positions.kind === 'learned' && length > config.context)
    throw new InputError(`length is ${length}, the model has positions for ${config.context}`, { where, fix: 'give a shorter length' })
  if (method.kind === 'lora') requirePositive(where, 'rank', method.rank)
  if (method.kind === 'lisa') requireLayers(where, method.activeLayers, config.layers)
}

/**
 * Refuses a number of active blocks that the model has not.
 *
 * @throws InputError that says both.
 * @example
 * requireLayers('LISA', 2, 6)
 */
export function requireLayers(where: string, active: number, layers: number): void {
  const what = `${active} active layers of a model of ${layers}`
  require(where, Number.isInteger(active) && active >= 0 && active <= layers, what, `give a whole number from 0 to ${layers}`)
}

/** The model's tensors by shape alone: all blocks are one, since none is ever computed. */
function shapesOf(config: DecoderConfig, method: MemoryMethod): DecoderParams {
  const params = initDecoder({ ...config, layers: 1 }, key(0))
  const block = method.kind === 'lora' ? withLowRank(params.blocks[0], method) : params.blocks[0]
  return { ...params, blocks: new Array<BlockParams>(config.layers).fill(block) }
}

/** A block with low-rank adapters, by shape alone. */
function withLowRank(block: BlockParams, { rank, targets = 'all' }: Extract<MemoryMethod, { kind: 'lora' }>): BlockParams {
  const adapted = (place: LinearPlace) => {
    const linear = linearAt(block, place)
    if (!linear || (targets === 'attention' && !place.startsWith('attention'))) return linear
    const [input, output] = (linear.weight as Tensor).shape
    return { ...linear, lora: { a: zeros([input, rank]), b: zeros([rank, output]), scaling: tensor(1) } }
  }
  const part = (name: 'attention' | 'network') =>
    Object.fromEntries(
      linearPlaces.flatMap((place) => (place.startsWith(name) && linearAt(block, place) ? [[place.split('.')[1], adapted(place)]] : [])),
    )
  return {
    ...block,
    attention: { ...block.attention, ...part('attention') },
    network: { ...block.network, ...part('network') },
  } as BlockParams
}

const isEnd = (path: string): boolean => !path.startsWith('blocks.')

function trainedBy(method: MemoryMethod, { blocks }: DecoderParams): (path: string) => boolean {
  switch (method.kind) {
    case 'full':
      return () => true
    case 'lora':
      return (path) => /\.lora\.[ab]$/.test(path) || (method.embeddings === true && isEnd(path))
    case 'lisa': {
      // The first blocks: which ones are active makes a difference only where nothing below trains, and then these take the most.
      const active = new Set(blocks.slice(0, method.activeLayers).map((_, i) => `blocks.${i}`))
      return (path) => (isEnd(path) ? method.trainEmbeddings !== false : active.has(path.split('.', 2).join('.')))
    }
  }
}

const everVisited =
  ({ trainEmbeddings = true }: Extract<MemoryMethod, { kind: 'lisa' }>) =>
  (path: string) =>
    trainEmbeddings || !isEnd(path)

function totalOf(parts: readonly Part[], match: (path: string) => boolean, sizeOfLeaf: (leaf: Tensor) => number): number {
  return parts.reduce(
    (total, { prefix, paths, leaves }) => total + leaves.reduce((sum, x, i) => sum + (match(prefix + paths[i]) ? sizeOfLeaf(x) : 0), 0),
    0,
  )
}

/** Bytes of the optimizer's state for a parameter, with its counter. */
const stateBytes =
  (optimizer: MemoryOptions['optimizer'] = 'adamw') =>
  ({ shape }: Tensor): number => {
    if (optimizer === 'sgd') return 0
    if (optimizer === 'adamw') return 8 * sizeOf(shape) + 4
    const rows = shape.slice(0, -1)
    return 4 * (shape.length >= 2 ? sizeOf(rows) + sizeOf([...shape.slice(0, -2), shape[shape.length - 1]]) : sizeOf(shape)) + 4
  }

const optimizers: Record<NonNullable<MemoryOptions['optimizer']>, () => Optimizer> = {
  adamw: () => adam({ learningRate: 1, counters: 'each' }) as Optimizer,
  adafactor: () => adafactor({ learningRate: 1 }) as Optimizer,
  sgd: () => sgd({ learningRate: 1 }) as Optimizer,
}

interface Model {
  readonly params: DecoderParams
  readonly parts: readonly Part[]
  readonly wanted: (path: string) => boolean
}

/** As `backward` takes and gives arrays: the most is held at the top, and at every block on the way back. */
function activationBytes(
  config: DecoderConfig,
  { params, parts, wanted }: Model,
  { batch, length, checkpointing, optimizer = 'adamw' }: MemoryOptions,
) {
  const ids = { shape: [batch, length], dtype: 'int32', data: new Int32Array(0) } as const
  const programs = new Programs(config, params, { ids, labels: ids } as TrainingBatch)
  const demands = demandsOf(parts, wanted, checkpointing ? 'arguments' : 'needed')
  const [x, ...view] = programs.embed(parts[0]).results.map(bytesOf)
  const blocks = parts.slice(1, -1).map((part, i) => ({ part, demand: demands[i + 1], halves: programs.block(part, demands[i + 1]) }))
  const kept = blocks.reduce((total, { part, demand, halves: { forward, kept, reads } }) => {
    const input = isAsked(demand) && reads.includes(part.paths.length) ? x : 0
    return total + input + (isAsked(demand) ? kept.reduce((sum, i) => sum + bytesOf(forward.results[i]), 0) : 0)
  }, 0)
  const used = new Set(blocks.flatMap(({ halves, demand }) => [halves.forward, ...(isAsked(demand) ? [halves.backward] : [])]))
  const top = parts[parts.length - 1]
  const { input, gradients } = demands[demands.length - 1]
  const tied = !top.paths.includes('head.weight') && wanted(tokensPath)
  used.add(programs.top(top, { input, gradients: [...gradients, ...(tied ? [tokensPath] : [])] }))
  const updates = new Map(
    parts.flatMap((part) => (part.paths.some((path) => wanted(part.prefix + path)) ? [[part.signature, part] as const] : [])),
  )
  for (const { prefix, paths, leaves } of updates.values()) {
    const trained = paths.flatMap((path, i) => (wanted(prefix + path) ? [{ path, like: leaves[i] }] : []))
    used.add(updateProgram(optimizers[optimizer](), trained))
  }
  const scratch = [...used].reduce((sum, program) => sum + program.scratchBytes(), 0)
  // The stack's top and its cotangent, or a block's two cotangents; the loss.
  const between = input ? 2 * x + 4 : Math.max(x + 4, blocks.length > 0 ? 2 * x : x)
  return { activations: kept + between + view.reduce((a, b) => a + b, 0), scratch }
}

const bytesOf = ({ shape }: { readonly shape: readonly number[] }): number => 4 * sizeOf(shape)
