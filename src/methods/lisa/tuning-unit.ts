import { key, type NDArray } from '../../engine/index.ts'
import type { Findings, UnitContext } from '../../experiment/index.ts'
import type { TrainingBatch } from '../../kits/lm/blocks/index.ts'
import { alwaysOnCount, blockCount } from '../../kits/lm/config.ts'
import { streamScorer } from '../../kits/lm/evaluate.ts'
import { initDecoder } from '../../kits/lm/init.ts'
import { mixtureSampler } from '../../kits/lm/mixture.ts'
import type { DecoderParams } from '../../kits/lm/params.ts'
import { fromArrays } from '../../train/index.ts'
import { type Config, rateKey, type TuningMethod } from './config.ts'
import type { Data } from './data.ts'
import { type LayerNorms, layerNorms, normDefinitions } from './layer-norms.ts'
import { scheduleText } from './schedule-log.ts'
import { isEnd, planOf, type Tuning, type TuningPlan, tuningOf } from './tuning.ts'

export type Context = UnitContext<Config, Data>

/** What is stored beside the measurements. */
export interface TuningDetails {
  /** Active blocks of each interval, with its first step; of LISA. */
  readonly schedule: readonly Interval[]
  /** Means over the steps at which they were taken. */
  readonly layerNorms: LayerNorms
  readonly trainable: number
}

interface Interval {
  readonly step: number
  readonly active: readonly number[]
}

/** What a unit has gathered so far; kept with its checkpoints. */
interface Memory {
  readonly schedule: Interval[]
  norms: { readonly sums: LayerNorms; readonly count: number } | undefined
  /** The most bytes that moments and gradients have taken. */
  largest: number
  loss: number
  /** Numbers that trained in the last step. */
  trainable: number
}

/** Tunes the base model to a text by one method, and scores it on the text and on what it may have forgotten. */
export async function tuningUnit(context: Context): Promise<Findings> {
  const { config, data, checkpoint, log, progress, artifact } = context
  const steps = config.variant === 'untrained' ? 1 : config.steps.tuning
  const base = fromArrays<DecoderParams>(data.base, initDecoder(data.config, key(0)))
  const tuning = tuningOf({ config: data.config, params: base }, ownPlan(context), optionsOf(context, steps))
  const batchAt = batchesOf(context)
  const score = scorerOf(data, config)
  const start = await startArrays(tuning, data)
  let memory: Memory = { schedule: [], norms: undefined, largest: 0, loss: 0, trainable: 0 }
  const saved = await checkpoint.latest()
  if (saved) {
    await tuning.trainer.fromArrays(saved.tensors)
    tuning.controller?.fromArrays(saved.tensors)
    memory = { ...memory, ...(saved.meta as Memory) }
  } else log(0, { curve: await score(await tuning.trainer.params(), data.texts[config.shift].test, config.curveWindows) })
  const every = Math.max(1, Math.round(steps / config.evaluations))
  const begun = performance.now()
  for (let step = saved?.step ?? 0; step < steps; step++) {
    const event = beforeStep(tuning, context, step)
    if (event) memory.schedule.push(event)
    const { loss } = await tuning.trainer.step([batchAt(step)])
    // Gradients exist within a step alone; the arena remembers the most of them at any step.
    memory.largest = Math.max(memory.largest, tuning.trainer.bytes.optimizer + tuning.trainer.arena.peak.gradients)
    memory.loss = loss
    memory.trainable = tuning.trainer.trainableCount()
    const isPoint = (step + 1) % every === 0 || step + 1 === steps
    log(step + 1, { loss, optimizerMiB: tuning.trainer.bytes.optimizer / 2 ** 20 })
    if (isPoint) {
      memory.norms = added(memory.norms, layerNorms(await paramsArrays(tuning), start, data.config.layers))
      log(step + 1, { curve: await score(await tuning.trainer.params(), data.texts[config.shift].test, config.curveWindows) })
    }
    await progress(step + 1, steps, `step ${step + 1} of ${steps}`)
    if (checkpoint.due())
      await checkpoint.save(step + 1, { ...(await tuning.trainer.toArrays()), ...tuning.controller?.toArrays() }, memory)
  }
  const stepSeconds = (performance.now() - begun) / 1000 / steps
  if (tuning.controller) await artifact('schedule.csv', scheduleText(memory.schedule))
  return {
    measurements: { ...(await measurementsOf(tuning, context, score)), ...memoryMeasurements(context, memory), stepSeconds },
    details: {
      schedule: memory.schedule,
      layerNorms: meanOf(memory.norms!),
      trainable: memory.trainable,
    } satisfies TuningDetails,
  }
}

