import { InputError, type NDArray } from '../../engine/index.ts'
import { type BlockTrainer, requireLayers } from '../../kits/lm/blocks/index.ts'
import { require } from '../../optim/index.ts'
import { type LayerOf, layerNaming } from './layers.ts'
import { layerSampler, type Sampler } from './sampler.ts'
import { StateStore } from './state-store.ts'

/**
 * What becomes of a block's moments when it is frozen again. `reset-blocks`: dropped, unless it is drawn again at once. `reset-all`: everything begins
 * anew, also embedding and head (the paper's separate runs). `keep`: they stay, and in the end all blocks have some. `offload`: they wait elsewhere.
 *
 * @example
 * statePolicies.length // 4
 */
export const statePolicies = ['reset-blocks', 'reset-all', 'keep', 'offload'] as const
export type StatePolicy = (typeof statePolicies)[number]

export interface LisaConfig {
  /** γ, blocks that train at a time: from 0, embedding and head alone, to all. */
  readonly activeLayers: number
  /** K, optimizer steps between two draws. */
  readonly intervalSteps: number
  readonly sampler?: Sampler
  readonly statePolicy?: StatePolicy
  /** Also a block that is drawn again at once begins anew (LMFlow). */
  readonly resetOnRedraw?: boolean
  /** Default: embedding and head train always. `head-only` is for models whose head is a matrix of its own. */
  readonly trainEmbeddings?: boolean | 'head-only'
  readonly trainFinalNorm?: boolean
  /** Gradients of active blocks times N_L / γ, so that their mean over the draws is the full gradient: for SGD. Adam is nearly blind to scale. */
  readonly unbiased?: boolean
  /** The block of a parameter by its name, for models that are named in ways not known here. */
  readonly layers?: LayerOf
  /** Active blocks by interval, in the place of the sampler: a logged schedule. */
  readonly schedule?: readonly (readonly number[])[]
  /** The folder in which `offload` keeps moments, a file a block; default: memory. */
  readonly offloadFolder?: string
  readonly seed: number
}

/** What happened at a step. */
export interface LisaEvent {
  readonly step: number
  /** Blocks that train from now on, ascending. */
  readonly active: readonly number[]
  readonly activated: readonly number[]
  readonly frozen: readonly number[]
  /** Of the optimizer, after what the policy dropped. */
  readonly stateBytes: number
}

/**
 * LISA (Pan et al. 2024, Algorithm 1) on a block-wise trainer: every K steps freezes all blocks but γ sampled ones; embedding, last norm and head stay
 * trainable. Which blocks are active is a function of (seed, step) alone.
 *
 * @example
 * import { BlockTrainer, initDecoder, llamaConfig, sizes } from 'quire/lm'
 * import { adam } from 'quire/optim'
 *
 * const config = llamaConfig({ ...sizes.tiny })
 * const trainer = new BlockTrainer({ config, params: initDecoder(config, key(0)), optimizer: adam({ learningRate: 1e-3, counters: 'each' }) })
 * const lisa = new LisaController(trainer, { activeLayers: 1, intervalSteps: 20, seed: 0 })
 * const { active } = lisa.onOptimizerStep(0) // before each step
 */
export class LisaController {
  readonly #trainer: BlockTrainer
  readonly #config: LisaConfig
  readonly #layerOf: LayerOf
  readonly #blocksOf: (interval: number) => readonly number[]
  readonly #store: StateStore
  readonly #layers: number
  #active: readonly number[] = []

