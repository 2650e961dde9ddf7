/*
 * The error function and its relatives on single numbers, to a few units in the last place of float64. Abramowitz & Stegun, chapter 7.
 */

const twoOverSqrtPi = 2 / Math.sqrt(Math.PI)

/** Beyond this, erf rounds to ±1. */
const saturation = 6

/** erf(x) = (2/√π)·x·e^(−x²)·Σ (2x²)ⁿ/(2n+1)!!  (7.1.6). All terms are positive, so nothing cancels. */
export function erf(x: number): number {
  if (Math.abs(x) > saturation) return Math.sign(x)
  let [term, total] = [1, 1]
  for (let n = 1; term > total * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    total += term
  }
  return twoOverSqrtPi * x * Math.exp(-x * x) * total
}

/** e^(−x²). The square of x's leading 24 bits is exact, so that its rounding is not magnified by the exponential. */
export function expOfMinusSquare(x: number): number {
  if (!(Math.abs(x) < 1e10)) return Math.exp(-x * x)
  const leading = Math.fround(x)
  return Math.exp(-leading * leading) * Math.exp(-(x - leading) * (x + leading))
}

/** From here on 1 − erf(x) would cancel, and the continued fraction converges. */
const far = 1.2

/** √π·e^(x²)·erfc(x) for x ≥ 1.2, by the continued fraction 7.1.14, evaluated from the back. */
function fraction(x: number): number {
  if (x > 1e8) return 1 / x
  const terms = Math.ceil(10 + 500 / (x * x))
  let tail = x
  for (let k = terms; k >= 1; k--) tail = x + k / 2 / tail
  return 1 / tail
}

const sqrtPi = Math.sqrt(Math.PI)

/** 1 − erf(x), to full relative accuracy. */
export const erfc = (x: number): number => (x < far ? 1 - erf(x) : (expOfMinusSquare(x) * fraction(x)) / sqrtPi)

/** e^(x²)·erfc(x) */
export const erfcx = (x: number): number => (x < far ? erfc(x) / expOfMinusSquare(x) : fraction(x) / sqrtPi)

/** The distribution function of the standard normal. e^(−x²/2) is taken of x, not of x/√2, which is rounded. */
export function normalCdf(x: number): number {
  if (x > -1) return erfc(-x * Math.SQRT1_2) / 2
  if (x < -40) return 0
  const leading = Math.fround(x)
  const density = Math.exp((-leading * leading) / 2) * Math.exp((-(x - leading) * (x + leading)) / 2)
  return (density * erfcx(-x * Math.SQRT1_2)) / 2
}

/** Its logarithm, which does not underflow. */
export function logNormalCdf(x: number): number {
  if (x > -1) return Math.log1p(-erfc(x * Math.SQRT1_2) / 2)
  return Math.log(erfcx(-x * Math.SQRT1_2) / 2) - (x * x) / 2
}

/** x with erf(x) = y, by Halley's iteration from the first term of the series. For |y| ≤ 1/2. */
function inverseNear(y: number): number {
  let x = y / twoOverSqrtPi
  for (let step = 0; step < 5; step++) {
    const newton = (erf(x) - y) / (twoOverSqrtPi * Math.exp(-x * x))
    x -= newton / (1 + x * newton)
  }
  return x
}

/** x with erfc(x) = q, for 0 < q ≤ 1/2, by Halley's iteration from 26.2.23. */
function inverseFar(q: number): number {
  const t = Math.sqrt(-2 * Math.log(q / 2))
  let x = (t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3)) * Math.SQRT1_2
  for (let step = 0; step < 3; step++) {
    // Both erfc and its slope hold the factor e^(−x²), which may underflow: it is divided out.
    const newton = (Math.exp(x * x + Math.log(q)) - erfcx(x)) / twoOverSqrtPi
    x -= newton / (1 + x * newton)
  }
  return x
}

/** x with erfc(x) = q, for q in [0, 2]; NaN outside. */
function erfcinv(q: number): number {
  if (!(q >= 0 && q <= 2)) return Number.NaN
  if (q === 0) return Number.POSITIVE_INFINITY
  if (q > 1) return -erfcinv(2 - q)
  return q <= 0.5 ? inverseFar(q) : inverseNear(1 - q)
}

/** x with erf(x) = y; ±∞ at ±1, NaN outside. */
export const erfinv = (y: number): number => (Math.abs(y) <= 0.5 ? inverseNear(y) : Math.sign(y) * erfcinv(1 - Math.abs(y)))

/** x with normalCdf(x) = p; ∓∞ at 0 and 1, NaN outside. */
export const normalQuantile = (p: number): number => -Math.SQRT2 * erfcinv(2 * p)
