import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { draws } from '../../data/draws.ts'
import { inContext, nearestShots, randomShots } from './in-context.ts'
import { bm25 } from './retrieval.ts'

const documents = [
  'sort a list of dictionaries by a key',
  'open a file and read lines',
  'sort a dictionary by value',
  'reverse a string',
  'read a csv file into a list of dictionaries',
  'remove duplicates from a list',
]

describe('BM25', () => {
  // BM25Okapi of rank_bm25 0.2.2 with its defaults, on the same words.
  test.each([
    ['sort list of dictionaries by value', [2.044475356181, 0, 2.675520339389, 0, 0.959651697799, 0]],
    ['read file', [0, 1.175573329804, 0, 0, 0.959651697799, 0]],
    ['reverse reverse string', [0, 0, 0, 5.029482519214, 0, 0]],
    ['nothing here', [0, 0, 0, 0, 0, 0]],
  ])('of %s is that of rank_bm25', (query, theirs) => {
    for (const [i, score] of bm25(documents).scores(query).entries()) expect(score).toBeCloseTo(theirs[i], 11)
  })

  test('ranks the best first, and equal ones in their order', () => {
    expect(bm25(documents).best('Sort a DICTIONARY, by value!', 2)).toEqual([2, 0])
    expect(bm25(documents).best('nothing here', 3)).toEqual([0, 1, 2])
  })

  test('a document answers itself best', () => {
    const word = fc.constantFrom(...'abcdefgh')
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.uniqueArray(word, { minLength: 3, maxLength: 3 }), { minLength: 4, selector: (d) => d.toSorted().join() }),
        (texts) => {
          const index = bm25(texts.map((words) => words.join(' ')))
          // Of sets of as many words, none has more of the query's than the query itself; rare words in common may at most tie.
          for (const [i, words] of texts.entries()) {
            const scores = index.scores(words.join(' '))
            expect(scores[i]).toBeGreaterThanOrEqual(Math.max(...scores) - 1e-12)
          }
        },
      ),
      { numRuns: 50, seed: 3 },
    )
  })

  test('refuses what cannot be searched', () => {
    expect(() => bm25([])).toThrow(/no documents/)
    expect(() => bm25(['a'], { b: 2 })).toThrow(/0 ≤ b ≤ 1/)
  })
})

describe('prompts with examples', () => {
  const pool = documents.map((prompt, i) => ({ prompt, completion: `f${i}()` }))
  const random = draws([1, 2])

  test('have the header and the form of the study', () => {
    const { before } = inContext('sort a dictionary', { choose: nearestShots(pool), k: 2, fits: () => true })
    expect(before).toBe(
      'Generate Python code given a natural language instruction.\n' +
        '### Instruction:\nsort a list of dictionaries by a key\n### Response:\nf0()\n' +
        '### Instruction:\nsort a dictionary by value\n### Response:\nf2()\n',
    )
  })

  test('random examples are all equally likely, and none stands twice', () => {
    const counts = pool.map(() => 0)
    const choose = randomShots(pool, random.integer)
    for (let i = 0; i < 3000; i++) {
      const chosen = choose('', 2, 0).map((one) => pool.indexOf(one))
      expect(new Set(chosen).size).toBe(2)
      for (const one of chosen) counts[one]++
    }
    // 1,000 expected; five standard deviations of a binomial with p = 1/3.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(3000 * (1 / 3) * (2 / 3)))
    expect(choose('', 20, 0).length).toBe(pool.length)
  })

  test('keep to the budget: other examples, then fewer, then none', () => {
    const header = 58 + 1
    const shot = ({ prompt, completion }: (typeof pool)[number]) => 34 + prompt.length + completion.length
    for (const choose of [nearestShots(pool), randomShots(pool, random.integer)])
      for (const room of [header, header + 60, header + 120, 1000]) {
        const { before, shots } = inContext('read a file', { choose, k: 3, fits: (text) => text.length <= room })
        expect(before.length).toBeLessThanOrEqual(Math.max(room, header))
        const most = [...pool.map(shot)].sort((a, b) => a - b)
        if (room >= header + most[0] + most[1] + most[2] + 100) expect(shots.length).toBe(3)
        if (room === header) expect(shots.length).toBe(0)
      }
  })
})
