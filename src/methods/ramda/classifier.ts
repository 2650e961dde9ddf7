import { createBatcher, type Dataset } from '../../data/index.ts'
import { evaluate, fromArray, jit, key, type NDArray, random, type Tensor } from '../../engine/index.ts'
import type { Checkpoint } from '../../experiment/index.ts'
import { accuracy, crossEntropy, type LayeredParams, type Model } from '../../nn/index.ts'
import type { Optimizer } from '../../optim/index.ts'
import { fromArrays, type TrainState, toArrays, trainStep } from '../../train/index.ts'
import type { Regularizer } from './regularizer.ts'
import { structureReport } from './structure.ts'

export type Classifier = Model<LayeredParams>

/** Examples in rows: x float32 [n, ...], y int32 [n]. */
export interface Examples extends Dataset {
  readonly x: NDArray
  readonly y: NDArray
}

export interface FitOptions {
  readonly model: Classifier
  readonly optimizer: Optimizer
  /** What sparsity is measured by; also part of the objective. */
  readonly regularizer: Regularizer
  readonly train: Examples
  readonly test: Examples
  readonly epochs: number
  readonly batch: number
  /** Decides the starting weights and the order of the batches. */
  readonly seed: number
  readonly checkpoint?: Checkpoint
  /** Called after each epoch with what is known of it. */
  onEpoch(epoch: number, values: EpochValues): void
  progress(done: number, total: number, note?: string): Promise<void>
}

export type EpochValues = Readonly<Record<'loss' | 'accuracy' | 'sparsity' | 'pgIterations', number>>

/** Trains a classifier, epoch by epoch, from the checkpoint if there is one. Returns the parameters. */
export async function trainClassifier(options: FitOptions): Promise<LayeredParams> {
  const { model, optimizer, train, test, epochs, batch, seed, checkpoint } = options
  const batcher = createBatcher(train, { size: batch, seed, last: 'wrap' })
  const step = trainStep((params: LayeredParams, { x, y }) => crossEntropy(model.apply(params, x), y), optimizer)
  const testAccuracy = jit((params: LayeredParams, x: Tensor, y: Tensor) => accuracy(model.apply(params, x), y))
  const testSet = [fromArray(test.x), fromArray(test.y)] as const

  let state: TrainState<LayeredParams> = await evaluate(step.init(model.init(random.fold(key(seed), initialWeights))))
  const saved = await checkpoint?.latest()
  if (saved) state = fromArrays(saved.tensors, state)
  const buffer = batcher.at(0)
  let lastSave = performance.now()
  for (let epoch = saved?.step ?? 0; epoch < epochs; epoch++) {
    let [loss, iterations] = [0, 0]
    for (let k = 0; k < batcher.stepsPerEpoch; k++) {
      const next = await step(state, batcher.at(epoch * batcher.stepsPerEpoch + k, buffer))
      loss += next.loss / batcher.stepsPerEpoch
      iterations += (next.report.pgIterations ?? 0) / batcher.stepsPerEpoch
      state = { params: next.params, optimizer: next.optimizer }
      await options.progress(epoch * batcher.stepsPerEpoch + k + 1, epochs * batcher.stepsPerEpoch)
    }
    options.onEpoch(epoch + 1, {
      loss,
      accuracy: await testAccuracy(state.params, ...testSet).item(),
      sparsity: structureReport(await toArrays(state.params), options.regularizer).sparsity,
      pgIterations: iterations,
    })
    if (checkpoint && performance.now() - lastSave > saveEvery) {
      await checkpoint.save(epoch + 1, await toArrays(state))
      lastSave = performance.now()
    }
  }
  return state.params
}

/** Milliseconds between checkpoints: synced writes cost more than the epochs of a small model, and any of them resumes to the same numbers. */
const saveEvery = 3_000

/** Tells the key of the starting weights from other uses of the seed. */
const initialWeights = 1

/** The mean loss over all examples, and the share of right answers. */
export async function score(model: Classifier, params: LayeredParams, { x, y }: Examples): Promise<{ loss: number; accuracy: number }> {
  const result = jit((p: LayeredParams, x: Tensor, y: Tensor) => {
    const logits = model.apply(p, x)
    return { loss: crossEntropy(logits, y), accuracy: accuracy(logits, y) }
  })(params, fromArray(x), fromArray(y))
  await evaluate(result)
  return { loss: await result.loss.item(), accuracy: await result.accuracy.item() }
}
