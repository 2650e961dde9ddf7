import { describe, expect, test } from 'vitest'
import { ndarray, sizeOf } from '../array.ts'
import { add, concat, iota, matmul, mean, reshape, softmax, swapLast, tanh, tensor, transpose } from '../ops.ts'
import { reference } from '../reference/evaluate.ts'
import type { Tensor } from '../tensor.ts'
import { compileOpen } from './open.ts'

const weight = tensor(
  Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)),
  { shape: [4, 3] },
)

/** Queries of several heads against keys: two open sizes beside the batch's, and their sum. */
function attend(x: Tensor, keys: Tensor): Tensor[] {
  const [n, t] = x.shape
  const heads = transpose(reshape(matmul(x, weight), [n, t, 3, 1]), [0, 2, 1, 3])
  const scores = concat([matmul(heads, swapLast(keys)), matmul(heads, swapLast(heads))], { axis: -1 })
  return [softmax(scores), tanh(x)]
}

const filled = (seed: number, shape: number[]) =>
  ndarray(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.cos(seed + i * 1.7)),
    shape,
    'float32',
  )

describe('a program with open axes', () => {
  test('gives the numbers of the reference at every size', async () => {
    const program = await compileOpen(attend, [
      { dtype: 'float32', shape: ['n', 't', 4] },
      { dtype: 'float32', shape: ['n', 3, 's', 1] },
    ])
    for (const [n, t, s] of [
      [1, 1, 1],
      [2, 3, 5],
      [3, 1, 64],
      [1, 7, 2],
    ]) {
      const [x, keys] = [filled(1, [n, t, 4]), filled(2, [n, 3, s, 1])]
      const got = await program.run([x, keys])
      const expected = attend(...([x, keys].map(({ data, shape }) => tensor(data as Float32Array, { shape })) as [Tensor, Tensor])).map(
        (y) => reference(y)[0],
      )
      expect(got.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape))
      got.forEach((y, i) => {
        y.data.forEach((value, k) => {
          expect(Math.abs(value - expected[i].data[k])).toBeLessThan(1e-6)
        })
      })
    }
  })

  test('writes into the memory it is given', async () => {
    const program = await compileOpen((x) => [add(x, 1)], [{ dtype: 'float32', shape: ['n'] }])
    const into = ndarray(new Float32Array(2), [2], 'float32')
    const [y] = await program.run([ndarray(Float32Array.of(1, 2), [2], 'float32')], [into])
    expect(y).toBe(into)
    expect([...into.data]).toEqual([2, 3])
  })

  test('refuses shapes that do not fit, and functions of the size', async () => {
    const program = await compileOpen(
      (x, y) => [add(x, y)],
      [
        { dtype: 'float32', shape: ['n', 2] },
        { dtype: 'float32', shape: ['n', 2] },
      ],
    )
    expect(() => program.run([filled(0, [3, 2]), filled(0, [4, 2])])).toThrow(/input 1 is \[4, 2\] where \[n, 2\] is expected/)
    await expect(compileOpen((x) => [mean(x)], [{ dtype: 'float32', shape: ['n'] }])).rejects.toThrow(/cannot stay open/)
    await expect(compileOpen((x) => [iota(x.shape[0])], [{ dtype: 'float32', shape: ['n'] }])).rejects.toThrow(/cannot stay open/)
  })
})
