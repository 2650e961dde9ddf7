import type { Tensor, ValueAndGradient } from '../engine/index.ts'

/** A scalar loss of the parameters; of a model with buffers also the parameters with their next buffers. */
export type Loss<P> = (params: P) => Tensor | readonly [Tensor, P]

/** Parameters, gradients and optimizer states are trees of tensors; the engine differentiates and swaps them leaf by leaf. */
export interface OptimizerInput<P, S> {
  readonly gradients: P
  readonly state: S
  readonly params: P
}

export interface OptimizerOutput<P, S> {
  readonly params: P
  readonly state: S
  /** Scalars about this step that a user may want to see (solver iterations, zero groups). */
  readonly report?: Readonly<Record<string, Tensor>>
}

/**
 * How parameters follow gradients. Both functions build graph, nothing else: `update` becomes part of the compiled training step. Whatever
 * changes from step to step (moments, counters, schedules) is in the state, so that a resumed run goes on exactly.
 */
export interface Optimizer<S = unknown> {
  readonly name: string
  /**
   * The loss at `params` and its gradient, where an optimizer wants something else than `valueAndGrad`: an estimate, which draws its randomness
   * from the state, or the gradient of a function of the loss.
   */
  differentiate?<P>(loss: Loss<P>, at: { readonly params: P; readonly state: S }): ValueAndGradient<P, P | undefined>
  /**
   * Set where `differentiate` is linear in the loss: the mean of what it finds for parts of a batch is what it finds for the whole, so that training can
   * be shared out by shards.
   */
  readonly averages?: true
  /** What a loss that is finite, with a gradient that is not, means to this optimizer, and what to do about it. */
  explain?(loss: number): { readonly what: string; readonly fix: string } | undefined
  init<P>(params: P): S
  update<P>(input: OptimizerInput<P, S>): OptimizerOutput<P, S>
}
