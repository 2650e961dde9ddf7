import { type Double2, logarithm, plus, times, twoSum } from './double-double.ts'
import { asymptotic, digamma, gammaFunction, lgammaOnePlus, logMinusDigamma, polygamma, stirling } from './gamma.ts'
import { type Algebra, type Series, seriesOf } from './power-series.ts'

/*
 * The incomplete gamma and beta functions on single numbers in float64, and their derivatives in the shapes. Abramowitz & Stegun, chapters 6
 * and 26. Densities deep in a tail are exponentials of large differences, which are taken in double-double; derivatives come from the same series
 * and fractions in power series of the shapes.
 */

const maxTerms = 200_000

/** Γ(z) = factor·e^exponent. */
interface Gamma {
  readonly exponent: Double2
  readonly factor: number
}

/** For z > 0 in two parts. */
function gammaParts(z: Double2): Gamma {
  if (z[0] < asymptotic) return { exponent: [0, 0], factor: gammaFunction(z[0]) * (1 + z[1] * digamma(z[0])) }
  const exponent = times(z, plus(logarithm(z), [-1, 0]))
  return { exponent, factor: Math.sqrt((2 * Math.PI) / z[0]) * Math.exp(stirling(z[0])) }
}

const minus = (a: Double2, [high, low]: Double2): Double2 => plus(a, [-high, -low])

/** e^(high + low), whose error is that of its rounding alone. */
const exponential = ([high, low]: Double2): number => Math.exp(high) * (1 + low)

/** xᵃ·e^(−x)/Γ(a) */
function gammaDensity(a: number, x: number): number {
  const { exponent, factor } = gammaParts([a, 0])
  return exponential(minus(plus(times([a, 0], logarithm([x, 0])), [-x, 0]), exponent)) / factor
}

/** Σ xⁿ/((a + 1)…(a + n)) over n ≥ 0 (6.5.29) */
function gammaSum(a: number, x: number): number {
  let [term, total] = [1, 1]
  for (let n = 1; n < maxTerms && term > 1e-17 * total; n++) total += term *= x / (a + n)
  return total
}

/** How many terms Lentz's evaluation of the fraction 6.5.31 takes, and its value. */
function gammaFraction(a: number, x: number): { terms: number; value: number } {
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let value = d
  let n = 1
  for (; n < maxTerms; n++) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / (numerator * d + b)
    c = b + numerator / c
    value *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return { terms: n, value }
}

/** Q(a, x) where a is small and x < 1.1: 1 − xᵃ/Γ(1 + a) and what is left of the series 6.5.29, which cancel little (Gautschi 1979). */
function smallShape(a: number, x: number): number {
  let [power, sum] = [1, 0]
  for (let n = 1; n < 60; n++) {
    power *= -x / n
    sum += power / (a + n)
  }
  const logarithm = a * Math.log(x) - lgammaOnePlus(a)
  return -Math.expm1(logarithm) - Math.exp(logarithm) * a * sum
}

/** The lower (P) and upper (Q) regularized incomplete gamma functions: the smaller one is computed, the other is its complement. */
function incompleteGamma(a: number, x: number): { lower: number; upper: number } {
  if (!(a > 0) || !(x >= 0)) return { lower: Number.NaN, upper: Number.NaN }
  if (x === 0) return { lower: 0, upper: 1 }
  if (x === Number.POSITIVE_INFINITY) return { lower: 1, upper: 0 }
  if (x < (a < 1 ? 1.1 : a + 1)) {
    const lower = (gammaDensity(a, x) / a) * gammaSum(a, x)
    return { lower, upper: a < 1 ? smallShape(a, x) : 1 - lower }
  }
  const upper = gammaDensity(a, x) * gammaFraction(a, x).value
  return { lower: 1 - upper, upper }
}

/** The derivative of this order by a of P(a, x). */
export function gammainc(a: number, x: number, order = 0): number {
  if (order === 0) return incompleteGamma(a, x).lower
  if (!(a > 0) || !(x >= 0)) return Number.NaN
  if (x === 0 || x === Number.POSITIVE_INFINITY) return 0
  const algebra = seriesOf(order)
  const { mul, linear } = algebra
  // (xᵃ·e^(−x)/Γ(a + 1)), by its logarithm's derivatives
  const slope = Math.log(x / (a + 1)) + logMinusDigamma(a + 1)
  const density = scaled(algebra.exp(exponents(order, 0, (i) => (i === 1 ? slope : -polygamma(i - 1, a + 1)))), gammaDensity(a, x) / a)
  const rest = x < a + 1 ? gammaSumSeries(algebra, a, x) : scaled(mul(linear(a, 1), gammaFractionSeries(algebra, a, x)), -1)
  return mul(density, rest)[order] * factorial(order)
}

/** Q(a, x) */
export const gammaincc = (a: number, x: number): number => incompleteGamma(a, x).upper

const scaled = (x: Series, factor: number): Series => x.map((value) => value * factor)

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))

/** The series of a logarithm without its constant term, from its derivatives. */
function exponents(p: number, q: number, derivative: (i: number, j: number) => number): Series {
  return Float64Array.from({ length: (p + 1) * (q + 1) }, (_, at) => {
    const [i, j] = [Math.floor(at / (q + 1)), at % (q + 1)]
    return at === 0 ? 0 : derivative(i, j) / (factorial(i) * factorial(j))
  })
}

const largest = (x: Series): number => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

function gammaSumSeries({ linear, div, add }: Algebra, a: number, x: number): Series {
  let term = linear(1)
  let total = term
  for (let n = 1; n < maxTerms && largest(term) > 1e-18 * largest(total); n++) {
    term = div(scaled(term, x), linear(a + n, 1))
    total = add(total, term)
  }
  return total
}

