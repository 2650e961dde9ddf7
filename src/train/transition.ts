import {
  add,
  cast,
  leavesWithPaths,
  type NDArray,
  scalar,
  sum,
  type Tensor,
  valueAndGrad,
  withBuffers,
  withoutBuffers,
} from '../engine/index.ts'
import type { Loss, Optimizer } from '../optim/index.ts'

/** Everything that training changes. A tree of tensors: save it, and a run can go on exactly. */
export interface TrainState<P, S = unknown> {
  readonly params: P
  readonly optimizer: S
}

/** A batch: tensors, or host arrays as the data floor gives them. */
export type Batch = Readonly<Record<string, NDArray | Tensor>>

export type TensorBatch<B> = { readonly [K in keyof B]: Tensor }

/** A loss of a batch; of a model with buffers also the parameters with their next buffers. */
export type StepLoss<P, B = Record<string, Tensor>> = (params: P, batch: TensorBatch<B>) => Tensor | readonly [Tensor, P]

/** What a step says beside the next state. */
export interface StepOutput {
  readonly loss: Tensor
  /** A number that is finite only if every gradient is. */
  readonly finite: Tensor
  readonly report: Readonly<Record<string, Tensor>>
}

interface Gradient<P> {
  readonly value: Tensor
  readonly gradient: P
  /** The parameters with their next buffers. */
  readonly aux: P
}

/** The loss of a batch and its gradient, as the optimizer wants it. */
export function gradientAt<P>(
  loss: StepLoss<P>,
  { differentiate = reverseMode }: Optimizer,
  { params, optimizer }: TrainState<P>,
  batch: Record<string, Tensor>,
): Gradient<P> {
  const { value, gradient, aux = params } = differentiate((params: P) => loss(params, batch), { params, state: optimizer })
  return { value, gradient, aux }
}

/** What follows from a gradient: the next state, and what is reported. */
export function updated<P>(
  optimizer: Optimizer,
  { params, optimizer: state }: TrainState<P>,
  { value, gradient, aux }: Gradient<P>,
): { state: TrainState<P>; output: StepOutput } {
  const next = optimizer.update({ gradients: gradient, state, params: withoutBuffers(params) })
  const finite = leavesWithPaths(gradient).reduce((total, [, g]) => add(total, cast(sum(g as Tensor), value.dtype)), scalar(0, value.dtype))
  return {
    state: { params: withBuffers(params, next.params, aux), optimizer: next.state },
    output: { loss: value, finite, report: next.report ?? {} },
  }
}

/**
 * The transition that `trainStep` compiles, as a plain function from a state and a batch to the next state and what is reported: for `explain`,
 * `profile` and `exportOnnx`.
 *
 * @example
 * import { adam } from 'quire/optim'
 *
 * const step = trainTransition((w: Tensor, { x }) => sum(square(mul(w, x))), adam({ learningRate: 0.01 }))
 */
export const trainTransition =
  <P, B extends Batch>(loss: StepLoss<P, B>, optimizer: Optimizer) =>
  (state: TrainState<P>, batch: Record<string, Tensor>) =>
    updated(optimizer, state, gradientAt(loss as StepLoss<P>, optimizer, state, batch))

const reverseMode = <P>(loss: Loss<P>, { params }: { readonly params: P }) => valueAndGrad(loss)(params)
