import type { NDArray, Tensor } from '../../engine/index.ts'

/**
 * How times are drawn: as the process says; within [from, to) only; from ranges in proportion to their weights; or by the losses that they have had and
 * weighted accordingly (Nichol & Dhariwal 2021, equation 18), so that the loss stays what it is in the mean. Within a range as the process says.
 */
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
  /** Default: `'simple'`; a model whose variance is learned adds 0.001 L_vlb to each but `'vlb'`, which is L_vlb alone. */
  readonly weighting?: 'simple' | 'minSnr' | 'likelihood' | 'vlb'
  readonly times?: TimeDraw
  /** Share of examples that are not told their label. */
  readonly labelDropout?: number
}

export interface TrainingData {
  /** float32 [n, ...shape], scaled to the model's range. */
  readonly x: NDArray
  /** Subtracted from each example, of the shape of one: the model's centre. */
  readonly centre?: NDArray
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
  /** Step k, from 0. Uses the state up. Throws a NotFiniteError that names step and noise level. */
  step(state: TrainerState<P>, k: number): Promise<{ readonly state: TrainerState<P>; readonly loss: number }>
}

export interface TrainerState<P = unknown> {
  readonly params: P
  readonly optimizer: unknown
  /** The moving average of the parameters: what is sampled from. */
  readonly ema: P
  /** What draws by importance remember. */
  readonly past?: PastLosses
}

export interface PastLosses {
  /** float32 [bins, kept]: the last losses of each part of the times, in the order in which they are replaced. */
  readonly losses: Tensor
  /** int32 [bins]: how many each part has had. */
  readonly counts: Tensor
}
