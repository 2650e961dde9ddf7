import { expect, test } from 'vitest'
import { zeros } from '../index.ts'
import { BySignature } from './signature.ts'

const counter = () => {
  const cache = new BySignature<number>('test', counter)
  let made = 0
  return (...args: unknown[]) => cache.get(args, () => made++)
}

test('equal structure, shapes, dtypes and other values are one signature, whichever came last', () => {
  const get = counter()
  const square = { w: [zeros([2, 2])], rate: 0.1 }
  expect(get(square)).toBe(0)
  expect(get({ w: [zeros([2, 2])], rate: 0.1 })).toBe(0)
  expect(get({ w: [zeros([2, 3])], rate: 0.1 })).toBe(1)
  expect(get(square)).toBe(0)
})

test.each<[string, unknown, unknown]>([
  ['a shape', [zeros([2])], [zeros([3])]],
  ['a rank', [zeros([2])], [zeros([2, 1])]],
  ['a dtype', [zeros([2])], [zeros([2], 'float64')]],
  ['a number', { k: 1 }, { k: 2 }],
  ['a flag', { k: true }, { k: false }],
  ['a name', { a: zeros([1]) }, { b: zeros([1]) }],
  ['one entry more', [zeros([1])], [zeros([1]), zeros([1])]],
  ['a tensor for a number', [1], [zeros([])]],
  ['a list for an object', [zeros([1])], { 0: zeros([1]), length: 1 }],
  ['zero and minus zero', { k: 0 }, { k: -0 }],
])('%s makes another signature', (_, a, b) => {
  const get = counter()
  expect([get(a), get(b), get(a)]).toEqual([0, 1, 0])
})
