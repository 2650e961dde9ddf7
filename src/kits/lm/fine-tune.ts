import { InputError, type NDArray, NotFiniteError, ndarray, scalar, snapshot, type Tensor } from '../../engine/index.ts'
import { foldKey } from '../../engine/threefry.ts'
import { adafactor, adam, clipByGlobalNorm, type Optimizer, warmupDecay } from '../../optim/index.ts'
import { type TrainState, trainStep } from '../../train/index.ts'
import { completionScorer } from './completion-score.ts'
import type { DecoderConfig } from './config.ts'
import { forward } from './decoder.ts'
import { languageLoss } from './loss.ts'
import type { DecoderParams } from './params.ts'
import type { Adapter, AdapterParams } from './peft/adapter.ts'
import { withAdapter } from './peft/with-adapter.ts'
import { type EncodedExample, type SftSchedule, sftBatch, sftSchedule } from './sft.ts'

export interface FineTuneOptions {
  /** The peak of the learning rate. */
  readonly learningRate: number
  /** Default: as many as `epochs` takes. */
  readonly steps?: number
  readonly epochs?: number
  /** Examples a step. */
  readonly batch?: number
  /** Lengths of rows, rising; one graph is compiled for each. */
  readonly buckets?: readonly number[]
  readonly optimizer?: 'adamw' | 'adafactor'
  readonly weightDecay?: number
  /** Steps of the rise; default a twentieth. */
  readonly warmup?: number
  readonly schedule?: 'linear' | 'cosine' | 'constant'
  /** The largest norm of the gradient. */
  readonly clip?: number
  readonly seed?: number
  /** How often the validation loss is taken, in epochs; default 0.2. The adapter with the least is kept. */
  readonly validateEvery?: number
  /** Keep the last adapter, whatever the validation loss says. */
  readonly keepLast?: boolean
  /** Keep no activations within blocks: less memory, more time. */
  readonly recompute?: boolean
}

export const fineTuneDefaults = {
  batch: 16,
  epochs: 5,
  buckets: [128, 192, 256, 400],
  clip: 1,
  validateEvery: 0.2,
  optimizer: 'adamw',
  schedule: 'linear',
} as const

/** Everything that fine-tuning changes, as a tree of tensors: save it after any step, and training goes on with the same bits. */
export interface FineTuneState {
  readonly training: TrainState<AdapterParams>
  /** What is kept if nothing better comes. */
  readonly best: AdapterParams
  /** Its validation loss in bits a byte, +∞ before the first; float64, as it was computed. */
  readonly bestLoss: Tensor
}

/** What a step tells. */
export interface FineTuneStep {
  readonly state: FineTuneState
  /** Nats a token, before the update. */
  readonly loss: number
  /** Bits a byte of the validation completions after the update, where it was taken. */
  readonly validation?: number
}

/** Supervised fine-tuning, step by step; whoever calls it keeps the state. */
export interface FineTuning {
  readonly steps: number
  readonly stepsPerEpoch: number
  start(): FineTuneState
  /** Step k, from 0. Uses the state up. @throws NotFiniteError that names the step and the examples. */
  step(state: FineTuneState, k: number): Promise<FineTuneStep>
  /** The adapter that is kept. */
  result(state: FineTuneState): Promise<Adapter>
}

export interface FineTuneInput {
  readonly base: { readonly config: DecoderConfig; readonly params: DecoderParams }
  readonly adapter: Adapter
  readonly train: readonly EncodedExample[]
  /** Without any the last adapter is kept. */
  readonly validation?: readonly EncodedExample[]
}

/**
 * Fine-tunes an adapter on the completions of examples; the base stays as it is, and gradients are taken of the adapter's tensors alone.
 *
 * @throws InputError for examples that no bucket holds, or none.
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * const base = { config, params: initDecoder(config, key(0)) }
 * const { examples } = encodeExamples([{ id: 1, prompt: 'one', completion: 'x = 1' }], byteTokenizer)
 * const tuning = fineTuning({ base, adapter: initAdapter({ kind: 'lora' }, base, key(1)), train: examples }, { learningRate: 1e-3, steps: 2, batch: 1 })
 * let state = tuning.start()
 * for (let k = 0; k < tuning.steps; k++) state = (await tuning.step(state, k)).state
 * const adapter = await tuning.result(state)
 */
