/*
 * The gamma function's family on single numbers in float64. Abramowitz & Stegun, chapters 6, 23 and 26.
 */

/** B₂, B₄, … */
const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330]

/** Up to here arguments are raised by the recurrence before an asymptotic series takes over. */
export const asymptotic = 12

/** Σ over k ≥ 0 of (a + k)^(−s) for s > 1, a > 0, by Euler's and Maclaurin's formula (23.2.3); also for negative a where s is whole. */
export function zeta(s: number, a: number): number {
  if (Number.isNaN(s) || Number.isNaN(a) || s < 1) return Number.NaN
  if (s === 1 || (a <= 0 && Number.isInteger(a))) return Number.POSITIVE_INFINITY
  if (a < 0 && (!Number.isInteger(s) || a < -1e4)) return Number.NaN
  if (a === Number.POSITIVE_INFINITY) return 0
  let total = 0
  let x = a
  // The series is good where x outgrows s.
  for (; x < Math.max(asymptotic, s); x++) {
    const term = x ** -s
    total += term
    if (Math.abs(term) < 1e-18 * Math.abs(total)) return total
  }
  const power = x ** -s
  total += (power * x) / (s - 1) + power / 2
  // (s)(s + 1)…(s + 2j − 2)/(2j)!·x^(−s − 2j + 1)
  let factor = (power * s) / (2 * x)
  for (let j = 1; j <= bernoulli.length; j++) {
    const term = bernoulli[j - 1] * factor
    total += term
    if (Math.abs(term) < 1e-17 * Math.abs(total)) break
    factor *= ((s + 2 * j - 1) * (s + 2 * j)) / ((2 * j + 1) * (2 * j + 2) * x * x)
  }
  return total
}

const eulerGamma = 0.5772156649015329

/** (ζ(k) − 1)/k for k = 2, 3, … */
const zetaCoefficients = Array.from({ length: 40 }, (_, i) => zeta(i + 2, 2) / (i + 2))

/** log Γ(1 + a) for −1/2 ≤ a ≤ 1, accurate relative to small a. */
export const lgammaOnePlus = (a: number): number => (a > 0.5 ? lgammaNearTwo(a - 1) : lgammaNearTwo(a) - Math.log1p(a))

/** log Γ(2 + t) for |t| ≤ 1/2 (6.1.33): accurate relative to the result, which is 0 at t = 0. */
const lgammaNearTwo = (t: number): number =>
  t * (1 - eulerGamma + t * zetaCoefficients.reduceRight((total, coefficient) => coefficient - t * total, 0))

/** log Γ(x) − [(x − 1/2)·log x − x + log √2π] for x ≥ 10 (6.1.42). */
export function stirling(x: number): number {
  const y = 1 / (x * x)
  let total = 0
  for (let j = 8; j >= 1; j--) total = total * y + bernoulli[j - 1] / (2 * j * (2 * j - 1))
  return total / x
}

const logSqrtTwoPi = 0.9189385332046728

/** sin(πx), exact at whole and half numbers. */
function sinPi(x: number): number {
  const turn = x - 2 * Math.floor(x / 2)
  const folded = turn > 1 ? 2 - turn : turn
  const sine = folded > 0.5 ? Math.sin(Math.PI * (1 - folded)) : Math.sin(Math.PI * folded)
  return turn > 1 ? -sine : sine
}

/** log |Γ(x)|; ∞ at 0, −1, −2, … Relative accuracy also at the zeros 1 and 2, not at those between the negative poles. */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return x
  if (!Number.isFinite(x) || (x <= 0 && Number.isInteger(x))) return Number.POSITIVE_INFINITY
  if (x < 0) return Math.log(Math.PI / Math.abs(sinPi(x))) - lgamma(1 - x)
  if (x < 0.5) return lgamma(1 + x) - Math.log(x)
  if (x <= 1.5) return lgammaNearTwo(x - 1) - Math.log1p(x - 1)
  if (x >= asymptotic) return (x - 0.5) * (Math.log(x) - 1) - 0.5 + logSqrtTwoPi + stirling(x)
  let [rest, product] = [x, 1]
  while (rest > 2.5) product *= --rest
  return Math.log(product) + lgammaNearTwo(rest - 2)
}

/** The zero of ψ between 1 and 2, in two parts. */
const psiZero = [1.4616321449683622, 9.549995429965697e-17] as const
const psiCoefficients = Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? 1 : -1) * zeta(n + 2, psiZero[0]))

/** ψ(x), the derivative of log Γ; NaN at its poles. Relative accuracy also at its positive zero. */
export function digamma(x: number): number {
  if (x <= 0) return Number.isInteger(x) || x === Number.NEGATIVE_INFINITY ? Number.NaN : digamma(1 - x) - Math.PI / tanPi(x)
  if (x === Number.POSITIVE_INFINITY) return x
  const h = x - psiZero[0] - psiZero[1]
  if (Math.abs(h) < 0.4) return h * psiCoefficients.reduceRight((total, coefficient) => total * h + coefficient, 0)
  let [shifted, total] = [x, 0]
  for (; shifted < asymptotic; shifted++) total -= 1 / shifted
  return total + Math.log(shifted) - logMinusDigamma(shifted)
}

const tanPi = (x: number): number => sinPi(x) / sinPi(x + 0.5)

/** The n-th derivative of ψ, for whole n ≥ 0; NaN otherwise. */
export function polygamma(n: number, x: number): number {
  if (!Number.isInteger(n) || n < 0) return Number.NaN
  if (n === 0) return digamma(x)
  return (n % 2 === 0 ? -1 : 1) * Math.exp(lgamma(n + 1)) * zeta(n + 1, x)
}

/** Γ(x) for 0 < x < 12. */
export function gammaFunction(x: number): number {
  if (x < 0.5) return Math.exp(lgammaNearTwo(x)) / (x * (1 + x))
  if (x <= 1.5) return Math.exp(lgammaNearTwo(x - 1)) / x
  let [rest, product] = [x, 1]
  while (rest > 2.5) product *= --rest
  return product * Math.exp(lgammaNearTwo(rest - 2))
}

/** log x − ψ(x) for x > 0, which does not cancel for large x. */
export function logMinusDigamma(x: number): number {
  if (x < asymptotic) return Math.log(x) - digamma(x)
  const y = 1 / (x * x)
  let series = 0
  for (let j = 8; j >= 1; j--) series = (series + bernoulli[j - 1] / (2 * j)) * y
  return 0.5 / x + series
}

/** log B(a, b) for positive a and b. The large logarithms that nearly cancel are taken apart by hand. */
export function logBeta(a: number, b: number): number {
  if (!(a > 0 && b > 0)) return Number.NaN
  const [small, big] = a < b ? [a, b] : [b, a]
  if (big < asymptotic) return lgamma(small) + (lgamma(big) - lgamma(small + big))
  const correction = stirling(big) - stirling(small + big)
  const ratio = Math.log1p(small / big)
  if (small < asymptotic) return lgamma(small) + correction + small - (big - 0.5) * ratio - small * Math.log(small + big)
  return (
    logSqrtTwoPi +
    stirling(small) +
    correction -
    (big - 0.5) * ratio -
    0.5 * Math.log(small + big) +
    (small - 0.5) * Math.log(small / (small + big))
  )
}
