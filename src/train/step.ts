import {
  compileStep,
  fromArray,
  isTensor,
  mapTree,
  type NDArray,
  NotFiniteError,
  type Tensor,
  valueAndGrad,
  withoutBuffers,
} from '../engine/index.ts'
import type { Loss, Optimizer } from '../optim/index.ts'
import { type DataParallel, shardedStep } from './parallel/sharded-step.ts'
import { type Batch, type StepLoss, type TensorBatch, type TrainState, trainTransition } from './transition.ts'

export interface StepReport {
  /** The loss before the update. */
  readonly loss: number
  /** Scalars that the optimizer reports about this step. */
  readonly report: Readonly<Record<string, number>>
}

export interface TrainStep<P, B extends Batch> {
  init(params: P): TrainState<P>
  /** One step: loss, gradients, update, all in one compiled graph. Uses `state` up; keep an older one with `snapshot`. */
  (state: TrainState<P>, batch: B): Promise<TrainState<P> & StepReport>
}

const asTensors = (batch: Batch): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(batch).map(([name, value]) => [name, isTensor(value) ? value : fromArray(value)]))

/**
 * Builds the training step of a loss and an optimizer. A loss or gradient that is not finite stops with a NotFiniteError that names the
 * first tensor at fault; the state given is then still intact. A model with buffers (running statistics) has a loss that returns
 * `[loss, params]`, with the next buffers in the tree of parameters; the optimizer sees none of them.
 *
 * `parallel` cuts each batch into shards, which ranks of a communicator can share: see {@link DataParallel}. The loss must then be a mean over the rows
 * of its batch.
 *
 * @example
 * import { crossEntropy, mlp } from 'quire/nn'
 * import { adam } from 'quire/optim'
 *
 * const model = mlp({ sizes: [4, 8, 3] })
 * const train = trainStep((params: ReturnType<typeof model.init>, { x, y }) => crossEntropy(model.apply(params, x), y), adam({ learningRate: 0.01 }))
 * const batch = { x: await random.normal(key(1), [16, 4]).ndarray(), y: await zeros([16], 'int32').ndarray() }
 * let state = train.init(model.init(key(0)))
 * for (let step = 0; step < 10; step++) state = await train(state, batch)
 */
export function trainStep<P, B extends Batch = { x: NDArray; y: NDArray }>(
  loss: StepLoss<P, B>,
  optimizer: Optimizer,
  parallel?: DataParallel,
): TrainStep<P, B> {
  const step = parallel ? shardedStep(loss as StepLoss<P>, optimizer, parallel) : compileStep(trainTransition(loss, optimizer))

  const train = async (state: TrainState<P>, batch: B): Promise<TrainState<P> & StepReport> => {
    const tensors = asTensors(batch)
    const { state: next, output } = await step({ params: state.params, optimizer: state.optimizer }, tensors)
    const value = await output.loss.item()
    if (!Number.isFinite(value) || !Number.isFinite(await output.finite.item())) {
      const known = Number.isFinite(value) ? optimizer.explain?.(value) : undefined
      if (known) throw new NotFiniteError(`training stopped: the loss is ${value}; ${known.what}`, { fix: known.fix })
      throw await explain(state.params, tensors, (params) => loss(params, tensors as TensorBatch<B>), value)
    }
    const report: Record<string, number> = {}
    for (const [name, x] of Object.entries(output.report)) report[name] = await x.item()
    return { ...next, loss: value, report }
  }
  return Object.assign(train, { init: (params: P): TrainState<P> => ({ params, optimizer: optimizer.init(withoutBuffers(params)) }) })
}

/** Names what is at fault: a tensor of the batch, a parameter, or the first operation that makes something not finite out of finite ones. */
async function explain<P>(params: P, batch: Record<string, Tensor>, loss: Loss<P>, value: number): Promise<NotFiniteError> {
  const given = (await firstNotFinite(batch, 'batch')) ?? (await firstNotFinite(params, 'parameter'))
  const { findNonFinite } = await import('../engine/inspect/index.ts') // few runs need it
  const origin = given ? undefined : await findNonFinite(valueAndGrad(loss), [params])
  const where = given
    ? `${given.kind} '${given.path}' holds ${given.value} at element ${given.index}`
    : origin
      ? `${origin.operation} is the first to give ${origin.value}, in ${origin.count} elements of ${origin.dtype} [${origin.shape.join(', ')}]${origin.line ? ` (at ${origin.line})` : ''}`
      : 'the sum of the gradients overflows'
  return new NotFiniteError(`training stopped: the loss is ${value}; ${where}`, { fix: 'check the data, or lower the learning rate' })
}

async function firstNotFinite(tree: unknown, kind: string) {
  const tensors: [string, Tensor][] = []
  mapTree(tree, (leaf, path) => {
    if (isTensor(leaf)) tensors.push([path, leaf])
    return leaf
  })
  for (const [path, x] of tensors) {
    const data = await x.data()
    const index = data.findIndex((element) => !Number.isFinite(element))
    if (index >= 0) return { kind, path, index, value: data[index] }
  }
  return undefined
}
