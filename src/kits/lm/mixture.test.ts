import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expectedPasses, type MixtureOptions, mixtureSampler, normalizedWeights } from './mixture.ts'

/** Each corpus counts up in its own range, so that a window says where it came from. */
const counting = (first: number, length: number) => Int32Array.from({ length }, (_, i) => first + i)
const corpora = { a: counting(0, 500), b: counting(10_000, 300), c: counting(20_000, 4000) }
const stages = [
  { name: 'CAP', steps: 300, weights: { a: 8, b: 1, c: 1 } },
  { name: 'CAT', steps: 200, weights: { a: 0.4, b: 0.3, c: 0.3 } },
]
const options: MixtureOptions = { corpora, stages, batch: 40, context: 8, seed: 3 }

test('domains are drawn as often as their weights say, within three standard deviations, in each stage', () => {
  const sampler = mixtureSampler(options)
  expect(sampler.steps).toBe(500)
  const ranges = [
    [0, 300],
    [300, 500],
  ]
  for (const [stage, [begin, end]] of ranges.entries()) {
    const counts: Record<string, number> = { a: 0, b: 0, c: 0 }
    for (let step = begin; step < end; step++) for (const domain of sampler.at(step).domains) counts[domain]++
    const drawn = (end - begin) * options.batch
    for (const [domain, share] of Object.entries(normalizedWeights(stages[stage].weights)))
      expect(Math.abs(counts[domain] - share * drawn)).toBeLessThan(3 * Math.sqrt(share * (1 - share) * drawn))
  }
})

test('windows are runs of their corpus, targets are one further on, and every place is reached', () => {
  const sampler = mixtureSampler(options)
  const begins = new Set<number>()
  for (let step = 0; step < 500; step++) {
    const { x, y, domains } = sampler.at(step)
    for (const [row, domain] of domains.entries()) {
      const first = x.data[row * 8]
      const own = corpora[domain as keyof typeof corpora]
      const begin = own.indexOf(first)
      expect(Array.from(x.data.subarray(row * 8, row * 8 + 8))).toEqual(Array.from(own.subarray(begin, begin + 8)))
      expect(Array.from(y.data.subarray(row * 8, row * 8 + 8))).toEqual(Array.from(own.subarray(begin + 1, begin + 9)))
      if (domain === 'b') begins.add(begin)
    }
  }
  // [0, length − context − 1]: both ends.
  expect([Math.min(...begins), Math.max(...begins)]).toEqual([0, 300 - 8 - 1])
})

test('a batch follows from seed and step alone', () => {
  const one = mixtureSampler(options)
  const ahead = one.at(412)
  for (let step = 0; step < 412; step += 50) one.at(step)
  expect(mixtureSampler(options).at(412)).toEqual(ahead)
  expect(one.at(413)).not.toEqual(ahead)
  expect(mixtureSampler({ ...options, seed: 4 }).at(412)).not.toEqual(ahead)
})

test('a domain of weight 0 is never drawn, and needs no corpus', () => {
  const sampler = mixtureSampler({ ...options, stages: [{ name: 'one', steps: 50, weights: { a: 1, b: 0, missing: 0 } }] })
  for (let step = 0; step < 50; step++) expect(new Set(sampler.at(step).domains)).toEqual(new Set(['a']))
})

test('shares sum to 1 and keep their proportions', () => {
  const weight = fc.double({ min: 0, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(fc.array(weight, { minLength: 1, maxLength: 6 }), (list) => {
      fc.pre(list.some((value) => value > 1e-3))
      const weights = Object.fromEntries(list.map((value, i) => [`d${i}`, value]))
      const shares = normalizedWeights(weights)
      const total = Object.values(shares).reduce((sum, share) => sum + share, 0)
      expect(total).toBeCloseTo(1, 9)
    }),
  )
})

test.each([
  [{ a: 0, b: 0 }, 'the weights sum to 0'],
  [{ a: 1, b: -0.1 }, "the weight of 'b' is -0.1"],
  [{ a: Number.NaN }, "the weight of 'a' is NaN"],
  [{ a: 1, d: 1 }, "there is no corpus 'd'"],
])('%j is refused', (weights, message) => {
  expect(() => mixtureSampler({ ...options, stages: [{ name: 'CAP', steps: 1, weights }] })).toThrow(message)
})

test('a corpus shorter than a window is refused; passes are tokens drawn over tokens there', () => {
  expect(() => mixtureSampler({ ...options, context: 300 })).toThrow(
    "the corpus 'b' has 300 tokens, a window and the token after it need 301",
  )
  const passes = expectedPasses({ ...options, stages: [{ name: 'one', steps: 100, weights: { a: 1, b: 3 } }] })
  expect(passes).toEqual({ a: (0.25 * 100 * 40 * 8) / 500, b: (0.75 * 100 * 40 * 8) / 300 })
})
