import { draws, seedKey } from '../../data/draws.ts'
import { createBatcher } from '../../data/index.ts'
import { fromArray, ndarray, sizeOf, type Tensor } from '../../engine/index.ts'
import { foldKey, type KeyWords } from '../../engine/threefry.ts'
import type { DiffusionConfig, LevelTensors } from './denoiser.ts'
import { weightOf } from './loss.ts'
import type { NoiseLevel, NoiseProcess } from './process.ts'
import { normalNoise } from './samplers/noise.ts'
import type { DrawnTime } from './time-draws.ts'
import type { TrainingData, TrainingRecipe } from './training.ts'
import { type ReverseStep, reverseStep } from './variational.ts'

/** What a seed is used for in training: streams of different uses never meet. */
const uses = { noise: 0x74726e7a, units: 0x756e6974, times: 0x74696d65, levels: 0x6c65766c, labels: 0x6c61626c } as const

/** What the compiled step takes, beside its state. */
export interface StepBatch extends LevelTensors {
  /** float32 [n, ...shape] */
  readonly x: Tensor
  /** Standard normal, of the same shape. Drawn on the host, which takes a fifth of the time that it takes in the graph. */
  readonly eps: Tensor
  /** float32 [n]: of the squared errors. */
  readonly weight: Tensor
  /** float32 [n]: what makes up for times that are drawn too often. */
  readonly share: Tensor
  /** uint32 [2]: of the units that are dropped. */
  readonly key: Tensor
  /** int32 [n] */
  readonly label?: Tensor
  /** Where the variance is learned: of the reverse steps, float32 [n] each. */
  readonly step?: Readonly<Record<keyof ReverseStep, Tensor>>
}

/** The batches of a training, each a function of the seed, the step and the times that were drawn. */
export interface StepBatches {
  /** Uniform numbers to draw the times of step k from. */
  uniforms(k: number): number[]
  /** Fills the same buffers for every step. */
  at(k: number, drawn: readonly DrawnTime[]): StepBatch
}

export function stepBatches(
  config: DiffusionConfig,
  recipe: TrainingRecipe,
  data: TrainingData,
  process: NoiseProcess,
  seed: number,
): StepBatches {
  const n = recipe.batch
  const batcher = createBatcher({ x: data.x, ...(data.labels && { label: data.labels }) }, { size: n, seed })
  const keys = Object.fromEntries(Object.entries(uses).map(([name, use]) => [name, seedKey(seed, use)])) as Record<
    keyof typeof uses,
    KeyWords
  >
  const draw = (use: keyof typeof uses, k: number) => draws(foldKey(keys[use], k))
  const row = () => new Float32Array(n)
  const floats = { signal: row(), noise: row(), condition: row(), weight: row(), share: row() }
  const eps = new Float32Array(n * sizeOf(config.shape))
  const noise = normalNoise(seed, uses.noise, eps.length)
  let rows: ReturnType<typeof batcher.at> | undefined
  const levelOf = levelDraw(config, process)
  const weighting = recipe.weighting === 'vlb' ? 'simple' : recipe.weighting

  return {
    uniforms(k) {
      const { uniform } = draw('times', k)
      return Array.from({ length: n }, () => uniform())
    },
    at(k, drawn) {
      rows = batcher.at(k, rows)
      noise(k, { first: 0, count: 1 }, eps)
      const levels = draw('levels', k)
      for (const [i, { time, weight }] of drawn.entries()) {
        const level = levelOf(time, levels.uniform)
        floats.signal[i] = level.signal
        floats.noise[i] = level.noise
        floats.condition[i] = level.condition
        floats.weight[i] = weightOf(config, weighting, level, process.sde(time).diffusion)
        floats.share[i] = weight
      }
      const step = config.variance && stepTensors(drawn.map(({ time }) => reverseStep(process, time)))
      const label = labelsFor(rows.label?.data, draw('labels', k).uniform)
      const tensors = Object.fromEntries(Object.entries(floats).map(([name, data]) => [name, fromArray(ndarray(data, [n], 'float32'))]))
      return {
        ...(tensors as Record<keyof typeof floats, Tensor>),
        x: fromArray(rows.x),
        eps: fromArray(ndarray(eps, rows.x.shape, 'float32')),
        key: fromArray(ndarray(Uint32Array.from(foldKey(keys.units, k)), [2], 'uint32')),
        ...(label && { label: fromArray(ndarray(label, [n], 'int32')) }),
        ...(step && { step }),
      }
    },
  }

  /** Labels of a batch, some of them replaced by the one that stands for "none". */
  function labelsFor(labels: ArrayLike<number> | undefined, uniform: () => number): Int32Array | undefined {
    const { classes } = config
    if (classes === undefined) return undefined
    return Int32Array.from({ length: n }, (_, i) => (labels === undefined || uniform() < (recipe.labelDropout ?? 0) ? classes : labels[i]))
  }
}

const stepTensors = (steps: readonly ReverseStep[]): Record<keyof ReverseStep, Tensor> => {
  const row = (of: (step: ReverseStep) => number) => fromArray(ndarray(Float32Array.from(steps, of), [steps.length], 'float32'))
  return { least: row(({ least }) => least), most: row(({ most }) => most), gain: row(({ gain }) => gain), last: row(({ last }) => last) }
}

/** Networks that are told the noise level itself see all of them: γ is uniform between the signals of a step and the one before (Saharia et al. 2021). */
function levelDraw({ network }: DiffusionConfig, process: NoiseProcess): (time: number, uniform: () => number) => NoiseLevel {
  const isContinuous = network.kind === 'unet' && network.embedding === 'gamma' && process.config.kind === 'discrete'
  if (!isContinuous) return (time) => process.at(time)
  return (time, uniform) => {
    const [low, high] = [process.at(time).signal, process.at(time - 1).signal]
    const signal = low + uniform() * (high - low)
    return { signal, noise: Math.sqrt(1 - signal * signal), condition: time - 1 }
  }
}
