import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type NDArray, ndarray } from '../../engine/index.ts'
import { compact, type LayerArrays } from './compact.ts'

/** An MLP's forward pass in plain loops, as an independent judge. */
function forward(layers: readonly LayerArrays[], input: readonly number[]): number[] {
  return layers.reduce((x, { weight, bias }, i) => {
    const [out, width] = weight.shape
    return Array.from({ length: out }, (_, o) => {
      const y = x.reduce((total, value, k) => total + value * weight.data[o * width + k], bias.data[o])
      return i < layers.length - 1 ? Math.max(y, 0) : y
    })
  }, input as number[])
}

const matrix = (rows: number, columns: number, zero: readonly boolean[], seed: number): NDArray =>
  ndarray(
    Float32Array.from({ length: rows * columns }, (_, i) => (zero[i % columns] ? 0 : Math.sin(i * 12.9898 + seed) + 1.5)),
    [rows, columns],
    'float32',
  )

test('the compacted network computes the same function with fewer weights', () => {
  const sizes = [6, 5, 4, 3]
  const zeros = fc.tuple(...sizes.slice(0, -1).map((size) => fc.array(fc.boolean(), { minLength: size, maxLength: size })))
  fc.assert(
    fc.property(zeros, fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 6, maxLength: 6 }), (dropped, input) => {
      const layers = dropped.map((zero, i) => ({
        weight: matrix(sizes[i + 1], sizes[i], zero, i),
        bias: ndarray(
          Float32Array.from({ length: sizes[i + 1] }, (_, k) => k - 1),
          [sizes[i + 1]],
          'float32',
        ),
      }))
      const small = compact(layers)
      const result = forward(
        small.layers,
        small.keptInputs.map((k) => input[k]),
      )
      forward(layers, input).forEach((value, k) => {
        expect(result[k]).toBeCloseTo(value, 3)
      })
      // Every input that stays is read, but for the one that keeps an all-zero layer from vanishing.
      const expectedInputs = Math.max(1, small.layers[0].weight.shape[1])
      expect(small.keptInputs.length).toBe(expectedInputs)
    }),
    { seed: 4, numRuns: 200 },
  )
})

test('removing a unit empties the columns that only it read', () => {
  // Unit 0 of the hidden layer has no outgoing weight, and is the only reader of input 1.
  const layers = [
    { weight: ndarray(Float32Array.of(0, 5, 2, 0), [2, 2], 'float32'), bias: ndarray(Float32Array.of(1, 1), [2], 'float32') },
    { weight: ndarray(Float32Array.of(0, 3), [1, 2], 'float32'), bias: ndarray(Float32Array.of(0), [1], 'float32') },
  ]
  const small = compact(layers)
  expect(small.keptInputs).toEqual([0])
  expect(small.removedUnits).toEqual([1, 0])
  expect(small.layers.map(({ weight }) => weight.shape)).toEqual([
    [1, 1],
    [1, 1],
  ])
})
