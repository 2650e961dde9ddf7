import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { add, div, erf, exp, grad, key, log, mul, random, sigmoid, sin, square, sub, sum, type Tensor, tensor } from './index.ts'
import * as special from './special.ts'
import { exact, expectValues, valuesOf } from './testing/values.ts'

/** Arguments and value, made by scripts/special-values.py with 60 digits. */
type Values = Readonly<Record<string, readonly (readonly number[])[]>>
const published = JSON.parse(readFileSync(new URL('testing/special-values.json', import.meta.url), 'utf8')) as Values

const functionOf = (name: string): ((...args: Tensor[]) => Tensor) => (name === 'erf' ? erf : special[name as 'erfc'])

const argumentsOf = (rows: readonly (readonly number[])[], make: (values: readonly number[]) => Tensor): Tensor[] =>
  rows[0].slice(0, -1).map((_, i) => make(rows.map((row) => row[i])))

describe.each(Object.keys(published))('%s', (name) => {
  const rows = published[name]

  test('float64: as published, relative to each value', async () => {
    const [found] = await valuesOf([functionOf(name)(...argumentsOf(rows, exact))])
    rows.forEach((row, i) => {
      const value = row.at(-1)!
      const error = value === 0 ? Math.abs(found[i]) : Math.abs(found[i] / value - 1)
      // Between the negative poles log |Γ| has zeros to which no formula here is tuned.
      const bound = name === 'lgamma' && row[0] < 0 ? 1e-14 * Math.max(1, 1 / Math.abs(value)) : 1e-14
      expect(error, `${name}(${row.slice(0, -1)}) = ${found[i]}, not ${value}`).toBeLessThanOrEqual(bound)
    })
  })

  test('float32: two units in the last place of what float64 gives for the rounded arguments', async () => {
    const single = argumentsOf(rows, (values) => tensor(Float32Array.from(values)))
    const double = argumentsOf(rows, (values) => tensor(Float64Array.from(Float32Array.from(values))))
    const [found, expected] = await valuesOf([functionOf(name)(...single), functionOf(name)(...double)])
    expected.forEach((value, i) => {
      const nearest = Math.fround(value)
      if (!(Math.abs(nearest) > 1e-37 && Number.isFinite(nearest))) return
      expect(Math.abs(found[i] - value), `${name} ${rows[i]}: ${found[i]}, not ${value}`).toBeLessThanOrEqual(2 ** -22 * Math.abs(value))
    })
  })
})

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number

test('at the ends of their ranges, and outside them', async () => {
  const expected: [(x: Tensor) => Tensor, number[], number[]][] = [
    [special.erfc, [infinity, -infinity, nan, 30], [0, 2, nan, 0]],
    [special.erfcx, [infinity, -infinity, nan], [0, infinity, nan]],
    [special.erfinv, [1, -1, 0, 1.5, nan], [infinity, -infinity, 0, nan, nan]],
    [special.normalCdf, [infinity, -infinity, nan], [1, 0, nan]],
    [special.logNormalCdf, [infinity, -infinity, nan], [0, -infinity, nan]],
    [special.normalQuantile, [0, 1, 0.5, -0.1, nan], [-infinity, infinity, 0, nan, nan]],
    [special.lgamma, [1, 2, 0, -3, infinity, -infinity, nan], [0, 0, infinity, infinity, infinity, infinity, nan]],
    [special.digamma, [0, -2, infinity, -infinity, nan], [nan, nan, infinity, nan, nan]],
    [(x) => special.gammainc(x, 1), [-1, 0, nan], [nan, nan, nan]],
    [(x) => special.gammainc(2, x), [0, infinity, -1, nan], [0, 1, nan, nan]],
    [(x) => special.gammaincc(2, x), [0, infinity], [1, 0]],
    [(x) => special.betainc(2, 3, x), [0, 1, -0.1, 1.1, nan], [0, 1, nan, nan, nan]],
    [(x) => special.zeta(x, 1), [1, 0.5, nan], [infinity, nan, nan]],
    [special.besselI0, [0, infinity, -infinity, nan, 800], [1, infinity, infinity, nan, infinity]],
    [special.besselI1, [0, infinity, -infinity, nan], [0, infinity, -infinity, nan]],
    [special.besselI0e, [infinity, nan], [0, nan]],
    [special.sinc, [0, nan], [1, nan]],
    [special.logit, [0, 1, 0.5, 2], [-infinity, infinity, 0, nan]],
    [special.logSigmoid, [infinity, -infinity, nan], [0, -infinity, nan]],
    [(x) => special.xlogy(x, 0), [0, 1, nan], [0, -infinity, nan]],
    [(x) => special.xlogy(0, x), [0, nan, infinity], [0, 0, 0]],
    [(x) => special.xlog1py(x, -1), [0, 2], [0, -infinity]],
  ]
  const found = await valuesOf(expected.map(([fn, x]) => fn(exact(x))))
  found.forEach((values, i) => {
    expect(
      values.map((value) => value + 0),
      String(expected[i][0]),
    ).toEqual(expected[i][2])
  })
})

