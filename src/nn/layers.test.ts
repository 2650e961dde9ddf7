import { describe, expect, test } from 'vitest'
import { evaluate, grad, key, mul, square, sum, type Tensor, zeros } from '../engine/index.ts'
import { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d, upsample } from './index.ts'

describe.each([
  ['conv1d', conv1d(2, 4, 3, { padding: 1 }), [3, 2, 5], [3, 4, 5], [4, 2, 3]],
  ['conv2d, strided, in groups', conv2d(2, 4, 3, { stride: 2, groups: 2 }), [1, 2, 7, 5], [1, 4, 3, 2], [4, 1, 3, 3]],
  ['conv3d', conv3d(1, 2, 2), [2, 1, 3, 4, 3], [2, 2, 2, 3, 2], [2, 1, 2, 2, 2]],
  ['convTranspose1d', convTranspose1d(2, 3, 4, { stride: 2, padding: 1 }), [1, 2, 5], [1, 3, 10], [2, 3, 4]],
  ['convTranspose2d', convTranspose2d(4, 2, 2, { stride: 2, groups: 2 }), [1, 4, 3, 2], [1, 2, 6, 4], [4, 1, 2, 2]],
  ['convTranspose3d', convTranspose3d(1, 1, 1), [1, 1, 2, 2, 2], [1, 1, 2, 2, 2], [1, 1, 1, 1, 1]],
] as [string, ReturnType<typeof conv2d>, number[], number[], number[]][])('%s', (_, layer, input, output, weight) => {
  const params = layer.init(key(0))

  test('shapes are as documented', () => {
    expect(params.weight.shape).toEqual([...weight])
    expect(layer.apply(params, zeros([...input])).shape).toEqual([...output])
  })

  test('of zeros only the bias is left, and its gradient counts the places', async () => {
    const x = zeros([...input])
    const total = (p: typeof params): Tensor => sum(layer.apply(p, x))
    const places = output[0] * output.slice(2).reduce((product, extent) => product * extent, 1)
    const { bias } = grad(total)(params)
    const expected = mul(sum(params.bias), places)
    await evaluate([bias, expected])
    expect([...(await bias.data())]).toEqual(new Array(output[1]).fill(places))
    expect(await total(params).item()).toBeCloseTo(await expected.item(), 4)
  })
})

test('upsampling multiplies every spatial extent', async () => {
  const x = square(zeros([1, 2, 3, 4]))
  expect(upsample(x, 2).shape).toEqual([1, 2, 6, 8])
  expect(upsample(x, 3, { mode: 'linear', alignCorners: true }).shape).toEqual([1, 2, 9, 12])
})
