import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tensor } from '../../engine/index.ts'
import { logitsOf, problemsOf } from './multi-class.ts'

test('every class against the rest, or every pair once', () => {
  expect(problemsOf(3, 'oneVsRest')).toEqual([{ positive: 0 }, { positive: 1 }, { positive: 2 }])
  expect(problemsOf(4, 'pairwise').map(({ positive, negative }) => `${positive}${negative}`)).toEqual(['01', '02', '03', '12', '13', '23'])
})

test('pairs vote; equal votes are decided by the distances', async () => {
  const problems = problemsOf(4, 'pairwise')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 6, maxLength: 6 }), async (hundredths) => {
      const distances = hundredths.map((value) => value / 100 + 0.003)
      const logits = await logitsOf(tensor([distances]), problems, 4).data()
      const [votes, sums] = [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ]
      problems.forEach(({ positive, negative }, i) => {
        votes[distances[i] > 0 ? positive : negative!]++
        sums[positive] += distances[i]
        sums[negative!] -= distances[i]
      })
      const better = (a: number, b: number) => votes[a] - votes[b] || sums[a] - sums[b]
      for (const a of votes.keys())
        for (const b of votes.keys())
          if (Math.abs(sums[a] - sums[b]) > 1e-2) expect(Math.sign(logits[a] - logits[b])).toBe(Math.sign(better(a, b)))
    }),
    { numRuns: 60 },
  )
})
