import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  charSetFraction,
  digitRatio,
  maxChars,
  minChars,
  repeatedLineRatio,
  repeatedNgramRatio,
  runsOf,
  symbolRatio,
  wordsOf,
} from './filters.ts'
import { agreement, hash32, minhash, minhashDedup } from './minhash.ts'
import { clean } from './pipeline.ts'
import { linearQuality, qualityOf, trainQuality } from './quality.ts'

test.each([
  [minChars(5), 'abcd', 4, false],
  [minChars(4), 'abcd', 4, true],
  [minChars(3), '日本語', 3, true],
  [maxChars(3), 'abcd', 4, false],
  [symbolRatio(0.3), 'a!b?c d', 2 / 7, true],
  [symbolRatio(0.2), 'a!b?c d', 2 / 7, false],
  [symbolRatio(0), 'वर्षा', 0, true],
  [digitRatio(0.5), '12ab', 0.5, true],
  [digitRatio(0.4), '12ab', 0.5, false],
  [repeatedLineRatio(0.4), 'a\nb\n\na\na', 0.5, false],
  [repeatedNgramRatio(2, 0.3), 'a b a b a b', 1 - 2 / 5, false],
  [charSetFraction(['Latin'], 0.5), 'abc вгд', 0.5, true],
  [charSetFraction(['Han', 'Hiragana', 'Katakana'], 0.9), '日本ごabc', 0.5, false],
  [charSetFraction(['Latin'], 0.1), '123', 0, false],
])('%o on %j measures %d', (filter, text, value, keep) => {
  const decision = filter.decide(text)
  expect(decision.features[filter.name]).toBeCloseTo(value, 12)
  expect([decision.keep, decision.reason]).toEqual([keep, keep ? undefined : filter.name])
})

test('words and runs by hand', () => {
  expect(wordsOf('The rain, 2 falls; 日本')).toEqual(['the', 'rain', '2', 'falls', '日', '本'])
  expect(runsOf(['a', 'b', 'c'], 2)).toEqual(['a b', 'b c'])
})

test('FNV-1a: published values', () => {
  expect(['', 'a', 'foobar'].map(hash32)).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968])
})

test('agreement of signatures estimates the Jaccard similarity of the shingles', () => {
  const signature = minhash({ shingle: 1, permutations: 512 })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 60 }), (common, own) => {
      const shared = Array.from({ length: common }, (_, i) => `c${i}`)
      const [a, b] = ['a', 'b'].map((side) => [...shared, ...Array.from({ length: own }, (_, i) => `${side}${i}`)].join(' '))
      const jaccard = common / (common + 2 * own)
      // Five standard deviations of a binomial of 512.
      expect(Math.abs(agreement(signature(a), signature(b)) - jaccard)).toBeLessThan(5 * Math.sqrt((jaccard * (1 - jaccard) + 0.002) / 512))
    }),
    { numRuns: 40 },
  )
})

const words = (count: number, first = 0) => Array.from({ length: count }, (_, i) => `w${first + i}`).join(' ')

test('near copies are dropped, the first is kept, other texts are left alone', () => {
  const dedup = minhashDedup()
  expect(dedup.decide(words(200)).keep).toBe(true)
  expect(dedup.decide(words(200)).keep).toBe(false)
  expect(dedup.decide(`${words(200)} and one more`).keep).toBe(false)
  expect(dedup.decide(words(200, 1000)).keep).toBe(true)
})

test('the classifier tells unseen texts of one kind from those of the other', () => {
  const good = Array.from({ length: 60 }, (_, i) => `the committee discussed the report on rivers and forests number ${i} ${words(3, i)}`)
  const bad = Array.from({ length: 60 }, (_, i) => `click here buy now cheap offer deal number ${i} ${words(3, i + 500)}`)
  const model = trainQuality(good.slice(0, 40), bad.slice(0, 40))
  expect(good.slice(40).every((text) => qualityOf(model, text) > 0.8)).toBe(true)
  expect(bad.slice(40).every((text) => qualityOf(model, text) < 0.2)).toBe(true)
  expect(linearQuality(model).decide(bad[50])).toMatchObject({ keep: false, reason: 'linearQuality' })
  expect(() => trainQuality(good, [])).toThrow('good and bad')
})

test('each rejected document is counted once, by the first filter that rejects it', () => {
  const items = ['short', '1234567890 1234567890', 'this one is fine as it is', 'this one is fine as it is']
  const { kept, counts, samples } = clean(items, (text) => text, [minChars(8), digitRatio(0.3), minhashDedup({ shingle: 2 })])
  expect(kept).toEqual([items[2]])
  expect(counts).toEqual({ minChars: 1, digitRatio: 1, minhashDedup: 1 })
  expect(samples.digitRatio[0].item).toBe(items[1])
  expect(kept.length + Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(items.length)
})
