import type { NDArray, Tensor } from '../../engine/index.ts'
import type { Given, NetworkConfig } from './network.ts'
import type { NoiseProcess, ProcessConfig } from './process.ts'

/** What the network's output means; `edm`: preconditioned as in Karras et al. 2022, table 1. */
export type Prediction = 'eps' | 'x0' | 'v' | 'score' | 'edm'

/** Everything about a diffusion model but its numbers: plain data, kept beside them in its file. */
export interface DiffusionConfig {
  readonly network: NetworkConfig
  readonly process: ProcessConfig
  readonly predict: Prediction
  /** Adds noise · x / (signal² + noise²) to a predicted ε, which a network narrower than the data could not copy. */
  readonly skip?: boolean
  /** Root mean square of the (centred) data, for `edm`. */
  readonly sigmaData?: number
  /** Of one example: [features] or [channels, height, width]. */
  readonly shape: readonly number[]
  /** Least and most of the data: estimates of clean data are clipped to it, unless a sampler is told not to. */
  readonly range?: readonly [number, number]
  /** Of a model that is conditioned on a class. */
  readonly classes?: number
  /** Of a chain: the network also gives, for each element, where between ln β̃ and ln β the log-variance of the reverse step lies (Nichol & Dhariwal 2021). */
  readonly variance?: 'learned'
}

/** A model as plain data. */
export interface DiffusionModel<P = unknown> {
  readonly config: DiffusionConfig
  readonly params: P
  /** Subtracted from the data in training, added to the samples; of the shape of one example. */
  readonly centre?: NDArray
}

/** Levels of noise in a graph: float32 [n] each. */
export interface LevelTensors {
  readonly signal: Tensor
  readonly noise: Tensor
  readonly condition: Tensor
}

/** Three names of one thing: x = signal · x₀ + noise · ε, score = −ε / noise. Each of x's shape. */
export interface Estimate {
  readonly x0: Tensor
  readonly eps: Tensor
  readonly score: Tensor
  /** Where the variance is learned: the share of ln β in the reverse step's log-variance; the rest is of ln β̃. */
  readonly varianceShare?: Tensor
}

/** x [n, ...shape] at levels [n] → what the clean data are thought to be. Builds a graph; pure. */
export type Estimator<P = unknown> = (params: P, x: Tensor, level: LevelTensors, given?: Given) => Estimate

/**
 * What samplers, audits and analyses ask: a trained network, several of them for different times, a user's ONNX file, or a closed form. Everything that
 * takes a `Denoiser` takes all of these.
 */
export interface Denoiser {
  readonly process: NoiseProcess
  readonly shape: readonly number[]
  readonly range?: readonly [number, number]
  readonly centre?: NDArray
  readonly classes?: number
  /** That its estimates have a `varianceShare`. */
  readonly variance?: 'learned'
  /** What serves this time; the same object for the same network, so that each is compiled once. */
  at(time: number): { readonly params: unknown; readonly estimate: Estimator }
}
