import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { bytesPerElement } from '../dtype.ts'
import {
  add,
  cast,
  conv,
  exportOnnx,
  gelu,
  hostCall,
  less,
  logSoftmax,
  matmul,
  maxPool,
  mean,
  mul,
  ones,
  random,
  reference,
  relu,
  reshape,
  softmax,
  swapLast,
  type Tensor,
  tensor,
  variance,
  whileLoop,
  zeros,
} from '../index.ts'

const ort = createRequire(import.meta.url)('onnxruntime-node') as typeof import('onnxruntime-common')
const bytes = (model: Uint8Array): string => Buffer.from(model).toString('latin1')

const key = (n: number): Tensor => tensor(Uint32Array.of(n, 99))
const weights = { w: random.normal(key(1), [6, 5]), b: random.normal(key(2), [5]), kernel: random.normal(key(3), [2, 1, 3, 3]) }

const functions: Record<string, { fn: (...inputs: Tensor[]) => Tensor; inputs: Tensor[] }> = {
  classifier: {
    fn: (x) => logSoftmax(add(matmul(gelu(x), weights.w), weights.b)),
    inputs: [random.normal(key(4), [3, 6])],
  },
  // A transposed operand, for which the own runtime would use an operator that ONNX does not have.
  attention: {
    fn: (x) => matmul(softmax(matmul(x, swapLast(x))), x),
    inputs: [random.normal(key(5), [2, 4, 3])],
  },
  convolution: {
    fn: (x) => maxPool(relu(conv(x, weights.kernel, { padding: 1 })), { size: 2 }),
    inputs: [random.normal(key(6), [2, 1, 6, 6])],
  },
  normalisation: {
    fn: (x) => mul(mean(x, { axes: -1, keepDims: true }), variance(x)),
    inputs: [random.normal(key(7), [3, 4])],
  },
  noise: {
    fn: (x) => add(x, random.normal(random.key(7), [5])),
    inputs: [zeros([5])],
  },
  loop: {
    fn: (x) =>
      whileLoop(
        (y: Tensor) => less(mean(y), 10),
        (y) => add(mul(y, 2), 1),
        x,
        { maxIterations: 20 },
      ),
    inputs: [tensor([1, 2])],
  },
}

describe.each(Object.entries(functions))('%s', (_, { fn, inputs }) => {
  test('the exported model gives the same numbers through the runtime’s public door', async () => {
    const expected = reference(fn(...inputs))[0]
    const model = exportOnnx(fn as never, inputs as never, { inputs: inputs.map((_, i) => `x${i}`), outputs: ['y'] })
    expect(bytes(model)).not.toContain('com.microsoft')
    const session = await ort.InferenceSession.create(model)
    expect(session.inputNames).toEqual(inputs.map((_, i) => `x${i}`))
    expect(session.outputNames).toEqual(['y'])
    const feeds = await Promise.all(
      inputs.map(async (x, i) => [`x${i}`, new ort.Tensor('float32', (await x.data()) as Float32Array, x.shape)] as const),
    )
    const { y } = await session.run(Object.fromEntries(feeds))
    expect(y.dims).toEqual(expected.shape)
    const largest = Math.max(...Array.from(expected.data, Math.abs))
    ;(y.data as Float32Array).forEach((value, i) => {
      expect(Math.abs(value - expected.data[i])).toBeLessThanOrEqual(1e-5 * largest)
    })
  })
})

test('inputs and outputs are named by their paths, and weights are stored inside', async () => {
  const big = ones([64, 32])
  await big.data()
  const model = exportOnnx(
    ({ image }: { image: Tensor }) => ({ logits: matmul(image, big), positive: less(0, cast(reshape(image, [64]), 'float32')) }),
    [{ image: zeros([1, 64]) }],
    { metadata: { author: 'quire' } },
  )
  expect(model.length).toBeGreaterThan(64 * 32 * bytesPerElement('float32'))
  expect(bytes(model)).toContain('author')
  const session = await ort.InferenceSession.create(model)
  expect(session.inputNames.length).toBe(1)
  expect(session.inputNames[0]).toContain('image')
  expect(session.outputNames.map((name) => name.split('.').at(-1))).toEqual(['logits', 'positive'])
})

test('a host call cannot be exported', () => {
  const f = (x: Tensor) => hostCall((arrays) => arrays, [x], { name: 'same', results: [x] })[0]
  expect(() => exportOnnx(f, [zeros([2])])).toThrow(/host call/)
})
