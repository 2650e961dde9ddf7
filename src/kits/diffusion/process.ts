/**
 * How noise is added, as plain data that a file can hold. Times run from 0 (data) to the process's last; noisy data are x = signal · x₀ + noise · ε with ε
 * standard normal, and σ = noise / signal.
 */
export type ProcessConfig =
  /** Markov chain of `steps` steps (Ho et al. 2020): times 1 … steps, the network is told t − 1. */
  | {
      readonly kind: 'discrete'
      readonly steps: number
      readonly schedule: ScheduleName
      /** First and last β of the schedules that have them. */
      readonly betas?: readonly [first: number, last: number]
    }
  /**
   * Variance preserving SDE dx = −½ β(t) x dt + √β(t) dw, β from β₀ to β₁ over [0, 1] (Song et al. 2021); the network is told 999 t, which runs
   * through the numbers that a chain of 1000 steps has. `subVp` has the same mean and less noise, 1 − a² for √(1 − a²).
   */
  | { readonly kind: 'vp' | 'subVp'; readonly betas: readonly [number, number] }
  /** Variance exploding SDE, σ geometric over (0, 1] and 0 at time 0; the network is told ln σ. */
  | { readonly kind: 've'; readonly sigmas: readonly [least: number, most: number] }
  /** Karras et al. 2022: the time is σ itself; the network is told ln(σ) / 4. `train` holds mean and deviation of ln σ in training. */
  | {
      readonly kind: 'edm'
      readonly sigmas: readonly [least: number, most: number]
      readonly train: readonly [mean: number, deviation: number]
    }

export type ScheduleName = 'linear' | 'scaledLinear' | 'cosine' | 'sigmoid' | 'quad' | 'warmup10' | 'warmup50' | 'const' | 'jsd'

/** One level of noise. */
export interface NoiseLevel {
  readonly signal: number
  readonly noise: number
  /** What the network is told of it. */
  readonly condition: number
}

/** What a `ProcessConfig` says, in float64. */
export interface NoiseProcess {
  readonly config: ProcessConfig
  /** The times of training; sampling starts at the last. Whole numbers for `discrete`. */
  readonly times: readonly [first: number, last: number]
  /** @throws InputError for a time outside of [0, last], or between steps of a chain. */
  at(time: number): NoiseLevel
  /** The time of training at which noise / signal is σ, or the nearest one; 0 for 0. */
  timeOf(sigma: number): number
  /** The level with noise / signal = σ exactly, whatever σ > 0; a chain's network is told a number between those of the steps around it. */
  levelOf(sigma: number): NoiseLevel
  /** The share of training's draws that lie below a time, and the time at a share in [0, 1): draws are the times of uniform shares. */
  shareBelow(time: number): number
  atShare(share: number): number
  /** Coefficients of dx = drift · x dt + diffusion dw; a chain's are those of its continuous limit, in units of one step. */
  sde(time: number): { readonly drift: number; readonly diffusion: number }
}
