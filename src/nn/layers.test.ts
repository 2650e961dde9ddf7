import { describe, expect, test } from 'vitest'
import { evaluate, grad, key, matmul, mul, ones, random, reshape, square, sum, swapLast, type Tensor, zeros } from '../engine/index.ts'
import {
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  dropout,
  groupNorm,
  linear,
  orthogonal,
  upsample,
  zeroInit,
} from './index.ts'

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

test('group norm: each group has mean 0 and variance 1, whatever the others hold', async () => {
  const [n, c, h, w] = [2, 6, 3, 4]
  const norm = groupNorm(c, 3)
  const y = norm.apply(norm.init(key(0)), mul(random.normal(key(1), [n, c, h, w]), 5))
  const values = await y.data()
  const size = (c / 3) * h * w
  for (let group = 0; group < n * 3; group++) {
    const own = [...values.subarray(group * size, (group + 1) * size)]
    const mean = own.reduce((a, b) => a + b) / size
    expect(mean).toBeCloseTo(0, 5)
    expect(own.reduce((a, b) => a + (b - mean) ** 2, 0) / size).toBeCloseTo(1, 4)
  }
  expect(() => groupNorm(6, 4)).toThrow('4 groups do not divide 6 channels')
})

test('dropout keeps the mean, and drops as many as it says', async () => {
  const count = 40_000
  const kept = await dropout(ones([count]), { rate: 0.25, key: key(0) }).data()
  const zero = [...kept].filter((value) => value === 0).length
  // Five standard deviations of a binomial.
  expect(Math.abs(zero / count - 0.25)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / count))
  expect([...new Set(kept)].sort()).toEqual([0, Math.fround(4 / 3)])
  expect(() => dropout(ones([1]), { rate: 1, key: key(0) })).toThrow('the rate is 1')
})

test.each([
  [[3, 8], 3],
  [[8, 3], 3],
  [[4, 2, 3, 3], 4],
] as [number[], number][])('orthogonal weights of %j are orthonormal along their shorter side', async (shape, rank) => {
  const weight = reshape(orthogonal(2)(key(0), shape, 1), [shape[0], -1])
  const product = shape[0] === rank ? matmul(weight, swapLast(weight)) : matmul(swapLast(weight), weight)
  const values = await product.data()
  values.forEach((value, i) => {
    expect(value).toBeCloseTo(i % (rank + 1) === 0 ? 4 : 0, 5)
  })
})

test('weights and biases start as they are told', async () => {
  const params = linear(3, 2, { weight: zeroInit, bias: zeroInit }).init(key(0))
  expect([...(await params.weight.data()), ...(await params.bias.data())]).toEqual(new Array(8).fill(0))
})
