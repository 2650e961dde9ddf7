import type { NDArray } from '../../engine/index.ts'
import { type ExactDenoiser, gaussianMixture, processOf } from '../../kits/diffusion/index.ts'

/** Two modes ±μ e₁ of unit variance and equal weight; their class is the sign of the first coordinate. */
const [mu, dimensions] = [4, 16]

export function twoModes(): ExactDenoiser {
  const mean = (sign: number) => Array.from({ length: dimensions }, (_, i) => (i === 0 ? sign * mu : 0))
  return gaussianMixture({
    process: processOf({ kind: 'edm', sigmas: [0.01, 80], train: [-1.2, 1.2] }),
    components: [
      { mean: mean(1), covariance: 1 },
      { mean: mean(-1), covariance: 1 },
    ],
  })
}

/**
 * How often a U-turn by the exact SDE ends in the other mode: E over z of 1 / (1 + exp(2 μ x / (1 + σ²))), x = μ + √(1 + σ²) z, since y₀ is another draw from
 * the posterior that x₀ came from. By the trapezoidal rule, which is exact here to rounding.
 *
 * @example
 * flipProbability(4).toFixed(2) // '0.23'
 */
export function flipProbability(sigma: number): number {
  const variance = 1 + sigma ** 2
  const h = 2 ** -8
  let sum = 0
  for (let z = -10; z <= 10; z += h) sum += Math.exp(-0.5 * z * z) / (1 + Math.exp((2 * mu * (mu + Math.sqrt(variance) * z)) / variance))
  return (sum * h) / Math.sqrt(2 * Math.PI)
}

/** The share of samples that came back in the other mode. */
export function flips(x0: NDArray, y0: NDArray): number {
  let found = 0
  for (let i = 0; i < x0.data.length; i += dimensions) found += Number(x0.data[i] * y0.data[i] < 0)
  return found / x0.shape[0]
}

/**
 * The same with each x₀'s mode replaced by what x_u says of it, P(+ | x_u) = 1 / (1 + exp(−2 μ x / (1 + σ²))): of the same expectation, since x₀ and y₀ meet
 * in x_u alone, with a fraction of the noise of counting.
 */
export function expectedFlips(xu: NDArray, y0: NDArray, sigma: number): number {
  let sum = 0
  for (let i = 0; i < xu.data.length; i += dimensions) {
    const isOther = 1 / (1 + Math.exp((2 * mu * xu.data[i] * Math.sign(y0.data[i])) / (1 + sigma ** 2)))
    sum += isOther
  }
  return sum / xu.shape[0]
}

/**
 * How far the moments of samples are from the mixture's: the largest of the mean along the modes over its deviation, the relative error of the second moment
 * along them, and that of the variance across them.
 */
export function momentError({ data, shape: [n] }: NDArray): number {
  let [sum, along, across] = [0, 0, 0]
  for (let i = 0; i < data.length; i++) {
    if (i % dimensions === 0) {
      sum += data[i]
      along += data[i] ** 2
    } else across += data[i] ** 2
  }
  const second = mu ** 2 + 1
  const errors = [sum / n / Math.sqrt(second), along / n / second - 1, across / n / (dimensions - 1) - 1]
  return Math.max(...errors.map(Math.abs))
}