  /** @throws InputError for a γ or K that the model does not allow, and for adapters or quantized weights, which decide themselves what trains. */
  constructor(trainer: BlockTrainer, config: LisaConfig) {
    checkModel(trainer, config)
    this.#trainer = trainer
    this.#config = config
    this.#layers = trainer.config.layers
    this.#layerOf = config.layers ?? layerNaming(trainer.paths)
    const { schedule, sampler = 'uniform', activeLayers, seed } = config
    const sample = layerSampler({ sampler, layers: this.#layers, active: activeLayers, seed })
    this.#blocksOf = schedule ? (interval) => scheduled(schedule, interval, this.#layers) : sample
    this.#store = new StateStore(config.offloadFolder)
  }

  /** Blocks that are active at a step, ascending. */
  activeAt(step: number): readonly number[] {
    return this.#blocksOf(Math.floor(step / this.#config.intervalSteps))
  }

  /** Active blocks of the intervals of so many steps, with the first step of each: what `scheduleText` writes. */
  scheduleTo(steps: number): { readonly step: number; readonly active: readonly number[] }[] {
    const { intervalSteps } = this.#config
    return Array.from({ length: Math.ceil(steps / intervalSteps) }, (_, i) => ({ step: i * intervalSteps, active: this.#blocksOf(i) }))
  }

  /**
   * To be called before each optimizer step; never between the batches whose gradients are gathered for one. At the begin of an interval, also at the
   * first step of a run or after a resume, it freezes, unfreezes and drops states.
   */
  onOptimizerStep(step: number): LisaEvent {
    const active = this.activeAt(step)
    const isStart = step % this.#config.intervalSteps === 0
    const before = isStart && step > 0 ? this.activeAt(step - 1) : this.#active
    if (isStart) this.#dropStates(before, active, step)
    this.#active = active
    this.#trainer.setTrainable((path) => this.trains(path, active))
    return {
      step,
      active,
      activated: active.filter((block) => !before.includes(block)),
      frozen: before.filter((block) => !active.includes(block)),
      stateBytes: this.#trainer.bytes.optimizer,
    }
  }

  /** Whether a parameter trains while these blocks are active. */
  trains(path: string, active: readonly number[]): boolean {
    const block = this.#layerOf(path)
    if (block !== null) return active.includes(block)
    const { trainEmbeddings = true, trainFinalNorm = true } = this.#config
    if (path.startsWith('norm.')) return trainFinalNorm
    return path.startsWith('head.') ? trainEmbeddings !== false : trainEmbeddings === true
  }

  /** What gradients are multiplied with: 1, or with `unbiased` one over the probability that the parameter is active. */
  readonly scale = (path: string): number =>
    this.#config.unbiased && this.#layerOf(path) !== null ? this.#layers / this.#config.activeLayers : 1

  /** What a checkpoint must hold beside the trainer's arrays: moments that wait for their blocks. */
  toArrays(): Record<string, NDArray> {
    return this.#store.toArrays()
  }

  fromArrays(arrays: Readonly<Record<string, NDArray>>): void {
    this.#store.fromArrays(arrays)
  }

  #dropStates(before: readonly number[], active: readonly number[], step: number): void {
    const { statePolicy = 'reset-blocks', resetOnRedraw = false } = this.#config
    const { states } = this.#trainer
    const stays = (block: number) => active.includes(block) && before.includes(block) && !resetOnRedraw
    if (statePolicy === 'reset-all') states.drop()
    if (statePolicy === 'reset-blocks') states.drop((path) => this.#layerOf(path) !== null && !stays(this.#layerOf(path)!))
    if (statePolicy !== 'offload') return
    for (const block of before.filter((block) => !active.includes(block)))
      this.#store.put(
        block,
        states.take((path) => this.#layerOf(path) === block),
      )
    if (step === 0) return
    for (const block of active.filter((block) => !before.includes(block))) {
      const kept = this.#store.take(block)
      if (kept) states.put(kept)
    }
  }
}

function checkModel({ config, paths }: BlockTrainer, lisa: LisaConfig): void {
  requireLayers('LISA', lisa.activeLayers, config.layers)
  const { intervalSteps } = lisa
  require('LISA', Number.isInteger(intervalSteps) && intervalSteps >= 1, `the interval is ${intervalSteps} steps`, 'give at least 1')
  const foreign = paths.find((path) => /\.lora\.|\.codes$|^prompt$|\.prefix\./.test(path))
  if (foreign)
    throw new InputError(`the model has an adapter or quantized weights: ${foreign}`, {
      where: 'LISA',
      fix: 'merge it into full weights first: each of them decides itself what trains',
    })
  if (lisa.trainEmbeddings === 'head-only' && config.tied)
    throw new InputError('head and embedding of this model are one matrix', { where: 'LISA', fix: 'train both or neither' })
  if (lisa.unbiased) require('LISA', lisa.activeLayers > 0, 'no block is ever active', 'give active layers, or leave unbiased out')
}

function scheduled(schedule: readonly (readonly number[])[], interval: number, layers: number): readonly number[] {
  const blocks = schedule[interval]
  if (!blocks)
    throw new InputError(`the schedule has ${schedule.length} intervals, and another one begins`, {
      where: 'LISA',
      fix: 'take fewer steps',
    })
  const bad = blocks.find((block) => block >= layers)
  if (bad !== undefined) throw new InputError(`the schedule names block ${bad} of a model of ${layers}`, { where: 'LISA' })
  return blocks
}

/**
 * What a user should know of settings that are allowed.
 *
 * @example
 * lisaWarnings({ intervalSteps: 100 }, 100).length // 1
 */
export function lisaWarnings({ intervalSteps }: Pick<LisaConfig, 'intervalSteps'>, steps: number): string[] {
  return intervalSteps >= steps
    ? [`the interval of ${intervalSteps} steps is as long as the training: the same blocks train all the time`]
    : []
}
