import { describe, test } from 'vitest'
import type { Primitive } from '../graph/primitive.ts'
import * as q from '../index.ts'
import type { Tensor } from '../tensor.ts'
import { checkDerivatives, expectAllClose, inputsOf, mappedAndLooped } from '../testing/checks.ts'
import type { Sample } from '../testing/samples.ts'

const float = (shape: readonly number[]): Sample['inputs'][number] => ({ kind: 'float', shape, values: { low: -2, high: 2 } })

/** Ones, but for a zero at a place of the last axis. */
const zeroAt = (x: Tensor, place: number): Tensor => q.cast(q.notEqual(q.iota(x.shape.at(-1)!), place), x.dtype)

/** Functions composed of primitives, and what one of them must be differentiated and mapped on. */
const composed: Record<string, { fn: (...inputs: Tensor[]) => Tensor; inputs: readonly (readonly number[])[] }> = {
  clip: { fn: (x) => q.clip(x, -1, 1), inputs: [[3, 2]] },
  logSumExp: { fn: (x) => q.logSumExp(x, { axes: 1 }), inputs: [[2, 3]] },
  norm: { fn: (x) => q.norm(x, { axes: [0] }), inputs: [[2, 3]] },
  min: { fn: (x) => q.min(x, { axes: -1 }), inputs: [[2, 3]] },
  variance: { fn: (x) => q.variance(x, { axes: 0, keepDims: true }), inputs: [[3, 2]] },
  'maxPool, overlapping': { fn: (x) => q.maxPool(x, { size: 3, stride: 2 }), inputs: [[1, 2, 7, 5]] },
  'avgPool of one axis': { fn: (x) => q.avgPool(x, { size: 2 }), inputs: [[2, 1, 5]] },
  'conv, same': {
    fn: (x, k) => q.conv(x, k, { padding: 'same' }),
    inputs: [
      [1, 1, 4, 4],
      [1, 1, 3, 2],
    ],
  },
  'conv, depthwise': {
    fn: (x, k) => q.conv(x, k, { groups: 2, stride: 2, padding: 1 }),
    inputs: [
      [1, 2, 5, 4],
      [2, 1, 3, 3],
    ],
  },
  'conv, dilated': {
    fn: (x, k) => q.conv(x, k, { dilation: [2, 1] }),
    inputs: [
      [1, 2, 5, 3],
      [2, 2, 2, 2],
    ],
  },
  attention: {
    fn: (queries, keys) => q.matmul(queries, q.swapLast(keys)),
    inputs: [
      [2, 2, 3],
      [2, 4, 3],
    ],
  },
  logAddExp: {
    fn: q.logAddExp,
    inputs: [
      [2, 3],
      [2, 3],
    ],
  },
  'logAddExp of equals': { fn: (x) => q.logAddExp(x, q.add(q.sub(x, q.stopGradient(x)), q.stopGradient(x))), inputs: [[3]] },
  remainder: { fn: (x) => q.remainder(x, 1.37), inputs: [[5]] },
  prod: { fn: (x) => q.prod(x, { axes: [1] }), inputs: [[2, 5]] },
  'prod of zeros': { fn: (x) => q.prod(q.mul(x, zeroAt(x, 1))), inputs: [[4]] },
  standardDeviation: { fn: (x) => q.standardDeviation(x, { axes: 1, correction: 1 }), inputs: [[2, 4]] },
  'norm of order 3': { fn: (x) => q.norm(x, { axes: [0], order: 3 }), inputs: [[3, 2]] },
  cumprod: { fn: (x) => q.cumprod(x), inputs: [[2, 5]] },
  'cumprod of zeros, exclusive, reverse': {
    fn: (x) => q.cumprod(q.mul(x, zeroAt(x, 2)), { axis: 0, exclusive: true, reverse: true }),
    inputs: [[5]],
  },
  cummax: { fn: (x) => q.cummax(x, { axis: 0 }), inputs: [[5, 2]] },
  cummin: { fn: (x) => q.slice(q.cummin(x, { reverse: true, exclusive: true }), { axis: 1, end: 4 }), inputs: [[2, 5]] },
  cumLogSumExp: { fn: (x) => q.cumLogSumExp(x), inputs: [[2, 5]] },
  'sort, descending': { fn: (x) => q.sort(x, { axis: 0, descending: true }), inputs: [[5, 2]] },
  median: { fn: (x) => q.median(x), inputs: [[2, 4]] },
  quantile: { fn: (x) => q.quantile(x, [0.2, 0.9], { axis: 0 }), inputs: [[5, 2]] },
  'pad, reflect': {
    fn: (x) =>
      q.pad(
        x,
        [
          [0, 0],
          [2, 3],
        ],
        { mode: 'reflect' },
      ),
    inputs: [[2, 3]],
  },
  'pad, wrap': {
    fn: (x) =>
      q.pad(
        x,
        [
          [1, 0],
          [2, 1],
        ],
        { mode: 'wrap' },
      ),
    inputs: [[2, 3]],
  },
  at: { fn: (x) => q.at(x, { step: -2 }, null, q.tensor([2, 0, 2], { dtype: 'int32' })), inputs: [[3, 4]] },
  scatterSet: {
    fn: (x, u) => q.scatterSet(x, q.tensor([2, 0], { dtype: 'int32' }), u, { axis: 1 }),
    inputs: [
      [2, 4],
      [2, 2],
    ],
  },
  'tile and repeat': { fn: (x) => q.repeat(q.tile(x, [2, 1]), 2), inputs: [[2, 3]] },
  roll: { fn: (x) => q.roll(x, 2), inputs: [[2, 5]] },
  triangles: { fn: (x) => q.add(q.tril(x), q.triu(x, { diagonal: 1 })), inputs: [[2, 3, 3]] },
  diagonals: { fn: (x) => q.diagonal(q.diag(x), { offset: 0 }), inputs: [[2, 3]] },
  'maxPool, padded': { fn: (x) => q.maxPool(x, { size: 2, padding: 1 }), inputs: [[1, 2, 4]] },
  'avgPool, padding left out': {
    fn: (x) => q.avgPool(x, { size: 3, stride: 2, padding: 1, countIncludePad: false }),
    inputs: [[1, 1, 4, 3]],
  },
  adaptiveAvgPool: { fn: (x) => q.adaptiveAvgPool(x, [2, 3]), inputs: [[1, 1, 3, 4]] },
  'resize, cubic': { fn: (x) => q.resize(x, { size: [3, 5], mode: 'cubic' }), inputs: [[1, 1, 4, 3]] },
  'conv, wrapped': {
    fn: (x, k) => q.conv(x, k, { padding: 1, paddingMode: 'wrap' }),
    inputs: [
      [1, 1, 4],
      [2, 1, 3],
    ],
  },
  convTranspose: {
    fn: (x, k) => q.convTranspose(x, k, { stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
    inputs: [
      [1, 2, 3, 2],
      [2, 1, 3, 3],
    ],
  },
  einsum: {
    fn: (a, b, c) => q.einsum('bij,bjk,i->bk', a, b, c),
    inputs: [[2, 2, 3], [2, 3, 2], [2]],
  },
  'einsum of a diagonal': { fn: (a) => q.einsum('iji->j', a), inputs: [[3, 2, 3]] },
  rsqrt: { fn: (x) => q.rsqrt(q.mul(x, x)), inputs: [[3]] },
}

describe.each(Object.entries(composed))('%s', (name, { fn, inputs }) => {
  const sample: Sample = { inputs: inputs.map(float), run: (...x) => [fn(...x)] }
  const none = {} as Primitive

  test('value, derivatives and vmap are right', async () => {
    checkDerivatives(none, sample, name)
    for (const dtype of ['float32', 'float64'] as const) {
      const y = fn(...inputsOf(sample, dtype))
      const expected = q.reference(y)
      await q.evaluate(y)
      expectAllClose([await y.ndarray()], expected, undefined, name)
    }
    const all = mappedAndLooped(sample.run!, sample, 'float64')
    await q.evaluate(all.map(({ mapped }) => mapped))
    for (const { mapped, looped } of all)
      expectAllClose(await Promise.all(mapped.map((x) => x.ndarray())), looped, undefined, `vmap of ${name}`)
  })
})
