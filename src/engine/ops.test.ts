import { expect, test } from 'vitest'
import {
  cast,
  concat,
  expandDims,
  eye,
  flip,
  gather,
  matmul,
  max,
  mean,
  min,
  notEqual,
  oneHot,
  pad,
  pow,
  reshape,
  scatterAdd,
  select,
  slice,
  split,
  squeeze,
  stack,
  sum,
  swapLast,
  takeAlong,
  tensor,
  transpose,
  variance,
} from './index.ts'
import { exact, expectValues } from './testing/values.ts'

const matrix = exact([
  [1, 2, 3],
  [4, 5, 6],
])

test('axes may be negative, and kept', async () => {
  await expectValues(sum(matrix, { axes: -1 }), [6, 15])
  expect(sum(matrix, { axes: [-1, 0] }).shape).toEqual([])
  expect(sum(matrix, { axes: -1, keepDims: true }).shape).toEqual([2, 1])
  expect(max(matrix, { axes: [0], keepDims: true }).shape).toEqual([1, 3])
  await expectValues(sum(matrix, { axes: [] }), [1, 2, 3, 4, 5, 6])
  await expectValues(mean(matrix, { axes: 0 }), [2.5, 3.5, 4.5])
  await expectValues(min(matrix, { axes: 1 }), [1, 4])
  await expectValues(variance(matrix, { axes: 1 }), [2 / 3, 2 / 3])
})

test('reductions of integers', async () => {
  const x = tensor(
    [
      [3, -5],
      [2, 7],
    ],
    { dtype: 'int32' },
  )
  await expectValues(sum(x), [7])
  await expectValues(min(x, { axes: 0 }), [2, -5])
  await expectValues(min(tensor(Uint32Array.of(5, 0xffffffff, 0))), [0])
  await expectValues(min(tensor([-(2 ** 31), 5], { dtype: 'int32' })), [-(2 ** 31)])
})

test('shapes are moved as asked', async () => {
  expect(reshape(matrix, [3, -1]).shape).toEqual([3, 2])
  expect(expandDims(matrix, 1).shape).toEqual([2, 1, 3])
  expect(expandDims(matrix, -1).shape).toEqual([2, 3, 1])
  expect(squeeze(exact([[1], [2]])).shape).toEqual([2])
  expect(squeeze(expandDims(matrix, 0), [0]).shape).toEqual([2, 3])
  await expectValues(transpose(matrix), [1, 4, 2, 5, 3, 6])
  await expectValues(swapLast(matrix), [1, 4, 2, 5, 3, 6])
  await expectValues(slice(matrix, { axis: 1, start: -2 }), [2, 3, 5, 6])
  await expectValues(slice(matrix, { axis: -1, step: 2 }), [1, 3, 4, 6])
  await expectValues(select(matrix, -1), [4, 5, 6])
  await expectValues(select(matrix, 1, { axis: 1 }), [2, 5])
  await expectValues(flip(matrix, { axes: [-1] }), [3, 2, 1, 6, 5, 4])
  await expectValues(concat([matrix, matrix], { axis: -1 }), [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6])
  await expectValues(stack([exact([1, 2]), exact([3, 4])], { axis: -1 }), [1, 3, 2, 4])
  const [left, right] = split(exact([1, 2, 3, 4]), 2)
  await expectValues(left, [1, 2])
  await expectValues(right, [3, 4])
  await expectValues(pad(exact([1, 2, 3]), [[1, -1]]), [0, 1, 2])
})

test('selection', async () => {
  await expectValues(oneHot(tensor([2, 0], { dtype: 'int32' }), 3), [0, 0, 1, 1, 0, 0])
  await expectValues(gather(matrix, tensor([2, 0], { dtype: 'int32' }), { axis: -1 }), [3, 1, 6, 4])
  await expectValues(takeAlong(matrix, tensor([[2], [0]], { dtype: 'int32' })), [3, 4])
  const places = tensor([0, 2, 2], { dtype: 'int32' })
  await expectValues(scatterAdd(matrix, places, { axis: -1, extent: 4 }), [1, 0, 5, 0, 4, 0, 11, 0])
  expect(() => scatterAdd(matrix, places, { axis: 0, extent: 4 })).toThrow(
    /scatterAdd: the updates must have the indices' axes from axis 0 on/,
  )
  await expectValues(eye(2), [1, 0, 0, 1])
  await expectValues(cast(notEqual(exact([1, 2]), exact([1, 3])), 'int32'), [0, 1])
})

test('products of vectors and matrices', async () => {
  await expectValues(matmul(exact([1, 2]), matrix), [9, 12, 15])
  await expectValues(matmul(matrix, exact([1, 0, -1])), [-2, -2])
  const dot = matmul(exact([1, 2]), exact([3, 4]))
  expect(dot.shape).toEqual([])
  await expectValues(dot, [11])
})

test('every exponent that pow treats apart', async () => {
  for (const y of [1, 2, 3, 0.5, -1, -0.5, 1 / 3, 1.7, 0, -2]) await expectValues(pow(exact([0.5, 2]), y), [0.5 ** y, 2 ** y])
})
