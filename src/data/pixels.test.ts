import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ndarray } from '../engine/array.ts'
import { digitImages } from './digit-images.ts'
import { generateDigits } from './digits.ts'
import { meanPooled, symmetric, withChannels } from './pixels.ts'

const pixel = fc.integer({ min: 0, max: 255 })

test('means over squares keep the mean, and are what they are of constant squares', () => {
  fc.assert(
    fc.property(fc.array(pixel, { minLength: 32, maxLength: 32 }), (values) => {
      const small = meanPooled(ndarray(Float32Array.from(values), [1, 2, 4, 4], 'float32'), 2)
      expect(small.shape).toEqual([1, 2, 2, 2])
      const total = (data: ArrayLike<number>) => Array.from(data).reduce((a, b) => a + b, 0)
      expect(total(small.data) * 4).toBeCloseTo(total(values), 3)
      expect(small.data[1]).toBe((values[2] + values[3] + values[6] + values[7]) / 4)
    }),
  )
  expect(() => meanPooled(ndarray(new Float32Array(9), [1, 1, 3, 3], 'float32'), 2)).toThrow('3 by 3 cannot be pooled by 2')
})

test('the ends of a range become −1 and 1, what lies outside is refused', () => {
  const x = ndarray(Int32Array.of(0, 255, 51), [3], 'int32')
  expect([...symmetric(x, [0, 255]).data].map((value) => Math.round(1e6 * value) / 1e6)).toEqual([-1, 1, -0.6])
  expect(() => symmetric(x, [0, 100], 'x.npy')).toThrow('x.npy: values go from 0 to 255, outside of 0 to 100')
  expect(() => symmetric(ndarray(Float32Array.of(Number.NaN), [1], 'float32'), [0, 1])).toThrow('NaN')
})

test('grey to colours and back', () => {
  const grey = ndarray(Float32Array.of(0.25, 0.5), [2, 1, 1, 1], 'float32')
  const colours = withChannels(grey, 3)
  expect([...colours.data]).toEqual([0.25, 0.25, 0.25, 0.5, 0.5, 0.5])
  expect([...withChannels(colours, 1).data].map((value) => Math.round(1e6 * value) / 1e6)).toEqual([0.25, 0.5])
  const red = ndarray(Float32Array.of(1, 0, 0), [1, 3, 1, 1], 'float32')
  expect(withChannels(red, 1).data[0]).toBeCloseTo(0.299, 6)
})

test('three tenths of the digits are held out by index, and nothing is on both sides', () => {
  const digits = generateDigits({ count: 100, seed: 0 })
  const { train, heldOut } = digitImages(digits, { side: 7 })
  expect([train.x.shape, heldOut.x.shape]).toEqual([
    [70, 1, 7, 7],
    [30, 1, 7, 7],
  ])
  expect(heldOut.indices.slice(0, 4)).toEqual([0, 3, 6, 10])
  expect([...train.indices, ...heldOut.indices].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
  for (const [row, index] of heldOut.indices.entries()) expect(heldOut.labels.data[row]).toBe(digits.labels.data[index])
  const meanOf = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length
  const [first, pooled] = [meanOf(digits.images.data.subarray(0, 784)), meanOf(heldOut.x.data.subarray(0, 49))]
  expect(pooled).toBeCloseTo((2 * first) / 255 - 1, 5)
  expect(() => digitImages(digits, { side: 9 })).toThrow('cannot be made 9 by 9')
})
