/*
 * The gamma function's family on single numbers in float64. Abramowitz & Stegun, chapters 6, 23 and 26.
 */

/** B₂, B₄, … */
const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330]

/** Up to here arguments are raised by the recurrence before an asymptotic series takes over. */
const asymptotic = 12

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
  const y = 1 / (shifted * shifted)
  let series = 0
  for (let j = 8; j >= 1; j--) series = (series + bernoulli[j - 1] / (2 * j)) * y
  return total + Math.log(shifted) - 0.5 / shifted - series
}

const tanPi = (x: number): number => sinPi(x) / sinPi(x + 0.5)

/** The n-th derivative of ψ, for whole n ≥ 0; NaN otherwise. */
export function polygamma(n: number, x: number): number {
  if (!Number.isInteger(n) || n < 0) return Number.NaN
  if (n === 0) return digamma(x)
  return (n % 2 === 0 ? -1 : 1) * Math.exp(lgamma(n + 1)) * zeta(n + 1, x)
}

/** log(1 + u) − u, accurate for small u; `sum` is 1 + u, known better than the sum of its rounded parts. */
function log1pMinus(u: number, sum: number): number {
  if (Math.abs(u) > 0.4) return Math.log(sum) - u
  // With r = u/(2 + u): log(1 + u) = 2·(r + r³/3 + r⁵/5 + …), and u = 2r/(1 − r).
  const r = u / (2 + u)
  let series = 0
  for (let k = 17; k >= 1; k--) series = (series + 2 / (2 * k + 1)) * r * r
  return r * (series - u)
}

/** xᵃ·e^(−x)/Γ(a) */
function gammaDensity(a: number, x: number): number {
  if (a < asymptotic) return Math.exp(a * Math.log(x) - x - lgamma(a))
  return Math.exp(a * log1pMinus((x - a) / a, x / a) - stirling(a)) * Math.sqrt(a / (2 * Math.PI))
}

const maxTerms = 200_000

/** The lower (P) and upper (Q) regularized incomplete gamma functions: the smaller one is computed, the other is its complement. */
function incompleteGamma(a: number, x: number): { lower: number; upper: number } {
  if (!(a > 0) || !(x >= 0)) return { lower: Number.NaN, upper: Number.NaN }
  if (x === 0) return { lower: 0, upper: 1 }
  if (x === Number.POSITIVE_INFINITY) return { lower: 1, upper: 0 }
  if (x < a + 1) {
    let [term, total] = [1 / a, 1 / a]
    for (let n = 1; n < maxTerms && term > 1e-17 * total; n++) total += term *= x / (a + n)
    const lower = gammaDensity(a, x) * total
    return { lower, upper: 1 - lower }
  }
  // Lentz's evaluation of the continued fraction 6.5.31.
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let h = d
  for (let n = 1; n < maxTerms; n++) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / (numerator * d + b)
    c = b + numerator / c
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  const upper = gammaDensity(a, x) * h
  return { lower: 1 - upper, upper }
}

export const gammainc = (a: number, x: number): number => incompleteGamma(a, x).lower
export const gammaincc = (a: number, x: number): number => incompleteGamma(a, x).upper

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

/** xᵃ·(1 − x)ᵇ/B(a, b) */
function betaDensity(a: number, b: number, x: number): number {
  if (Math.min(a, b) < asymptotic) return Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b))
  const excess = x * b - a * (1 - x)
  const logarithm = a * log1pMinus(excess / a, x * (1 + b / a)) + b * log1pMinus(-excess / b, (1 - x) * (1 + a / b))
  const corrections = stirling(a + b) - stirling(a) - stirling(b)
  return Math.exp(logarithm + corrections) * Math.sqrt(((a / (a + b)) * b) / (2 * Math.PI))
}

/** The regularized incomplete beta function. */
export function betainc(a: number, b: number, x: number): number {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return Number.NaN
  if (x === 0 || x === 1) return x
  if (x > (a + 1) / (a + b + 2)) return 1 - (betaDensity(a, b, x) * betaFraction(b, a, 1 - x)) / b
  return (betaDensity(a, b, x) * betaFraction(a, b, x)) / a
}

/** Lentz's evaluation of the continued fraction 26.5.8. */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1
  let d = 1 / (1 - ((a + b) * x) / (a + 1))
  let h = d
  for (let m = 1; m < maxTerms; m++) {
    const steps = [(m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)), (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))]
    let change = 1
    for (const numerator of steps) {
      d = 1 / (1 + numerator * d)
      c = 1 + numerator / c
      change = d * c
      h *= change
    }
    if (Math.abs(change - 1) < 1e-16) break
  }
  return h
}
