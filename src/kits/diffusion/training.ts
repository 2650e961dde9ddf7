import type { NDArray } from '../../engine/index.ts'

/** How times are drawn: over all of them, within [from, to) only, in proportion to weights of equal ranges, or by the loss that each has had (IDDPM). */
export type TimeDraw =
  | 'uniform'
  | 'importance'
  | { readonly from: number; readonly to: number }
  | { readonly ranges: readonly { readonly from: number; readonly to: number; readonly weight: number }[] }

export interface TrainingRecipe {
  readonly steps: number
  readonly batch: number
  readonly learningRate: number
  /** Steps of linear warm-up; then a cosine down to `floor` of the rate (default 0; 1 keeps it constant). */
  readonly warmup?: number
  readonly floor?: number
  /** Default: 0.999, with the warm-up (1 + k) / (10 + k). */
  readonly ema?: number
  /** Of the gradient's norm. Default: 1. */
  readonly clipNorm?: number
  readonly weightDecay?: number
  readonly betas?: readonly [number, number]
  /** Default: mean squared error. */
  readonly loss?: 'mse' | 'l1'
  /** Default: `'simple'`. */
  readonly weighting?: 'simple' | 'minSnr' | 'likelihood'
  readonly times?: TimeDraw
  /** Share of examples that are not told their label. */
  readonly labelDropout?: number
}

export interface TrainingData {
  /** float32 [n, ...shape], scaled to the model's range. */
  readonly x: NDArray
  /** int32 [n] */
  readonly labels?: NDArray
}

/**
 * A training as a function from a state and a step's number to the next state, so that units of experiments and `trainResumably` alike can save it, be
 * killed and go on with the same bits. The state is a tree of tensors.
 */
export interface DiffusionTrainer<P = unknown> {
  /** From fresh parameters, or from given ones. */
  start(params?: P): TrainerState<P>
  /** Uses the state up. Throws a NotFiniteError that names step and noise level. */
  step(state: TrainerState<P>, k: number): Promise<{ readonly state: TrainerState<P>; readonly loss: number }>
}

export interface TrainerState<P = unknown> {
  readonly params: P
  readonly optimizer: unknown
  /** The moving average of the parameters: what is sampled from. */
  readonly ema: P
}
