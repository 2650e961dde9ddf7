import { rows } from '../../data/index.ts'
import { add, evaluate, fromArray, jit, mean, mul, type NDArray, ndarray, sizeOf, square, sub, type Tensor } from '../../engine/index.ts'
import type { Denoiser, LevelTensors } from './denoiser.ts'
import { perExample } from './prediction.ts'
import type { NoiseLevel } from './process.ts'
import { normalNoise } from './samplers/noise.ts'
import type { TrainingData } from './training.ts'

/** The mean squared errors of a denoiser's estimates at one level of noise, over examples and elements. */
export interface LevelLoss {
  readonly time: number
  readonly sigma: number
  readonly x0: number
  readonly eps: number
  /** Standard error of `x0` over examples. */
  readonly x0Error: number
}

export interface DenoisingLossOptions {
  /** Of the noise: the same for every denoiser, so that their losses can be compared. */
  readonly seed?: number
  /** Rows computed together; the same losses for any, up to rounding. */
  readonly batch?: number
}

/**
 * How well a denoiser finds data that it is given with noise at some times of its process: on data kept out of training, what tells memory from learning.
 *
 * @example
 * const config = {
 *   network: { kind: 'mlp', width: 32, hidden: [32] },
 *   process: { kind: 'discrete', steps: 100, schedule: 'cosine' },
 *   predict: 'eps',
 *   shape: [2],
 * } as const
 * const x = await random.normal(key(1), [64, 2]).ndarray()
 * const [low, high] = await denoisingLoss(denoiserOf(initModel(config, key(0))), { x }, [10, 90])
 */
export async function denoisingLoss(
  denoiser: Denoiser,
  data: TrainingData,
  times: readonly number[],
  { seed = 0, batch = 256 }: DenoisingLossOptions = {},
): Promise<LevelLoss[]> {
  const count = data.x.shape[0]
  const noise = normalNoise(seed, noiseUse, sizeOf(denoiser.shape))
  const compiled = new Map<unknown, ReturnType<typeof errorsOf>>()
  const losses: LevelLoss[] = []
  for (const [draw, time] of times.entries()) {
    const level = denoiser.process.at(time)
    const served = denoiser.at(time)
    if (!compiled.has(served)) compiled.set(served, errorsOf(served, data.centre ?? denoiser.centre))
    const found = { x0: new Float64Array(count), eps: new Float64Array(count) }
    for (const indices of wholeBatches(count, batch)) {
      const inputs = batchAt(denoiser, data, level, indices, (into) => noise(draw, { first: indices[0], count: indices.length }, into))
      const errors = await evaluate(compiled.get(served)!(served.params, inputs))
      for (const name of ['x0', 'eps'] as const) found[name].set(await errors[name].data(), indices[0])
    }
    losses.push({ time, sigma: level.noise / level.signal, x0: meanOf(found.x0), eps: meanOf(found.eps), x0Error: errorOfMean(found.x0) })
  }
  return losses
}

/** What the noise is drawn for. */
const noiseUse = 0x68656c64

interface LevelBatch extends LevelTensors {
  readonly x: Tensor
  readonly eps: Tensor
  readonly label?: Tensor
}

/** Each example's mean squared error of x₀ and of ε. */
function errorsOf({ estimate }: ReturnType<Denoiser['at']>, centre: NDArray | undefined) {
  return jit((params: unknown, { x, eps, label, ...level }: LevelBatch) => {
    const x0 = centre ? sub(x, fromArray(centre)) : x
    const noisy = add(mul(perExample(level.signal, x), x0), mul(perExample(level.noise, x), eps))
    const found = estimate(params, noisy, level, label && { label })
    const axes = x.shape.slice(1).map((_, i) => i + 1)
    return { x0: mean(square(sub(found.x0, x0)), { axes }), eps: mean(square(sub(found.eps, eps)), { axes }) }
  })
}

/** Indices of batches of one size; the last goes back so far that it is whole. */
function* wholeBatches(count: number, batch: number): Generator<number[]> {
  const size = Math.min(batch, count)
  for (let first = 0; first < count; first += size) {
    const start = Math.min(first, count - size)
    yield Array.from({ length: size }, (_, i) => start + i)
  }
}

function batchAt(
  { shape, classes }: Denoiser,
  { x, labels }: TrainingData,
  { signal, noise, condition }: NoiseLevel,
  indices: readonly number[],
  fill: (into: Float32Array) => void,
): LevelBatch {
  const n = indices.length
  const taken = rows({ x, ...(labels && { labels }) }, indices)
  const eps = new Float32Array(n * sizeOf(shape))
  fill(eps)
  const label = classes === undefined ? undefined : (taken.labels ?? ndarray(new Int32Array(n).fill(classes), [n], 'int32'))
  const row = (value: number) => fromArray(ndarray(new Float32Array(n).fill(value), [n], 'float32'))
  return {
    x: fromArray(taken.x),
    eps: fromArray(ndarray(eps, taken.x.shape, 'float32')),
    signal: row(signal),
    noise: row(noise),
    condition: row(condition),
    ...(label && { label: fromArray(label) }),
  }
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

function errorOfMean(values: Float64Array): number {
  const centre = meanOf(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / Math.max(1, values.length - 1) / values.length)
}

/** Losses on data of training and on data kept out of it, at the same levels. */
export interface Measured {
  readonly train: readonly LevelLoss[]
  readonly heldOut: readonly LevelLoss[]
}

/**
 * The levels at which a network goes on learning its training data, and no more what all data have in common: the held-out error of the last of several
 * measurements is above the least one, by more than twice its standard error, and the training error is below what it was then.
 *
 * @example
 * const at = (x0: number) => [{ time: 1, sigma: 0.5, x0, eps: 1, x0Error: 0.01 }]
 * risingLevels([{ train: at(0.3), heldOut: at(0.3) }, { train: at(0.2), heldOut: at(0.4) }]) // [{ sigma: 0.5, least: 0.3, last: 0.4 }]
 */
export function risingLevels(history: readonly Measured[]): { sigma: number; least: number; last: number }[] {
  const now = history.at(-1)
  return (now?.heldOut ?? []).flatMap(({ sigma, x0: last, x0Error }, i) => {
    const best = history.reduce((found, each) => (each.heldOut[i].x0 < found.heldOut[i].x0 ? each : found))
    const least = best.heldOut[i].x0
    return last > least + 2 * x0Error && now!.train[i].x0 < best.train[i].x0 ? [{ sigma, least, last }] : []
  })
}
