/*
 * How noisy pictures are shown: data of −1 to 1 in noise of level σ, as shares of ink.
 */

/** Deviation of the digits about their mean, as the model takes it. */
const dataDeviation = 0.5

/** Shares of ink: noise is made smaller as it grows, so that what is there of the digit is seen as long as it can be. */
export function inkOf(x: ArrayLike<number>, sigma: number): Float32Array {
  const scale = dataDeviation / Math.hypot(dataDeviation, sigma)
  return Float32Array.from(x, (value) => Math.min(1, Math.max(0, (value * scale + 1) / 2)))
}

/** Picture `i` of several, each of `size` numbers. */
export const pictureAt = (x: Float32Array, i: number, size: number): Float32Array => x.subarray(i * size, (i + 1) * size)

/** The levels that the slider offers: of the experiment's grid, from small to large. */
export const depths = [0.035, 0.1, 0.17, 0.24, 0.38, 0.53, 0.77, 1.08, 1.5, 2.06, 2.8, 3.71, 4.9, 6.4, 8.26, 10.6, 16.98, 40] as const

/** The measured level nearest to σ, by its logarithm: its index. */
export function nearestLevel(sigmas: readonly number[], sigma: number): number {
  const distances = sigmas.map((level) => Math.abs(Math.log(level / sigma)))
  return distances.indexOf(Math.min(...distances))
}
