import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromArray, ndarray, tensor } from '../../engine/index.ts'
import { accuraciesOf } from './digits-unit.ts'
import { marginOf, scoresOf } from './exact.ts'
import { accuracyOf, signedDistances } from './examples.ts'
import { logExponentialLoss, normalizedMargin } from './margin.ts'
import { exponentialAdvantage, fitLine, fitRates } from './rates.ts'

const number = fc.integer({ min: -20, max: 20 }).map((n) => n / 4)
const plane = fc.tuple(number, number, number).filter(([a, b]) => a !== 0 || b !== 0)
const examples = fc.array(fc.tuple(number, number, fc.constantFrom(-1, 1)), { minLength: 1, maxLength: 9 })
const table = (rows: readonly (readonly number[])[]) => ndarray(Float64Array.from(rows.flat()), [rows.length, rows[0].length], 'float64')

test('the twins of signedDistances and accuracyOf measure from the nearest point of the plane', () => {
  fc.assert(
    fc.property(plane, examples, ([a, b, c], rows) => {
      const found = signedDistances(Float64Array.of(a, b, c), table(rows.map(([x, y]) => [x, y])))
      // Going from (x, y) along (a, b) one meets the line a·x + b·y + c = 0 at the foot of the perpendicular.
      for (const [i, [x, y]] of rows.entries()) {
        const t = -(a * x + b * y + c) / (a * a + b * b)
        const foot = [x + t * a, y + t * b]
        expect(Math.abs(found[i])).toBeCloseTo(Math.hypot(foot[0] - x, foot[1] - y), 9)
        expect(Math.sign(found[i])).toBe(Math.sign(a * x + b * y + c))
      }
      const right = rows.filter(([x, y, label]) => (a * x + b * y + c > 0 ? 1 : a * x + b * y + c < 0 ? -1 : 0) === label)
      expect(
        accuracyOf(
          Float64Array.of(a, b, c),
          table(rows.map(([x, y]) => [x, y])),
          rows.map(([, , label]) => label),
        ),
      ).toBe(right.length / rows.length)
    }),
  )
})

test('the twins of scoresOf, marginOf and normalizedMargin multiply row by row', async () => {
  await fc.assert(
    fc.asyncProperty(plane, examples, async ([a, b], rows) => {
      const z = table(rows.map(([x, y, label]) => [label * x, label * y]))
      const scores = rows.map(([x, y, label]) => label * (a * x + b * y))
      const margin = Math.min(...scores) / Math.sqrt(a * a + b * b)
      expect([...scoresOf(z, Float64Array.of(a, b))]).toEqual(scores.map((score) => expect.closeTo(score, 9)))
      expect(marginOf(z, Float64Array.of(a, b))).toBeCloseTo(margin, 9)
      expect(await normalizedMargin(fromArray(z), tensor(Float64Array.of(a, b), { dtype: 'float64' })).item()).toBeCloseTo(margin, 9)
    }),
    { numRuns: 12 },
  )
})

test('the twin of logExponentialLoss takes exponentials', async () => {
  await fc.assert(
    fc.asyncProperty(plane, examples, async ([a, b], rows) => {
      const losses = rows.map(([x, y]) => Math.exp(-(a * x + b * y) / 4))
      const found = logExponentialLoss(
        fromArray(table(rows.map(([x, y]) => [x / 4, y / 4]))),
        tensor(Float64Array.of(a, b), { dtype: 'float64' }),
      )
      expect(await found.item()).toBeCloseTo(Math.log(losses.reduce((sum, loss) => sum + loss) / rows.length), 9)
    }),
    { numRuns: 12 },
  )
})

test('the twin of accuraciesOf counts rows pair by pair', () => {
  const row = fc.record({
    pair: fc.constantFrom('0-1', '3-8'),
    steps: fc.constantFrom(10, 20),
    label: fc.constantFrom(-1, 1),
    distance: number,
  })
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
      const items = {
        count: rows.length,
        numbers: (name: string) => rows.map((one) => one[name as 'steps']),
        texts: (name: string) => rows.map((one) => one[name as 'pair']),
      }
      for (const [name, share] of Object.entries(accuraciesOf(items))) {
        const own = rows.filter(({ pair, steps }) => name === `accuracy${steps}-${pair}`)
        expect(share).toBe(own.filter(({ label, distance }) => Math.sign(distance) === label).length / own.length)
      }
    }),
  )
})

test('the twin of fitLine: no line near it has a smaller sum of squares', () => {
  const points = fc.array(fc.tuple(number, number), { minLength: 3, maxLength: 9 }).filter((all) => new Set(all.map(([x]) => x)).size > 1)
  fc.assert(
    fc.property(points, fc.constantFrom(-0.01, 0, 0.01), fc.constantFrom(-0.01, 0, 0.01), (all, da, db) => {
      const { slope, intercept, residual } = fitLine(
        all.map(([x]) => x),
        all.map(([, y]) => y),
      )
      const residualOf = (a: number, b: number) => Math.sqrt(all.reduce((sum, [x, y]) => sum + (y - a * x - b) ** 2, 0) / all.length)
      expect(residual).toBeCloseTo(residualOf(slope, intercept), 9)
      expect(residualOf(slope + da, intercept + db)).toBeGreaterThanOrEqual(residual - 1e-12)
    }),
  )
})

test('the twins of fitRates and exponentialAdvantage know laws that are exact', () => {
  const [falling, power] = [Array.from({ length: 300 }, (_, t) => 10 ** (-0.01 * t)), Array.from({ length: 300 }, (_, t) => 3 / (t + 1e-9))]
  const exponential = fitRates(falling, { from: 20, to: 299 })
  expect(exponential.exponential.slope).toBeCloseTo(-0.01, 10)
  expect(exponentialAdvantage(exponential)).toBeGreaterThan(1)
  const polynomial = fitRates(power, { from: 20, to: 299 })
  expect(polynomial.polynomial.slope).toBeCloseTo(-1, 6)
  expect(exponentialAdvantage(polynomial)).toBeLessThan(-1)
})
