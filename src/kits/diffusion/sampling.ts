import type { NDArray } from '../../engine/index.ts'

/** Each is one compiled step and a loop. `em`: Euler-Maruyama on the reverse SDE; `ode`: Euler on the probability flow; `pc`: predictor-corrector. */
export type SamplerConfig =
  | { readonly kind: 'ddpm'; readonly variance?: 'small' | 'large' | 'learned' }
  | { readonly kind: 'ddim'; readonly eta?: number }
  | { readonly kind: 'em' }
  | { readonly kind: 'ode' }
  | {
      readonly kind: 'heun'
      readonly churn?: { readonly amount: number; readonly sigmas: readonly [number, number]; readonly noise: number }
    }
  | { readonly kind: 'rk45'; readonly tolerance?: number }
  | { readonly kind: 'pc'; readonly snr: number; readonly scale?: number; readonly correctors?: number }

export interface SampleOptions {
  readonly sampler: SamplerConfig
  readonly count: number
  /** Steps of the whole grid, from the last time to 0. */
  readonly steps: number
  /** The noise of sample i is a function of the seed and i: the same whatever is sampled beside it. */
  readonly seed: number
  /** The times themselves, decreasing, instead of `steps` of the sampler's own spacing. */
  readonly times?: readonly number[]
  /** Starts from noisy data [count, ...shape] at a time of the grid instead of pure noise at its beginning (U-turns, editing): signal · x₀ + noise · ε. */
  readonly start?: { readonly x: NDArray; readonly time: number }
  /** Class of each sample; with `guidance` w the estimate is (1 + w) · conditional − w · unconditional. */
  readonly labels?: ArrayLike<number>
  readonly guidance?: number
  /** Default: whether the denoiser has a range. */
  readonly clip?: boolean
  /** Samples taken through the steps side by side; the same samples for any. Default: 256. */
  readonly batch?: number
  /** Indices into the grid whose states are returned too. */
  readonly keep?: readonly number[]
  onStep?(step: number, steps: number): Promise<void> | void
  readonly signal?: AbortSignal
}

export interface Samples {
  /** float32 [count, ...shape], with the centre added. */
  readonly x: NDArray
  /** States that were asked for, by index into the grid: noisy data, signal · x₀ + noise · ε with the centre in x₀, as a start is. */
  readonly kept: ReadonlyMap<number, NDArray>
  readonly times: readonly number[]
  /** Evaluations of the network for each sample; of `rk45`, for the sample that took most. */
  readonly evaluations: number
  /** Values of the estimates of the last step that were clipped, and samples that are not finite: counted, never hidden. */
  readonly clipped: number
  readonly notFinite: number
}
