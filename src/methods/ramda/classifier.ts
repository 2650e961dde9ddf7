import { countOf, createBatcher, type Dataset, rows } from '../../data/index.ts'
import { evaluate, fromArray, jit, key, type NDArray, random, type Tensor } from '../../engine/index.ts'
import type { Checkpoint } from '../../experiment/index.ts'
import { accuracy, crossEntropy, type LayeredParams, type Model } from '../../nn/index.ts'
import type { Optimizer } from '../../optim/index.ts'
import { type DataParallel, fromArrays, type TrainState, toArrays, trainStep } from '../../train/index.ts'
import type { Regularizer } from './regularizer.ts'
import { structureReport } from './structure.ts'

export type Classifier = Model<LayeredParams>

/** Examples in rows: x float32 or int32 [n, ...], y int32 [n], or [n, t] where each place has a label. */
export interface Examples extends Dataset {
  readonly x: NDArray
  readonly y: NDArray
}

export interface FitOptions<P> {
  readonly model: Model<P>
  readonly optimizer: Optimizer
  /** What sparsity is measured by; also part of the objective. */
  readonly regularizer: Regularizer
  readonly train: Examples
  readonly test: Examples
  readonly epochs: number
  readonly batch: number
  /** Decides the starting weights and the order of the batches. */
  readonly seed: number
  /** Default: `initialParams`. */
  readonly start?: P
  readonly checkpoint?: Checkpoint
  /** Default: batches are not cut. */
  readonly parallel?: DataParallel
  /** Called after each epoch with what is known of it. */
  onEpoch(epoch: number, values: EpochValues): void
  progress(done: number, total: number, note?: string): Promise<void>
}

export type EpochValues = Readonly<Record<'loss' | 'accuracy' | 'sparsity' | 'pgIterations', number>>

export interface Fitted<P> {
  readonly params: P
  /** How many steps took 0, 1, 2 … proximal-gradient iterations. */
  readonly iterations: readonly number[]
}

/** Trains a classifier, epoch by epoch, from the checkpoint if there is one. */
export async function trainClassifier<P>(options: FitOptions<P>): Promise<Fitted<P>> {
  const { model, optimizer, train, test, epochs, batch, seed, checkpoint } = options
  const batcher = createBatcher(train, { size: batch, seed, last: 'wrap' })
  const step = trainStep((params: P, { x, y }) => crossEntropy(model.apply(params, x), y), optimizer, options.parallel)
  const scored = scorer(model)

  let state: TrainState<P> = await evaluate(step.init(options.start ?? (await initialParams(model, seed))))
  const saved = await checkpoint?.latest()
  if (saved) state = fromArrays(saved.tensors, state)
  const counts = [...((saved?.meta as number[] | undefined) ?? [])]
  const buffer = batcher.at(0)
  for (let epoch = saved?.step ?? 0; epoch < epochs; epoch++) {
    let [loss, iterations] = [0, 0]
    for (let k = 0; k < batcher.stepsPerEpoch; k++) {
      const next = await step(state, batcher.at(epoch * batcher.stepsPerEpoch + k, buffer))
      loss += next.loss / batcher.stepsPerEpoch
      const { pgIterations = 0 } = next.report
      iterations += pgIterations / batcher.stepsPerEpoch
      while (counts.length <= pgIterations) counts.push(0)
      counts[pgIterations]++
      state = { params: next.params, optimizer: next.optimizer }
      await options.progress(epoch * batcher.stepsPerEpoch + k + 1, epochs * batcher.stepsPerEpoch, `epoch ${epoch + 1} of ${epochs}`)
    }
    options.onEpoch(epoch + 1, {
      loss,
      accuracy: (await scored(state.params, test)).accuracy,
      sparsity: structureReport(await toArrays(state.params), options.regularizer).sparsity,
      pgIterations: iterations,
    })
    if (checkpoint?.due()) await checkpoint.save(epoch + 1, await toArrays(state), counts)
  }
  return { params: state.params, iterations: counts }
}

/** Tells the key of the starting weights from other uses of the seed. */
const initialWeights = 1

/** The weights that a seed stands for. */
export const initialParams = <P>(model: Model<P>, seed: number): Promise<P> => evaluate(model.init(random.fold(key(seed), initialWeights)))

/** Examples that are evaluated at a time: a network's activations for all of them would need much memory. */
export const scoredAtOnce = 500

/** The mean loss over all examples, and the share of right answers. */
export function scorer<P>(model: Model<P>): (params: P, examples: Examples) => Promise<{ loss: number; accuracy: number }> {
  const part = jit((params: P, x: Tensor, y: Tensor) => {
    const logits = model.apply(params, x)
    return { loss: crossEntropy(logits, y), accuracy: accuracy(logits, y) }
  })
  return async (params, examples) => {
    const total = { loss: 0, accuracy: 0 }
    const count = countOf(examples)
    for (let begin = 0; begin < count; begin += scoredAtOnce) {
      const size = Math.min(scoredAtOnce, count - begin)
      const { x, y } = rows(
        examples,
        Uint32Array.from({ length: size }, (_, i) => begin + i),
      )
      const { loss, accuracy } = await evaluate(part(params, fromArray(x), fromArray(y)))
      total.loss += ((await loss.item()) * size) / count
      total.accuracy += ((await accuracy.item()) * size) / count
    }
    return total
  }
}
