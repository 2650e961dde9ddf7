/*
 * Modified Bessel functions of the first kind, I₀ and I₁, on single numbers in float64. Abramowitz & Stegun, chapter 9.
 */

/** From here on the asymptotic series is accurate. */
const asymptotic = 30

/** e^(−|x|)·I_order(|x|), by 9.6.10, all of whose terms are positive, or by 9.7.1. */
function scaled(order: 0 | 1, x: number): number {
  if (x === Number.POSITIVE_INFINITY) return 0
  if (x < asymptotic) {
    const quarter = (x * x) / 4
    let [term, total] = [1, 1]
    for (let k = 1; term > 1e-17 * total; k++) {
      term *= quarter / (k * (k + order))
      total += term
    }
    return Math.exp(-x) * total * (order === 0 ? 1 : x / 2)
  }
  let [term, total] = [1, 1]
  for (let k = 1; k < 30 && Math.abs(term) > 1e-17; k++) {
    term *= -(4 * order - (2 * k - 1) ** 2) / (8 * k * x)
    total += term
  }
  return total / Math.sqrt(2 * Math.PI * x)
}

/** eˣ·y without overflow on the way. */
const raised = (x: number, y: number): number => Math.exp(x / 2) * y * Math.exp(x / 2)

export const besselI0e = (x: number): number => scaled(0, Math.abs(x))
export const besselI1e = (x: number): number => Math.sign(x) * scaled(1, Math.abs(x))
export const besselI0 = (x: number): number => (Math.abs(x) === Number.POSITIVE_INFINITY ? Math.abs(x) : raised(Math.abs(x), besselI0e(x)))
export const besselI1 = (x: number): number => (Math.abs(x) === Number.POSITIVE_INFINITY ? x : raised(Math.abs(x), besselI1e(x)))
