/** One level of the authors' full run on ImageNet-64, 256 levels and 256 samples, read off their figures to ±0.01. */
export interface PublishedLevel {
  readonly sigma: number
  /** Raw correlation with the end of the run. */
  readonly reverse: number
  /** Share of coordinates that are not Gaussian. */
  readonly ks: number
  /** ‖D‖ over that of the last level. */
  readonly estimateNorm: number
}

const level = (sigma: number, reverse: number, ks: number, estimateNorm: number): PublishedLevel => ({ sigma, reverse, ks, estimateNorm })

export const published: readonly PublishedLevel[] = [
  level(80, 0.077, 0.038, 0.331),
  level(51.4, 0.082, 0.038, 0.371),
  level(32.1, 0.178, 0.072, 0.485),
  level(19.4, 0.272, 0.076, 0.58),
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: read off a figure, not the logarithm of 2
  level(11.2, 0.413, 0.076, 0.693),
  level(6.21, 0.542, 0.076, 0.752),
  level(3.26, 0.728, 0.075, 0.863),
  level(1.6, 0.85, 0.073, 0.926),
  level(0.724, 0.935, 0.073, 0.968),
  level(0.296, 0.978, 0.373, 0.988),
  level(0.106, 0.996, 0.757, 0.997),
  level(0.032, 1, 0.823, 0.999),
  level(0.002, 1, 0.828, 1),
]
