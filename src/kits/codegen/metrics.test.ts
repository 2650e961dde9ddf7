import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { draws } from '../../data/draws.ts'
import { bleu } from './bleu.ts'
import { chrf } from './chrf.ts'
import { exactMatch, withSingleSpaces } from './exact-match.ts'
import { wordsOf } from './n-grams.ts'
import { passAtK } from './pass-at-k.ts'

describe('BLEU', () => {
  const hypothesis = wordsOf('It is a guide to action which ensures that the military always obeys the commands of the party')
  const references = [
    'It is a guide to action that ensures that the military will forever heed Party commands',
    'It is the guiding principle which guarantees the military forces always being under the command of the Party',
    'It is the practical guide for the army always to heed the directions of the party',
  ].map(wordsOf)

  test("is that of NLTK's documentation", () => {
    const { score, precisions, brevityPenalty } = bleu([{ hypothesis, references }])
    expect(score).toBeCloseTo(0.504567, 6)
    expect(precisions).toEqual([17 / 18, 10 / 17, 7 / 16, 4 / 15])
    expect(brevityPenalty).toBe(1)
  })

  test('of the same text is 1, of nothing in common 0, of nothing at all 0', () => {
    expect(bleu([{ hypothesis, references: [hypothesis] }]).score).toBe(1)
    expect(bleu([{ hypothesis: ['x', 'y'], references: [['a', 'b']] }]).score).toBe(0)
    expect(bleu([{ hypothesis: [], references: [['a']] }]).score).toBe(0)
  })

  test('short texts pay exp(1 − r/c), and each order without a match counts as a tenth', () => {
    const { score, precisions } = bleu([{ hypothesis: ['a', 'b'], references: [['a', 'c', 'd']] }])
    expect(precisions).toEqual([1 / 2, 0.1, 0.1, 0.1])
    expect(score).toBeCloseTo(Math.exp(1 - 3 / 2) * (0.5 * 0.1 ** 3) ** 0.25, 12)
  })
})

describe('chrF', () => {
  test('of the same text is 100, of other characters 0', () => {
    expect(chrf(['for x in y:'], ['for x in y:'])).toBe(100)
    expect(chrf(['abc'], ['xyz'], { wordOrder: 2 })).toBe(0)
    expect(chrf([''], ['xyz'])).toBe(0)
  })

  test('by hand: one order counts where texts have a single character', () => {
    // 1-grams: 1 of 2 right, 1 of 1 found; 2-grams: the reference has none.
    expect(chrf(['ab'], ['a'])).toBeCloseTo((100 * 5 * 0.5 * 1) / (4 * 0.5 + 1), 10)
  })

  test('white space does not count without words', () => {
    expect(chrf(['x=1'], ['x = 1'])).toBe(100)
    expect(chrf(['x=1'], ['x = 1'], { wordOrder: 2 })).toBeLessThan(100)
  })
})

test('exact match in one line, at k, and with single spaces', () => {
  const references = ['x\t= 1\ny', 'b']
  const predictions = [['x = 1 y'], ['c', 'b ']]
  expect([1, 2].map((k) => exactMatch(references, predictions, k))).toEqual([50, 50])
  expect(exactMatch(references, predictions, 2, withSingleSpaces)).toBe(100)
})

describe('pass@k', () => {
  test('is 1 if all are right, 0 if none is, c/n for one sample', () => {
    expect(passAtK({ samples: 5, correct: 5, k: 2 })).toBe(1)
    expect(passAtK({ samples: 5, correct: 0, k: 2 })).toBe(0)
    expect(passAtK({ samples: 10, correct: 3, k: 1 })).toBeCloseTo(0.3, 12)
    expect(() => passAtK({ samples: 2, correct: 1, k: 3 })).toThrow(/at least k samples/)
  })

  test('is the share of draws without replacement that hold a right one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(8), fc.nat(8), (samples, c, kk) => {
        const [correct, k] = [Math.min(c, samples), 1 + (kk % samples)]
        const random = draws([samples, 64 * correct + k])
        const trials = 2000
        let hits = 0
        for (let t = 0; t < trials; t++) {
          const left = Array.from({ length: samples }, (_, i) => i < correct)
          for (let drawn = 0; drawn < k; drawn++)
            if (left.splice(random.integer(left.length), 1)[0]) {
              hits++
              break
            }
        }
        // Five standard deviations of 2,000 coins.
        expect(Math.abs(hits / trials - passAtK({ samples, correct, k }))).toBeLessThan(5 * Math.sqrt(0.25 / trials))
      }),
      { numRuns: 30, seed: 7 },
    )
  })
})