/** Draws where an interval begins. Of the control with dead blocks, those that are active have gradients, and nothing else. */
function beforeStep({ trainer, controller }: Tuning, { config }: Context, step: number): Interval | undefined {
  if (!controller) return undefined
  const { active } = controller.onOptimizerStep(step)
  if (config.variant === 'late-blocks-dead') trainer.setTrainable(isEnd)
  return step % config.intervalSteps === 0 ? { step, active } : undefined
}

function ownPlan({ config, seed, data }: Context): TuningPlan {
  const { method, rank, intervalSteps, sampler, statePolicy, resetOnRedraw, variant } = config
  const ends = variant !== 'frozen-ends'
  return planOf(method, {
    ...{ intervalSteps, sampler, statePolicy, resetOnRedraw, rank, trainEmbeddings: ends, trainFinalNorm: ends },
    activeLayers: Math.min(config.activeLayers, data.config.layers),
    seed: seed + config.firstSeed,
  })
}

const optionsOf = ({ config }: Context, steps: number) => ({
  learningRate: config.learningRate[rateKey[config.method as TuningMethod]],
  steps,
  warmup: Math.min(20, Math.floor(config.steps.tuning / 6)),
})

/** Windows of the text, a function of seed and step: arms of one seed see the same. */
function batchesOf({ config, data, seed }: Context): (step: number) => TrainingBatch {
  const sampler = mixtureSampler({
    corpora: { text: data.texts[config.shift].train },
    stages: [{ name: 'tuning', steps: config.steps.tuning, weights: { text: 1 } }],
    batch: config.batch,
    context: config.context,
    seed: seed + config.firstSeed,
  })
  return (step) => {
    const { x, y } = sampler.at(step)
    return { ids: x, labels: y }
  }
}

/** Bits a byte of a text, on its first windows where not all are wanted. */
type Scorer = (params: DecoderParams, text: Uint8Array, windows?: number) => Promise<number>

function scorerOf(data: Data, { context, batch, testWindows }: Config): Scorer {
  const stream = streamScorer(data.config, { context, batch })
  return async (params, text, windows = testWindows || Number.POSITIVE_INFINITY) => {
    const { bits, tokens } = await stream(params, text.subarray(0, Math.min(text.length, windows * context + 1)))
    return bits / tokens
  }
}

/** Bits a byte of the base model, by text: the same for all units of a process. */
const baseBits = new WeakMap<Uint8Array, Promise<number>>()

async function measurementsOf({ trainer }: Tuning, { data, config }: Context, score: Scorer): Promise<Record<string, number>> {
  const params = await trainer.params()
  const base = fromArrays<DecoderParams>(data.base, initDecoder(data.config, key(0)))
  const before = (text: Uint8Array) => {
    if (!baseBits.has(text)) baseBits.set(text, score(base, text))
    return baseBits.get(text)!
  }
  const { test, validation } = data.texts[config.shift]
  const { eng, code } = data.source
  return {
    bpb: await score(params, test),
    validationBpb: await score(params, validation),
    baseBpb: await before(test),
    forgettingEnglish: (await score(params, eng)) - (await before(eng)),
    forgettingCode: (await score(params, code)) - (await before(code)),
  }
}

/** The most that moments and gradients took, against 12 bytes for each number that trains: embedding, last norm, head, γ blocks. */
function memoryMeasurements({ config, data }: Context, { largest }: Memory): Record<string, number> {
  const trained = alwaysOnCount(data.config) + Math.min(config.activeLayers, data.config.layers) * blockCount(data.config)
  return { liveMiB: largest / 2 ** 20, liveOverPlan: largest / (12 * trained) }
}

const paramsArrays = async ({ trainer }: Tuning): Promise<Record<string, NDArray>> =>
  Object.fromEntries(
    Object.entries(await trainer.toArrays()).flatMap(([name, array]) => (name.startsWith('params.') ? [[name.slice(7), array]] : [])),
  )

/** Parameters at the start: those of the base, also of a run that was resumed. */
const startArrays = async (tuning: Tuning, { base }: Data): Promise<Record<string, NDArray>> => ({
  ...(await paramsArrays(tuning)),
  ...base,
})

function added(norms: Memory['norms'], more: LayerNorms): NonNullable<Memory['norms']> {
  if (!norms) return { sums: more, count: 1 }
  return { sums: eachLayer(norms.sums, (value, definition, i) => value + more[definition][i]), count: norms.count + 1 }
}

const meanOf = ({ sums, count }: NonNullable<Memory['norms']>): LayerNorms => eachLayer(sums, (value) => value / count)

const eachLayer = (norms: LayerNorms, change: (value: number, definition: keyof LayerNorms, layer: number) => number): LayerNorms =>
  Object.fromEntries(
    normDefinitions.map((definition) => [definition, norms[definition].map((value, layer) => change(value, definition, layer))]),
  ) as unknown as LayerNorms
