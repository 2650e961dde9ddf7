import { key, type NDArray, snapshot } from '../../engine/index.ts'
import {
  type DiffusionConfig,
  type DiffusionModel,
  diffusionTrainer,
  modelNetwork,
  type TrainerState,
  type TrainingData,
  type TrainingRecipe,
} from '../../kits/diffusion/index.ts'
import { fromArrays, toArrays } from '../../train/index.ts'

/** Where an interrupted session goes on from: the checkpoints of an experiment's unit, or a file. */
export interface Saving {
  due(): boolean
  save(step: number, tensors: Readonly<Record<string, NDArray>>, meta?: unknown): Promise<void>
  latest(): Promise<{ readonly step: number; readonly tensors: Readonly<Record<string, NDArray>>; readonly meta: unknown } | undefined>
  /** Removes what is saved. */
  forget(): Promise<void>
}

/** A step of one of a session's trainings. */
export interface StepTaken {
  /** Of the training. */
  readonly name: string
  /** From 1, of this training, and of all together. */
  readonly step: number
  readonly done: number
  readonly loss: number
}

export interface SessionOptions {
  readonly saving: Saving
  readonly data: TrainingData
  /** After each step. */
  onStep?(taken: StepTaken): Promise<void> | void
}

/** One training of a session. */
export interface Training {
  /** Tells it apart from the session's others. */
  readonly name: string
  readonly config: DiffusionConfig
  readonly recipe: TrainingRecipe
  readonly seed: number
  /** Parameters to start from; fresh ones otherwise. */
  readonly start?: unknown
}

/** What a checkpoint says beside its tensors. */
interface Meta {
  /** The training that runs. */
  readonly name: string
  /** Steps of it. */
  readonly step: number
  readonly finished: readonly string[]
}

/**
 * Trainings one after the other that can be killed together: those that were finished are taken from the checkpoint, the one that ran goes on where it was
 * saved, and all ends with the same bits. What comes between two trainings (pruning) is done again.
 *
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 8, hidden: [8, 8] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const x = await random.normal(key(1), [64, 2]).ndarray()
 * const saving = { due: () => false, save: async () => {}, latest: async () => undefined, forget: async () => {} } // in memory alone
 * const session = await TrainingSession.open({ saving, data: { x } })
 * const recipe = { steps: 3, batch: 16, learningRate: 1e-3 }
 * const model = await session.train({ name: 'base', config, recipe, seed: 0 })
 * model.config.shape // [2]
 */
export class TrainingSession {
  readonly #options: SessionOptions
  readonly #restored: Awaited<ReturnType<Saving['latest']>>
  readonly #finished = new Map<string, Record<string, NDArray>>()
  /** The training that the newest checkpoint is of. */
  #saved: string | undefined
  #done = 0

  private constructor(options: SessionOptions, restored: Awaited<ReturnType<Saving['latest']>>) {
    this.#options = options
    this.#restored = restored
    this.#saved = this.#meta?.name
  }

  static async open(options: SessionOptions): Promise<TrainingSession> {
    return new TrainingSession(options, await options.saving.latest())
  }

  get #meta(): Meta | undefined {
    return this.#restored?.meta as Meta | undefined
  }

  /** Counts steps that need not be taken: of a model that is there already. */
  skip(steps: number): void {
    this.#done += steps
  }

  /** Leaves a finished training out of checkpoints: its model is kept elsewhere. */
  async forget(name: string): Promise<void> {
    this.#finished.delete(name)
    if (this.#saved !== name) return
    await this.#options.saving.forget()
    this.#saved = undefined
  }

  /** The model, with the moving average of its parameters. @throws NotFiniteError where training goes to infinity. */
  async train({ name, config, recipe, seed, start }: Training): Promise<DiffusionModel> {
    const { data } = this.#options
    const like = modelNetwork(config).init(key(0))
    const arrays = this.#meta?.finished.includes(name)
      ? under(this.#restored!.tensors, `finished.${name}.`)
      : await toArrays(await this.#trained({ name, config, recipe, seed, start }))
    if (this.#meta?.finished.includes(name)) this.#done += recipe.steps
    this.#finished.set(name, arrays)
    return { config, params: fromArrays(arrays, like), ...(data.centre && { centre: data.centre }) }
  }

  async #trained({ name, config, recipe, seed, start }: Training): Promise<unknown> {
    const { saving, data, onStep } = this.#options
    // However few steps a group has, some are left for the rate to fall.
    const trainer = diffusionTrainer(config, { ...recipe, warmup: Math.min(recipe.warmup ?? 0, recipe.steps - 1) }, data, seed)
    let state: TrainerState = trainer.start(start)
    const goesOn = this.#meta?.name === name
    if (goesOn) state = fromArrays(under(this.#restored!.tensors, 'state.'), state, 'checkpoint')
    const first = goesOn ? this.#meta!.step : 0
    this.#done += first
    for (let k = first; k < recipe.steps; k++) {
      const next = await trainer.step(state, k)
      state = next.state
      this.#done++
      await onStep?.({ name, step: k + 1, done: this.#done, loss: next.loss })
      if (saving.due()) await this.#save({ name, step: k + 1, finished: [...this.#finished.keys()] }, state)
    }
    return snapshot(state.ema)
  }

  async #save(meta: Meta, state: TrainerState): Promise<void> {
    const finished = [...this.#finished].flatMap(([name, arrays]) =>
      Object.entries(arrays).map(([path, array]) => [`finished.${name}.${path}`, array] as const),
    )
    await this.#options.saving.save(this.#done, { ...Object.fromEntries(finished), ...(await toArrays({ state })) }, meta)
    this.#saved = meta.name
  }
}

/** The arrays whose names begin so, without that beginning. */
const under = (arrays: Readonly<Record<string, NDArray>>, prefix: string): Record<string, NDArray> =>
  Object.fromEntries(
    Object.entries(arrays).flatMap(([name, array]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), array]] : [])),
  )