export function fineTuning({ base, adapter, train, validation = [] }: FineTuneInput, options: FineTuneOptions): FineTuning {
  const { batch, epochs, buckets, validateEvery } = { ...fineTuneDefaults, ...options }
  const { seed = 0, keepLast = false } = options
  const schedule = sftSchedule(train, { size: batch, buckets, seed })
  const steps = options.steps ?? Math.ceil(epochs * schedule.stepsPerEpoch)
  if (steps < 1) throw new InputError(`fine-tuning takes at least 1 step, not ${steps}`)
  const take = trainStep<AdapterParams, StepBatch>(lossOf(base, adapter, options), optimizerOf(options, steps))
  const validate = validator(base, adapter, validation, buckets)
  const interval = Math.max(1, Math.round(validateEvery * schedule.stepsPerEpoch))
  const isDue = (k: number) => !keepLast && validation.length > 0 && ((k + 1) % interval === 0 || k + 1 === steps)
  const dropoutKey = foldKey([0, seed], 0x64726f70)
  return {
    steps,
    stepsPerEpoch: schedule.stepsPerEpoch,
    start: () => ({ training: take.init(adapter.params), best: adapter.params, bestLoss: scalar(Number.POSITIVE_INFINITY, 'float64') }),
    async step({ training, best, bestLoss }, k) {
      const next = await naming(train, schedule, k, () => take(training, batchAt(train, schedule, k, foldKey(dropoutKey, k))))
      const state = { training: { params: next.params, optimizer: next.optimizer }, best, bestLoss }
      if (!isDue(k)) return { state, loss: next.loss }
      const loss = await validate(next.params)
      const isBetter = loss < (await bestLoss.item())
      const kept = isBetter ? { best: await snapshot(next.params), bestLoss: scalar(loss, 'float64') } : {}
      return { state: { ...state, ...kept }, loss: next.loss, validation: loss }
    },
    async result({ training, best }) {
      return { ...adapter, params: await snapshot(keepLast || validation.length === 0 ? training.params : best) }
    },
  }
}

type StepBatch = { ids: NDArray; labels: NDArray; key: NDArray }

function lossOf({ config, params }: FineTuneInput['base'], adapter: Adapter, { recompute = false }: FineTuneOptions) {
  return (own: AdapterParams, { ids, labels, key }: Record<keyof StepBatch, Tensor>) => {
    const adapted = withAdapter(params, { ...adapter, params: own }, { key })
    return languageLoss(forward(config, adapted, { ids }, { recompute }), labels)
  }
}

function optimizerOf({ learningRate, warmup, weightDecay = 0, ...options }: FineTuneOptions, steps: number): Optimizer {
  const { optimizer, schedule, clip } = { ...fineTuneDefaults, ...options }
  const rise = Math.min(warmup ?? Math.round(steps / 20), steps - 1)
  const rate = warmupDecay(learningRate, { warmup: rise, steps, shape: schedule })
  const plain: Optimizer =
    optimizer === 'adafactor' ? adafactor({ learningRate: rate, weightDecay }) : adam({ learningRate: rate, beta2: 0.95, weightDecay })
  return clipByGlobalNorm(plain, clip)
}

function batchAt(train: readonly EncodedExample[], schedule: SftSchedule, k: number, key: readonly number[]): StepBatch {
  const { indices, length } = schedule.at(k)
  const { ids, labels } = sftBatch(
    indices.map((i) => train[i]),
    length,
  )
  return { ids, labels, key: ndarray(Uint32Array.from(key), [2], 'uint32') }
}

/** Bits a byte over all validation completions. */
function validator(
  { config, params }: FineTuneInput['base'],
  adapter: Adapter,
  examples: readonly EncodedExample[],
  buckets: readonly number[],
) {
  const score = completionScorer(config)
  const bytes = examples.reduce((sum, { bytes }) => sum + bytes, 0)
  return async (own: AdapterParams): Promise<number> => {
    const bits = await score(withAdapter(params, { ...adapter, params: own }), examples, { buckets })
    return bits.reduce((sum, value) => sum + value, 0) / bytes
  }
}

async function naming<T>(train: readonly EncodedExample[], schedule: SftSchedule, k: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof NotFiniteError)) throw error
    const ids = schedule.at(k).indices.map((i) => train[i].id)
    throw new NotFiniteError(`step ${k + 1}, examples ${ids.join(', ')}: ${error.message}`, { cause: error })
  }
}
