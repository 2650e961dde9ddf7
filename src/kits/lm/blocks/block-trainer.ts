import {
  evaluate,
  fromArray,
  InputError,
  isTensor,
  leavesWithPaths,
  mapTree,
  type NDArray,
  NotFiniteError,
  ndarray,
  sizeOf,
  type Tensor,
  zeros,
} from '../../../engine/index.ts'
import { type Optimizer, requirePositive } from '../../../optim/index.ts'
import type { DecoderConfig } from '../config.ts'
import type { DecoderParams } from '../params.ts'
import { Arena, type Bytes } from './arena.ts'
import { backward, type Gradients, type Pass, release } from './backward.ts'
import { OptimizerStates } from './optimizer-states.ts'
import { type Part, partsOf } from './parts.ts'
import { Programs, type TrainingBatch } from './programs.ts'

/** Which parameters train, by their dotted paths: `blocks.3.attention.query.weight`. */
export type Trainable = (path: string) => boolean

export interface BlockTrainerOptions {
  readonly config: DecoderConfig
  readonly params: DecoderParams
  /** It must count each parameter's steps by itself (`adam` with `counters: 'each'`, `adafactor`) where states are dropped. */
  readonly optimizer: Optimizer
  readonly trainable?: Trainable
  /** The most that the norm of all gradients together may be. */
  readonly clip?: number
  /** Keep the blocks' inputs alone for the backward pass: less memory, more time (gradient checkpointing). */
  readonly recompute?: boolean
  /** Gradients that are computed although nothing trains by them. Default: none; a control wants them. */
  readonly differentiated?: Trainable
}

export interface StepReport {
  /** Mean −log p over the scored tokens in nats, before the update. */
  readonly loss: number
  /** Of the trainable parameters, before clipping. */
  readonly gradientNorm: number
}

/**
 * Trains a decoder block by block: each block's forward and backward pass is a program of its own that all blocks share. Which parameters train can
 * change at any step without a compilation; gradients, and what is kept for them, exist for those alone, and the backward pass ends at the lowest.
 *
 * @example
 * import { adam } from 'quire/optim'
 *
 * const config = llamaConfig({ ...sizes.tiny })
 * const trainer = new BlockTrainer({ config, params: initDecoder(config, key(0)), optimizer: adam({ learningRate: 1e-3, counters: 'each' }) })
 * trainer.setTrainable((path) => path.startsWith('blocks.2.'))
 * const ids = await zeros([1, 8], 'int32').ndarray()
 * const { loss } = await trainer.step([{ ids, labels: ids }])
 * trainer.bytes.gradients // 0
 */
export class BlockTrainer {
  readonly config: DecoderConfig
  readonly arena = new Arena()
  /** Optimizer states of single parameters. */
  readonly states: OptimizerStates
  readonly #options: Omit<BlockTrainerOptions, 'params'>
  /** The parameters by shape alone: whoever made the first ones may let go of them. */
  readonly #like: DecoderParams
  /** The first parameters, until they are loaded. */
  #first?: DecoderParams
  readonly #parts: readonly Part[]
  readonly #weights = new Map<string, NDArray>()
  readonly #programs = new Map<string, Programs>()
  #trainable: Trainable
  #step = 0

  constructor(options: BlockTrainerOptions) {
    if (options.clip !== undefined) requirePositive('BlockTrainer', 'clip', options.clip)
    const { params, ...rest } = options
    this.#options = rest
    this.config = rest.config
    this.#first = params
    this.#like = mapTree<DecoderParams>(params, (leaf: unknown) => (isTensor(leaf) ? zeros(leaf.shape, leaf.dtype).as(leaf.kind) : leaf))
    this.#parts = partsOf(this.#like)
    this.#trainable = rest.trainable ?? (() => true)
    this.states = new OptimizerStates(rest.optimizer, this.arena)
  }

  /** Steps that have been made. */
  get steps(): number {
    return this.#step
  }

  /** Bytes that are held now. */
  get bytes(): Bytes {
    return this.arena.live
  }

  /** Dotted paths of all parameters, those at the input first. */
  get paths(): string[] {
    return this.#parts.flatMap(({ prefix, paths }) => paths.map((path) => prefix + path))
  }

  /** From the next step on these parameters train. States of others stay until they are dropped. */
  setTrainable(trainable: Trainable): void {
    this.#trainable = trainable
  }

