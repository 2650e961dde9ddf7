import { describe, expect, test } from 'vitest'
import type { Primitive } from './graph/primitive.ts'
import {
  avgPool,
  cast,
  clip,
  concat,
  conv,
  evaluate,
  expandDims,
  eye,
  flip,
  gather,
  logSumExp,
  matmul,
  max,
  maxPool,
  mean,
  min,
  mul,
  norm,
  notEqual,
  oneHot,
  pad,
  pow,
  reference,
  reshape,
  rsqrt,
  scatterAdd,
  select,
  slice,
  split,
  squeeze,
  stack,
  sum,
  swapLast,
  type Tensor,
  takeAlong,
  tensor,
  transpose,
  variance,
} from './index.ts'
import { checkDerivatives, expectAllClose, inputsOf, mappedAndLooped } from './testing/checks.ts'
import type { Sample } from './testing/samples.ts'
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

const float = (shape: readonly number[]): Sample['inputs'][number] => ({ kind: 'float', shape, values: { low: -2, high: 2 } })

/** Functions composed of primitives, and what one of them must be differentiated and mapped on. */
const composed: Record<string, { fn: (...inputs: Tensor[]) => Tensor; inputs: readonly (readonly number[])[] }> = {
  clip: { fn: (x) => clip(x, -1, 1), inputs: [[3, 2]] },
  logSumExp: { fn: (x) => logSumExp(x, { axes: 1 }), inputs: [[2, 3]] },
  norm: { fn: (x) => norm(x, { axes: [0] }), inputs: [[2, 3]] },
  min: { fn: (x) => min(x, { axes: -1 }), inputs: [[2, 3]] },
  variance: { fn: (x) => variance(x, { axes: 0, keepDims: true }), inputs: [[3, 2]] },
  'maxPool, overlapping': { fn: (x) => maxPool(x, { size: 3, stride: 2 }), inputs: [[1, 2, 7, 5]] },
  'avgPool of one axis': { fn: (x) => avgPool(x, { size: 2 }), inputs: [[2, 1, 5]] },
  'conv, same': {
    fn: (x, k) => conv(x, k, { padding: 'same' }),
    inputs: [
      [1, 1, 4, 4],
      [1, 1, 3, 2],
    ],
  },
  'conv, depthwise': {
    fn: (x, k) => conv(x, k, { groups: 2, stride: 2, padding: 1 }),
    inputs: [
      [1, 2, 5, 4],
      [2, 1, 3, 3],
    ],
  },
  'conv, dilated': {
    fn: (x, k) => conv(x, k, { dilation: [2, 1] }),
    inputs: [
      [1, 2, 5, 3],
      [2, 2, 2, 2],
    ],
  },
  attention: {
    fn: (q, k) => matmul(q, swapLast(k)),
    inputs: [
      [2, 2, 3],
      [2, 4, 3],
    ],
  },
  rsqrt: { fn: (x) => rsqrt(mul(x, x)), inputs: [[3]] },
}

describe.each(Object.entries(composed))('%s', (name, { fn, inputs }) => {
  const sample: Sample = { inputs: inputs.map(float), run: (...x) => [fn(...x)] }
  const none = {} as Primitive

  test('value, derivatives and vmap are right', async () => {
    checkDerivatives(none, sample, name)
    for (const dtype of ['float32', 'float64'] as const) {
      const y = fn(...inputsOf(sample, dtype))
      const expected = reference(y)
      await evaluate(y)
      expectAllClose([await y.ndarray()], expected, undefined, name)
    }
    const all = mappedAndLooped(sample.run!, sample, 'float64')
    await evaluate(all.map(({ mapped }) => mapped))
    for (const { mapped, looped } of all)
      expectAllClose(await Promise.all(mapped.map((x) => x.ndarray())), looped, undefined, `vmap of ${name}`)
  })
})