/** Derivatives of a fraction converge a little later than it does; it is evaluated from its end. */
const enough = (terms: number): number => 2 * terms + 20

function gammaFractionSeries({ linear, div, add }: Algebra, a: number, x: number): Series {
  const end = enough(gammaFraction(a, x).terms)
  let tail = linear(x + 1 - a + 2 * end, -1)
  for (let n = end; n >= 1; n--) tail = add(linear(x - a + 2 * n - 1, -1), div(linear(-n * (n - a), n), tail))
  return div(linear(1), tail)
}

/** xᵃ·(1 − x)ᵇ/B(a, b) */
function betaDensity(a: number, b: number, x: number): number {
  const sum = twoSum(a, b)
  const [ofA, ofB, ofSum] = [gammaParts([a, 0]), gammaParts([b, 0]), gammaParts(sum)]
  const powers = plus(times([a, 0], logarithm([x, 0])), times([b, 0], logarithm(twoSum(1, -x))))
  return exponential(plus(minus(minus(powers, ofA.exponent), ofB.exponent), ofSum.exponent)) * (ofSum.factor / ofA.factor / ofB.factor)
}

/** The partial numerator and denominator number m of the fraction of Didonato & Morris (1992), all positive where `excess`, a − (a + b)·x, is. */
const betaSteps = (a: number, b: number, x: number, excess: number, m: number): [number, number] => [
  (((a + m - 1) * (a + b + m - 1)) / (a + 2 * m - 1) ** 2) * m * (b - m) * x * x,
  (m === 0 ? 0 : m + (m * (b - m) * x) / (a + 2 * m - 1)) + ((a + m) * (excess + 1 + m * (2 - x))) / (a + 2 * m + 1),
]

/** The same for the power series of a and b. */
function betaStepsSeries({ linear, mul, div, add }: Algebra, a: number, b: number, x: number, excess: number, m: number): [Series, Series] {
  const [of2m, rest] = [linear(a + 2 * m - 1, 1), scaled(linear(b - m, 0, 1), m * x)]
  const numerator = mul(mul(linear(a + m - 1, 1), linear(a + b + m - 1, 1, 1)), scaled(rest, x))
  const last = div(mul(linear(a + m, 1), linear(excess + 1 + m * (2 - x), 1 - x, -x)), linear(a + 2 * m + 1, 1))
  return [div(numerator, mul(of2m, of2m)), m === 0 ? last : add(linear(m), add(div(rest, of2m), last))]
}

/** Lentz's evaluation of that fraction. */
function betaFraction(a: number, b: number, x: number, excess: number): { terms: number; value: number } {
  let [, value] = betaSteps(a, b, x, excess, 0)
  let [c, d] = [value, 0]
  let m = 1
  for (; m < maxTerms; m++) {
    const [numerator, denominator] = betaSteps(a, b, x, excess, m)
    d = 1 / (denominator + numerator * d)
    c = denominator + numerator / c
    value *= c * d
    if (Math.abs(c * d - 1) < 1e-16) break
  }
  return { terms: m, value }
}

function betaFractionSeries(algebra: Algebra, a: number, b: number, x: number, excess: number): Series {
  const end = enough(betaFraction(a, b, x, excess).terms)
  const steps = (m: number) => betaStepsSeries(algebra, a, b, x, excess, m)
  let [numerator, tail] = steps(end)
  for (let m = end - 1; m >= 0; m--) {
    const [next, denominator] = steps(m)
    tail = algebra.add(denominator, algebra.div(numerator, tail))
    numerator = next
  }
  return tail
}

/** The regularized incomplete beta function I_x(a, b), or its derivative of these orders by a and b. */
export function betainc(a: number, b: number, x: number, p = 0, q = 0): number {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return Number.NaN
  if (x === 0 || x === 1) return p + q === 0 ? x : 0
  const density = betaDensity(a, b, x)
  const isLow = x <= (a + 1) / (a + b + 2) // where the fraction in x converges sooner than that in 1 − x
  const [excess] = minus([a, 0], times(twoSum(a, b), [x, 0]))
  if (p + q > 0) return isLow ? betaDerivative(a, b, x, excess, density, p, q) : -betaDerivative(b, a, 1 - x, -excess, density, q, p)
  const own = () => density / betaFraction(a, b, x, excess).value
  if (isLow) return own()
  const complement = density / betaFraction(b, a, 1 - x, -excess).value
  // Where little is left, the slower fraction finds it without cancellation.
  return complement < 0.75 ? 1 - complement : own()
}

function betaDerivative(a: number, b: number, x: number, excess: number, density: number, p: number, q: number): number {
  const algebra = seriesOf(p, q)
  const slopeA = Math.log((x / a) * (a + b)) + logMinusDigamma(a) - logMinusDigamma(a + b)
  const slopeB = Math.log(((1 - x) / b) * (a + b)) + logMinusDigamma(b) - logMinusDigamma(a + b)
  // Of log (xᵃ·(1 − x)ᵇ/B(a, b))
  const derivative = (i: number, j: number): number => {
    if (i + j === 1) return i === 1 ? slopeA : slopeB
    const ofA = j === 0 ? polygamma(i - 1, a) : 0
    const ofB = i === 0 ? polygamma(j - 1, b) : 0
    return polygamma(i + j - 1, a + b) - ofA - ofB
  }
  const front = scaled(algebra.exp(exponents(p, q, derivative)), density)
  return algebra.div(front, betaFractionSeries(algebra, a, b, x, excess)).at(-1)! * factorial(p) * factorial(q)
}
