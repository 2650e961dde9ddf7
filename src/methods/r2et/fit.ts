import { createBatcher, type Dataset } from '../../data/index.ts'
import { evaluate, fold, key, type NDArray, type Tensor } from '../../engine/index.ts'
import type { LayeredParams } from '../../nn/index.ts'
import type { Optimizer } from '../../optim/index.ts'
import { type DataParallel, trainStep } from '../../train/index.ts'
import type { Network } from './network.ts'
import { type ObjectiveOptions, r2etObjective } from './objective.ts'

/** x float32 [n, features], y int32 [n]. */
export interface Examples extends Dataset {
  readonly x: NDArray
  readonly y: NDArray
}

type FitBatch = { readonly x: NDArray; readonly y: NDArray; readonly key: Tensor }

export interface FitOptions<P = LayeredParams> {
  readonly network: Network<P>
  readonly objective: ObjectiveOptions
  readonly optimizer: Optimizer
  readonly train: Examples
  readonly epochs: number
  /** Epochs that an earlier fit has seen: the order of the data goes on from there. */
  readonly firstEpoch?: number
  readonly batch: number
  /** Decides the order, and the random sets of a control. */
  readonly seed: number
  /** Default: batches are not cut. */
  readonly parallel?: DataParallel
  onEpoch?(epoch: number, loss: number): void
  progress(done: number, total: number, note?: string): Promise<void>
}

/**
 * Trains from the given parameters, and uses them up.
 *
 * @example
 * import { adam } from 'quire/optim'
 *
 * const network = smoothNetwork({ features: 4, classes: 2, hidden: [8] })
 * const train = { x: await random.normal(key(1), [16, 4]).ndarray(), y: await zeros([16], 'int32').ndarray() }
 * const optimizer = adam({ learningRate: 3e-3 })
 * const options = { network, objective: { k: 2 }, optimizer, train, epochs: 2, batch: 8, seed: 0, progress: async () => {} }
 * const params = await fitModel(network.init(key(0)), options)
 */
export async function fitModel<P>(params: P, options: FitOptions<P>): Promise<P> {
  const { network, objective, optimizer, train, epochs, firstEpoch = 0, batch, seed } = options
  const step = trainStep<P, FitBatch>(r2etObjective(network, objective), optimizer, options.parallel)
  const batcher = createBatcher<Examples>(train, { size: batch, seed })
  const { stepsPerEpoch } = batcher
  let state = await evaluate(step.init(params))
  for (let epoch = firstEpoch; epoch < firstEpoch + epochs; epoch++) {
    let loss = 0
    for (let k = 0; k < stepsPerEpoch; k++) {
      const place = epoch * stepsPerEpoch + k
      const { x, y } = batcher.at(place)
      const next = await step(state, { x, y, key: fold(key(seed), place) })
      loss += next.loss / stepsPerEpoch
      state = { params: next.params, optimizer: next.optimizer }
      await options.progress((epoch - firstEpoch) * stepsPerEpoch + k + 1, epochs * stepsPerEpoch, `epoch ${epoch + 1}`)
    }
    options.onEpoch?.(epoch + 1, loss)
  }
  return state.params
}