  /** Paths of the parameters that train now. */
  trained(): string[] {
    return this.paths.filter(this.#trainable)
  }

  /** How many numbers train now. */
  trainableCount(): number {
    return this.#parts.reduce(
      (total, { prefix, paths, leaves }) =>
        total + leaves.reduce((sum, { shape }, i) => sum + (this.#trainable(prefix + paths[i]) ? sizeOf(shape) : 0), 0),
      0,
    )
  }

  /**
   * One step of the optimizer on the mean loss over all scored tokens of the batches, whose gradients are gathered one after the other. `scales` multiplies
   * gradients by path, behind clipping.
   *
   * @throws NotFiniteError before anything is changed.
   */
  async step(batches: readonly TrainingBatch[], scales: (path: string) => number = () => 1): Promise<StepReport> {
    await this.#load()
    const { differentiated } = this.#options
    const wanted = differentiated ? (path: string) => this.#trainable(path) || differentiated(path) : this.#trainable
    const scored = batches.reduce((sum, { labels }) => sum + countScored(labels), 0)
    if (scored === 0)
      throw new InputError('no token of the batch is scored', { where: `step ${this.#step}`, fix: 'give labels of at least 0' })
    let loss = 0
    let gradients: Gradients | undefined
    for (const batch of batches) {
      const result = await backward({ ...this.#pass(batch), wanted, scale: 1 / scored })
      loss += result.loss
      gradients = gradients ? await this.states.accumulate(gradients, result.gradients) : result.gradients
    }
    for (const [path, array] of gradients ?? [])
      if (!this.#trainable(path)) {
        this.arena.give(array)
        gradients!.delete(path)
      }
    const gradientNorm = await this.#update(gradients ?? new Map(), loss, scales)
    return { loss, gradientNorm }
  }

  async #update(gradients: Gradients, loss: number, scales: (path: string) => number): Promise<number> {
    const norm = await this.states.norm(gradients)
    if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
      release(this.arena, gradients)
      const what = Number.isFinite(loss) ? `the norm of the gradients is ${norm}` : `the loss is ${loss}`
      throw new NotFiniteError(`training stopped at step ${this.#step}: ${what}`, { fix: 'check the data, or lower the learning rate' })
    }
    const { clip } = this.#options
    const factor = clip === undefined ? 1 : Math.min(1, clip / (norm + 1e-6))
    await this.states.update(this.#parts, this.#weights, gradients, { step: this.#step, factor: (path) => factor * scales(path) })
    this.#step++
    return norm
  }

  /** The gradients at the present parameters, of the mean loss of one batch; for those who look, not for training. */
  async gradients(batch: TrainingBatch): Promise<{ loss: number; gradients: ReadonlyMap<string, NDArray> }> {
    await this.#load()
    const result = await backward({ ...this.#pass(batch), wanted: this.#trainable, scale: 1 / countScored(batch.labels) })
    const copies = new Map([...result.gradients].map(([path, array]) => [path, copied(array)]))
    release(this.arena, result.gradients)
    return { loss: result.loss, gradients: copies }
  }

  /** The mean loss of a batch in nats. */
  async loss(batch: TrainingBatch): Promise<number> {
    await this.#load()
    return (await backward({ ...this.#pass(batch), wanted: () => false, scale: 1 / countScored(batch.labels) })).loss
  }

  #pass(batch: TrainingBatch): Omit<Pass, 'wanted' | 'scale'> {
    const shape = Object.entries(batch).map(([name, value]) => `${name} ${(value as NDArray | undefined)?.shape}`)
    const kind = shape.join(';')
    if (!this.#programs.has(kind)) this.#programs.set(kind, new Programs(this.config, this.#like, batch))
    const keep = this.#options.recompute ? 'arguments' : 'needed'
    return { programs: this.#programs.get(kind)!, arena: this.arena, parts: this.#parts, weights: this.#weights, batch, keep }
  }

  /** Computes the first parameters, where that has not happened. */
  async #load(): Promise<void> {
    if (!this.#first) return
    const first = await evaluate(this.#first)
    this.#first = undefined
    for (const { prefix, tree } of partsOf(first))
      for (const [path, x] of leavesWithPaths(tree))
        if (isTensor(x)) this.#weights.set(prefix + path, this.arena.adopt(await x.ndarray(), 'weights'))
  }

  /** The parameters. Their memory is written by later steps: copy what is to stay. */
  async params(): Promise<DecoderParams> {
    await this.#load()
    return mapTree<DecoderParams>(this.#like, (leaf, path) => {
      const array = this.#weights.get(path)
      return array ? fromArray(array).as((leaf as Tensor).kind) : leaf
    })
  }

  /** Whatever changes from step to step, by name: with it a run goes on exactly. */
  async toArrays(): Promise<Record<string, NDArray>> {
    await this.#load()
    const weights = [...this.#weights].map(([path, array]): [string, NDArray] => [`params.${path}`, array])
    const step = ndarray(Float64Array.of(this.#step), [], 'float64')
    return Object.fromEntries([...weights, ...this.states.toArrays(), ['step', step]])
  }

  /** Goes on from what `toArrays` gave. */
  async fromArrays(arrays: Readonly<Record<string, NDArray>>): Promise<void> {
    await this.#load()
    for (const [path, old] of this.#weights) {
      const array = arrays[`params.${path}`]
      if (!array || `${array.shape}` !== `${old.shape}`) throw new InputError(`the checkpoint has no tensor '${path}' [${old.shape}]`)
      this.arena.give(old)
      this.#weights.set(path, this.arena.adopt(array, 'weights'))
    }
    this.states.fromArrays(arrays, this.#weights)
    this.#step = arrays.step.data[0]
  }
}

const countScored = ({ data }: NDArray): number => Array.from(data).filter((label) => label >= 0).length

const copied = (array: NDArray): NDArray => ({ ...array, data: array.data.slice() })
