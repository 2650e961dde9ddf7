import fc from 'fast-check'
import { expect, test } from 'vitest'
import { logarithm, over, plus, times, twoProduct, twoSum } from './double-double.ts'

/** A float64 as a fraction of whole numbers over 2^1100. */
const scale = 1100n
function exactly(x: number): bigint {
  const bits = new BigUint64Array(Float64Array.of(Math.abs(x)).buffer)[0]
  const exponent = bits >> 52n
  const mantissa = (bits & ((1n << 52n) - 1n)) | (exponent ? 1n << 52n : 0n)
  const size = mantissa << (scale - 1075n + (exponent || 1n))
  return x < 0 ? -size : size
}
const exact = ([high, low]: readonly number[]) => exactly(high) + exactly(low)

const number = fc.double({ min: 2 ** -200, max: 2 ** 200, noNaN: true }).chain((x) => fc.constantFrom(x, -x))
const pair = fc.tuple(number, fc.double({ min: -1, max: 1, noNaN: true })).map(([x, part]) => twoSum(x, x * part * 2 ** -54))
const size = (x: bigint) => (x < 0n ? -x : x)

test('sums and products of two numbers are exact', () => {
  fc.assert(
    fc.property(number, number, (a, b) => {
      expect(exact(twoSum(a, b))).toBe(exactly(a) + exactly(b))
      expect(exact(twoProduct(a, b)) << scale).toBe(exactly(a) * exactly(b))
    }),
  )
})

test('sums, products and quotients of pairs are right to 30 digits', () => {
  const near = (found: bigint, wanted: bigint, among: bigint) => expect(size(found - wanted) * 10n ** 30n <= size(among)).toBe(true)
  fc.assert(
    fc.property(pair, pair, (a, b) => {
      near(exact(plus(a, b)), exact(a) + exact(b), size(exact(a)) + size(exact(b)))
      near(exact(times(a, b)) << scale, exact(a) * exact(b), exact(a) * exact(b))
      near(exact(over(a, b)) * exact(b), exact(a) << scale, exact(a) << scale)
    }),
  )
})

test('logarithms: published digits, and log(x·y) = log x + log y', () => {
  // log 10 to 40 digits is 2.302585092994045684017991454684364207601.
  const [high, low] = logarithm([10, 0])
  expect(high).toBe(Math.LN10)
  expect(low).toBeCloseTo(-2.1707562233822494e-16, 31)
  const positive = fc.double({ min: 1e-60, max: 1e60, noNaN: true })
  fc.assert(
    fc.property(positive, positive, (x, y) => {
      const [a, b] = [logarithm([x, 0]), logarithm([y, 0])]
      const [difference] = plus(logarithm(twoProduct(x, y)), plus([-a[0], -a[1]], [-b[0], -b[1]]))
      expect(Math.abs(difference)).toBeLessThanOrEqual(1e-30 * (1 + Math.abs(a[0]) + Math.abs(b[0])))
    }),
  )
})
