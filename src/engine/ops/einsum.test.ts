import fc from 'fast-check'
import { expect, test } from 'vitest'
import { einsum, einsumPath, tensordot, zeros } from '../index.ts'

test('the textbook chain is multiplied from its thin end', () => {
  const path = einsumPath('ij,jk,kl->il', [10, 1000], [1000, 5], [5, 500])
  expect(path).toMatchObject({ cost: 75_000, naiveCost: 50_000_000, largest: 5000 })
  expect(path.steps.map(({ equation }) => equation)).toEqual([expect.stringMatching(/^(ij,jk|jk,ij)->/), expect.any(String)])
})

/** The cost of a chain of matrices by the cubic recurrence of dynamic programming textbooks. */
function chainCost(extents: readonly number[]): number {
  const cost = (from: number, to: number): number => {
    if (to - from === 1) return 0
    const splits = Array.from({ length: to - from - 1 }, (_, k) => from + k + 1)
    return Math.min(...splits.map((at) => cost(from, at) + cost(at, to) + extents[from] * extents[at] * extents[to]))
  }
  return cost(0, extents.length - 1)
}

test('no order of a chain is cheaper than the planned one', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 2, max: 30 }), { minLength: 3, maxLength: 7 }), (extents) => {
      const letters = 'abcdefgh'.slice(0, extents.length)
      const names = extents.slice(1).map((_, k) => letters.slice(k, k + 2))
      const shapes = extents.slice(1).map((extent, k) => [extents[k], extent])
      const { cost } = einsumPath(`${names.join(',')}->${letters[0]}${letters.at(-1)}`, ...shapes)
      expect(cost).toBeLessThanOrEqual(chainCost(extents))
    }),
  )
})

test('many operands are planned too, and far below one loop over all axes', () => {
  const letters = 'abcdefghijklm'
  const names = Array.from({ length: 12 }, (_, k) => letters.slice(k, k + 2))
  const { cost, naiveCost } = einsumPath(`${names.join(',')}->am`, ...names.map(() => [4, 4]))
  expect(cost).toBe(11 * 4 ** 3)
  expect(naiveCost).toBe(11 * 4 ** 13)
})

test('what is wrong with an equation is said', () => {
  const x = zeros([2, 3])
  expect(() => einsum('ij,jk->ik', x)).toThrow(/einsum: 'ij,jk->ik': names 2 operands; given float32 \[2, 3\]/)
  expect(() => einsum('ijk->i', x)).toThrow(/'ijk' does not name 2 axes/)
  expect(() => einsum('ij->k', x)).toThrow(/no operand has 'k'/)
  expect(() => einsum('ij->ii', x)).toThrow(/the result names an axis twice/)
  expect(() => einsum('ij,kj->ik', x, zeros([2, 4]))).toThrow(/'j' is 3 and 4/)
  expect(() => einsum('i.j', x)).toThrow(/write it as ij,jk->ik/)
  expect(() => tensordot(x, x, 1)).toThrow(/tensordot: axes \[1\] and \[0\] do not pair/)
})
