import { expect, test } from 'vitest'
import { trace } from '../graph/trace.ts'
import { add, conv, exp, grad, matmul, mul, relu, reshape, sum, type Tensor, zeros } from '../index.ts'
import { flopsOf, memoryPeak } from './cost.ts'
import { explain, explanationText } from './index.ts'
import { bytesText, countText } from './text.ts'

const peakOf = (fn: (...xs: Tensor[]) => Tensor | Tensor[], ...args: Tensor[]) => memoryPeak(trace(fn as never, args)).intermediate
const kilobyte = zeros([256])

test('floating-point operations of products: two for each multiplication and addition', async () => {
  const product = matmul(zeros([5, 2, 3]), zeros([3, 4]))
  expect(flopsOf(product.node)).toBe(5 * 2 * 4 * 3 * 2)
  // 8 outputs × 6 × 6 positions × 4 input channels × 3 × 3 window.
  expect(flopsOf(conv(zeros([1, 4, 8, 8]), zeros([8, 4, 3, 3])).node)).toBe(2 * 8 * 36 * 36)
  expect(flopsOf(sum(zeros([4, 5])).node)).toBe(20)
  expect(flopsOf(reshape(zeros([4, 5]), [20]).node)).toBe(0)
})

test('peak memory: a chain writes over itself, what is needed later stays', () => {
  const chain = (x: Tensor) => sum(exp(relu(mul(x, 2))))
  expect(peakOf(chain, kilobyte)).toBe(1024)
  const branches = (x: Tensor) => sum(add(exp(mul(x, 2)), relu(mul(x, 3))))
  expect(peakOf(branches, kilobyte)).toBe(2048)
  const reshaped = (x: Tensor) => sum(mul(reshape(exp(x), [16, 16]), 2))
  expect(peakOf(reshaped, kilobyte)).toBe(1024)
})

test('peak memory of a product cannot be written over its inputs', () => {
  const x = zeros([16, 16])
  expect(peakOf((a) => sum(matmul(exp(a), relu(a))), x)).toBe(3 * 1024)
})

test('the gradient of a chain holds one value for each layer', () => {
  const deep = (layers: number) => (x: Tensor) => {
    let y = x
    for (let i = 0; i < layers; i++) y = exp(mul(y, 1 + i))
    return sum(y)
  }
  const peaks = [4, 8].map((layers) => peakOf(grad(deep(layers)), kilobyte))
  expect(peaks[1] - peaks[0]).toBe(4 * 1024)
})

test('an explanation counts by operation and by line', async () => {
  const explanation = await explain(
    grad((w: Tensor, x: Tensor) => sum(relu(matmul(x, w)))),
    zeros([3, 4]),
    zeros([2, 3]),
  )
  expect(explanation.arguments).toEqual([
    { path: '0', elements: 12 },
    { path: '1', elements: 6 },
  ])
  const products = explanation.operations.find(({ name }) => name === 'matmul')!
  expect(products).toMatchObject({ nodes: 2, flops: 2 * 2 * (2 * 3 * 4) })
  expect(explanation.flops).toBe(explanation.operations.reduce((total, part) => total + part.flops, 0))
  expect(explanation.lines[0].name).toMatch(/inspect\.test\.ts:\d+$/)
  expect(explanationText(explanation)).toContain('matmul')
})

test('numbers for people', () => {
  expect([0, 999, 1000, 1_234_567, 42e9].map(countText)).toEqual(['0', '999', '1.00 k', '1.23 M', '42.0 G'])
  expect([0, 1023, 1536, 3 * 2 ** 30].map(bytesText)).toEqual(['0 B', '1023 B', '1.50 KiB', '3.00 GiB'])
})
