import { expect, test } from 'vitest'
import { foldKey, threefry2x32, threefryBits } from './threefry.ts'

// The published known answers: Random123, tests/kat_vectors, "threefry2x32 20".
test.each([
  [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
  [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1cb996fc, 0xbb002be7],
  [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3, 0xc4923a9c, 0x483df7a0],
])('threefry2x32 of key %i %i and counter %i %i is the published answer', (k0, k1, x0, x1, y0, y1) => {
  expect(threefry2x32(k0, k1, x0, x1)).toEqual([y0, y1])
})

test('bulk bits are the blocks (i, 0), and an odd count drops the last word', () => {
  const bits = threefryBits([7, 11], 9)
  expect(bits.length).toBe(9)
  for (let i = 0; i < 9; i++) expect(bits[i]).toBe(threefry2x32(7, 11, i >> 1, 0)[i & 1])
  expect(threefryBits([7, 11], 0).length).toBe(0)
})

test('folded keys are the blocks (n, 1) and differ from each other', () => {
  expect(foldKey([7, 11], 5)).toEqual(threefry2x32(7, 11, 5, 1))
  expect(new Set(Array.from({ length: 1000 }, (_, n) => foldKey([7, 11], n).join())).size).toBe(1000)
})

test('the bits look fair: every bit position is set in half of 20,000 words', () => {
  const bits = threefryBits([1, 2], 20_000)
  for (let position = 0; position < 32; position++) {
    const set = bits.reduce((sum, word) => sum + ((word >>> position) & 1), 0)
    expect(Math.abs(set / bits.length - 0.5)).toBeLessThan(0.02)
  }
})
