import { expect, test } from 'vitest'
import { draws, seedKey } from '../../data/draws.ts'
import { pairedVerdict } from './paired.ts'

test('decides where the interval leaves 0 out, and else not', () => {
  expect(pairedVerdict([-0.2, -0.25, -0.21, -0.22, -0.19]).verdict).toBe('better')
  expect(pairedVerdict([0.2, 0.25, 0.21, 0.22, 0.19]).verdict).toBe('worse')
  expect(pairedVerdict([-0.2, 0.25, 0.1, -0.3, 0.02]).verdict).toBe('undecided')
})

test('of two samplings of one model it decides in one case of twenty', () => {
  const { normal } = draws(seedKey(0, 1))
  const trials = 2000
  const decided = Array.from({ length: trials }, () => pairedVerdict(Array.from({ length: 5 }, normal))).filter(
    ({ verdict }) => verdict !== 'undecided',
  )
  // 5 % with a deviation of 0.5 %.
  expect(Math.abs(decided.length / trials - 0.05)).toBeLessThan(0.02)
})
