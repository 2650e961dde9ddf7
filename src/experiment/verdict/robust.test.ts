import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { interquartileMean, shareAbove } from './robust.ts'

const finite = fc.double({ min: -1e3, max: 1e3, noNaN: true })
const some = fc.array(finite, { minLength: 1, maxLength: 12 })

describe('the interquartile mean', () => {
  // scipy 1.17: scipy.stats.trim_mean(values, 0.25), what rliable's aggregate_iqm calls.
  test.each([
    [[1, 2, 3, 100], 2.5],
    [[2.5, -1, 4, 8, 0.5, 3, 7], 3.4],
    [[5, 1, 4], 3.3333333333333335],
    [[0.12, 0.48, 0.33, 0.91, 0.27, 0.66, 0.05, 0.74, 0.58, 0.39], 0.4516666666666667],
    [[0.2, 0.5, 0.9, 1.4, 1.1, 1.9, -0.3, 0.7, 0.1], 0.6799999999999999],
  ])('of %j is %d', (values, published) => expect(interquartileMean(values)).toBeCloseTo(published, 12))

  test('by hand: of eight values the four in the middle', () =>
    expect(interquartileMean([8, -50, 2, 5, 900, 1, 3, 4])).toBe((2 + 3 + 4 + 5) / 4))

  test('the twin of interquartileMean drops the ends one by one', () => {
    fc.assert(
      fc.property(some, (values) => {
        let kept = [...values]
        for (let i = 0; i < Math.floor(values.length / 4); i++) {
          for (const end of [Math.min(...kept), Math.max(...kept)]) kept = kept.toSpliced(kept.indexOf(end), 1)
        }
        expect(interquartileMean(values)).toBeCloseTo(kept.reduce((sum, value) => sum + value, 0) / kept.length, 9)
      }),
    )
  })

  test('moves with the values, whatever their order', () => {
    fc.assert(
      fc.property(some, finite, fc.double({ min: 0.1, max: 10, noNaN: true }), (values, shift, scale) => {
        const moved = interquartileMean([...values].reverse().map((value) => scale * value + shift))
        expect(moved).toBeCloseTo(scale * interquartileMean(values) + shift, 6)
      }),
    )
  })

  test('is not moved by how far an outlier lies', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 3, maxLength: 12 }), fc.double({ min: 2e3, max: 1e9, noNaN: true }), (values, far) => {
        expect(interquartileMean([...values, far])).toBe(interquartileMean([...values, 2 * far]))
      }),
    )
  })
})

describe('the probability of improvement', () => {
  // scipy 1.17: scipy.stats.mannwhitneyu(own, rival).statistic / (len(own) · len(rival)).
  test.each([
    [[0.9, 0.8, 0.75, 0.6], [0.7, 0.65, 0.8], 0.625],
    [[1, 2, 3], [4, 5], 0],
    [[3, 3, 1], [3, 2, 2, 0], 0.6666666666666666],
  ])('of %j over %j is %d', (own, rival, published) => expect(shareAbove(own, rival)).toBeCloseTo(published, 12))

  const coarse = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 9 })

  test('the twin of shareAbove goes by ranks', () => {
    fc.assert(
      fc.property(coarse, coarse, (own, rival) => {
        // U = (sum of own ranks among all) − n(n + 1)/2, ties sharing the mean of their ranks.
        const all = [...own, ...rival]
        const rank = (value: number) =>
          all.filter((other) => other < value).length + (all.filter((other) => other === value).length + 1) / 2
        const sum = own.reduce((total, value) => total + rank(value), 0)
        expect(shareAbove(own, rival)).toBeCloseTo((sum - (own.length * (own.length + 1)) / 2) / (own.length * rival.length), 10)
      }),
    )
  })

  test('turns round when the two change places', () => {
    fc.assert(
      fc.property(coarse, coarse, (own, rival) => {
        expect(shareAbove(own, rival) + shareAbove(rival, own)).toBeCloseTo(1, 12)
      }),
    )
  })
})