test('identities at generated points: reflection, recurrence, complements, inverses', async () => {
  const x = random.uniform(key(3), [400], { low: 0.01, high: 30, dtype: 'float64' })
  const a = random.uniform(key(4), [400], { low: 0.01, high: 40, dtype: 'float64' })
  const p = random.uniform(key(5), [400], { low: 1e-6, high: 0.999999, dtype: 'float64' })
  const one = add(mul(p, 0), 1)
  const same: Record<string, [Tensor, Tensor]> = {
    'Γ(x + 1) = x·Γ(x)': [special.lgamma(add(x, 1)), add(special.lgamma(x), log(x))],
    'Γ(p)·Γ(1 − p)·sin πp = π': [exp(add(special.lgamma(p), special.lgamma(sub(1, p)))), div(Math.PI, sin(mul(p, Math.PI)))],
    'ψ(x + 1) = ψ(x) + 1/x': [special.digamma(add(x, 1)), add(special.digamma(x), div(1, x))],
    "ψ'(x + 1) = ψ'(x) − 1/x²": [special.polygamma(1, add(x, 1)), sub(special.polygamma(1, x), div(1, square(x)))],
    'P + Q = 1': [add(special.gammainc(a, x), special.gammaincc(a, x)), one],
    'I_p(a, x) + I_{1−p}(x, a) = 1': [add(special.betainc(a, x, p), special.betainc(x, a, sub(1, p))), one],
    'Φ(Φ⁻¹(p)) = p': [special.normalCdf(special.normalQuantile(p)), p],
    'erf(erf⁻¹(p)) = p': [erf(special.erfinv(p)), p],
    'erf + erfc = 1': [add(erf(x), special.erfc(x)), one],
    'logit(sigmoid(x)) = x': [sigmoid(special.logit(p)), p],
  }
  const values = await valuesOf(Object.values(same).flat())
  Object.keys(same).forEach((name, i) => {
    const [left, right] = [values[2 * i], values[2 * i + 1]]
    left.forEach((value, k) => {
      expect(Math.abs(value - right[k]), name).toBeLessThanOrEqual(3e-13 * Math.max(1, Math.abs(right[k])))
    })
  })
})

const shapeDerivatives = JSON.parse(readFileSync(new URL('testing/shape-derivatives.json', import.meta.url), 'utf8')) as Values

describe('derivatives in the shapes are differences of 60-digit values', () => {
  const gradients = (fn: (...x: Tensor[]) => Tensor) => grad((x: Tensor[]) => sum(fn(...x)))
  const compare = (found: readonly number[], rows: readonly (readonly number[])[], column: number, sign = 1) =>
    rows.forEach((row, i) => {
      const value = sign * row[column]
      expect(Math.abs(found[i] / value - 1), `${row}: ${found[i]}, not ${value}`).toBeLessThanOrEqual(2e-13)
    })

  test('gammainc and gammaincc, by a once and twice', async () => {
    const rows = shapeDerivatives.gammainc
    const at = rows[0].slice(0, 2).map((_, i) => exact(rows.map((row) => row[i])))
    for (const [fn, sign] of [[special.gammainc, 1] as const, [special.gammaincc, -1] as const]) {
      const first = gradients((a, x) => fn(a, x))
      const second = gradients((a, x) => first([a, x])[0])
      const found = await valuesOf([first(at)[0], second(at)[0]])
      compare(found[0], rows, 2, sign)
      compare(found[1], rows, 3, sign)
    }
  })

  test('betainc, by a and b once, twice, and by both', async () => {
    const rows = shapeDerivatives.betainc
    const at = [0, 1, 2].map((i) => exact(rows.map((row) => row[i])))
    const first = gradients((a, b, x) => special.betainc(a, b, x))
    const [byA, byB] = [0, 1].map((i) => gradients((...x) => first(x)[i])(at))
    const found = await valuesOf([...first(at).slice(0, 2), byA[0], byA[1], byB[1]])
    found.forEach((values, i) => {
      compare(values, rows, 3 + i)
    })
  })
})

test('densities at the ends: of shape 1 at 0, and outside of the range', async () => {
  const density = (a: number) => grad((x: Tensor) => sum(special.gammainc(a, x)))
  const uniform = grad((x: Tensor) => sum(special.betainc(1, 1, x)))
  const byShape = grad((a: Tensor) => sum(special.gammainc(a, exact([0, infinity, -1]))))
  const found = await valuesOf([density(1)(exact([0, 1])), density(2)(exact([0])), uniform(exact([0, 1])), byShape(exact([2, 2, 2]))])
  expect(found).toEqual([[1, expect.closeTo(Math.exp(-1), 14)], [0], [1, 1], [0, 0, nan]])
})

test('inputs that have no derivative say so', () => {
  expect(() => grad((s: Tensor) => sum(special.zeta(s, 1)))(exact([2]))).toThrow(
    /zeta has no derivative with respect to s; stopGradient\(s\) says that it counts as a constant/,
  )
})

test('sinc has every derivative at 0', async () => {
  const second = grad((x: Tensor) => sum(grad((y: Tensor) => sum(special.sinc(y)))(x)))
  await expectValues(second(exact([0, 1e-9])), [-(Math.PI ** 2) / 3, -(Math.PI ** 2) / 3], 1e-14)
})
