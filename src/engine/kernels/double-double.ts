/*
 * Numbers as unevaluated sums of two float64, some 32 digits (Dekker 1971): for exponents, whose absolute error becomes a relative one.
 */

export type Double2 = readonly [high: number, low: number]

/** a + b, exactly. */
export function twoSum(a: number, b: number): Double2 {
  const sum = a + b
  const part = sum - a
  return [sum, a - (sum - part) + (b - part)]
}

const splitter = 2 ** 27 + 1

/** a·b, exactly where it neither overflows nor comes near the least numbers. */
export function twoProduct(a: number, b: number): Double2 {
  const product = a * b
  const [x, y] = [splitter * a, splitter * b]
  const [aHigh, bHigh] = [x - (x - a), y - (y - b)]
  const [aLow, bLow] = [a - aHigh, b - bHigh]
  return [product, aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow]
}

export function plus(a: Double2, b: Double2): Double2 {
  const [high, low] = twoSum(a[0], b[0])
  const [c, d] = twoSum(a[1], b[1])
  const [e, f] = twoSum(high, low + c)
  return twoSum(e, f + d)
}

export function times(a: Double2, b: Double2): Double2 {
  const [high, low] = twoProduct(a[0], b[0])
  return twoSum(high, low + (a[0] * b[1] + a[1] * b[0]))
}

export function over(a: Double2, b: Double2): Double2 {
  const first = a[0] / b[0]
  const rest = plus(a, times([-first, 0], b))
  const second = rest[0] / b[0]
  const last = plus(rest, times([-second, 0], b))
  return plus([first, 0], twoSum(second, last[0] / b[0]))
}

const ln2: Double2 = [Math.LN2, 2.3190468138462996e-17]

/** 2/(2k + 1): the coefficients of log((1 + r)/(1 − r)) = 2·(r + r³/3 + r⁵/5 + …) */
const coefficients = Array.from({ length: 22 }, (_, k) => over([2, 0], [2 * k + 1, 0]))

/** From this term on float64 is enough: r² ≤ 0.03. */
const coarse = 11

/** log z for a positive normal number. */
export function logarithm(z: Double2): Double2 {
  const exponent = Math.round(Math.log2(z[0]))
  // Powers of two in two steps, since one alone may leave the range.
  const half = 2 ** -Math.trunc(exponent / 2)
  const rest = 2 ** (Math.trunc(exponent / 2) - exponent)
  const m: Double2 = [z[0] * half * rest, z[1] * half * rest]
  const r = over(plus(m, [-1, 0]), plus(m, [1, 0]))
  const r2 = times(r, r)
  let tail = 0
  for (let k = coefficients.length - 1; k >= coarse; k--) tail = tail * r2[0] + coefficients[k][0]
  let series: Double2 = [tail, 0]
  for (let k = coarse - 1; k >= 0; k--) series = plus(times(series, r2), coefficients[k])
  return plus(times([exponent, 0], ln2), times(series, r))
}
