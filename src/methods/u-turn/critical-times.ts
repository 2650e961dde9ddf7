/** Values along σ, ascending. */
export interface AlongSigma {
  readonly sigmas: readonly number[]
  readonly values: readonly number[]
}

/**
 * The σ at which a falling curve first goes below a bar, interpolated in ln σ. NaN where it never is above, or never goes below.
 *
 * @example
 * crossing({ sigmas: [1, 4], values: [1, 0] }, 0.5) // 2
 */
export function crossing({ sigmas, values }: AlongSigma, bar: number): number {
  const below = values.findIndex((value) => !(value >= bar))
  if (below <= 0 || Number.isNaN(values[below])) return Number.NaN
  const [high, low] = [values[below - 1], values[below]]
  const share = (high - bar) / (high - low)
  return Math.exp(Math.log(sigmas[below - 1]) + share * (Math.log(sigmas[below]) - Math.log(sigmas[below - 1])))
}

/** Half of what came back is nearest to something else than what it started from: memory ends here. */
const remembered = 0.5

/**
 * T_m: the least σ from which fewer than half of the samples come back nearest to their own x₀ among all real examples.
 *
 * @param self Shares by σ.
 * @example
 * memorisationTime({ sigmas: [0.1, 1, 10], values: [1, 0.5, 0] }).toFixed(2) // '1.00'
 */
export const memorisationTime = (self: AlongSigma): number => crossing(self, remembered)

/**
 * How often two independent samples are of one class: Σ p².
 *
 * @example
 * chanceAgreement([0, 0, 1, 1]) // 0.5
 */
export function chanceAgreement(classes: ArrayLike<number>): number {
  const counts = new Map<number, number>()
  for (let i = 0; i < classes.length; i++) counts.set(classes[i], (counts.get(classes[i]) ?? 0) + 1)
  return [...counts.values()].reduce((sum, count) => sum + (count / classes.length) ** 2, 0)
}

/**
 * T_s: where the agreement of classes has fallen halfway from 1 to that of independent samples.
 *
 * @example
 * speciationTime({ sigmas: [1, 9], values: [1, 0.1] }, 0.1).toFixed(2) // '3.00'
 */
export const speciationTime = (sameClass: AlongSigma, chance: number): number => crossing(sameClass, (1 + chance) / 2)
