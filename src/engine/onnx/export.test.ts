import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  add,
  broadcastTo,
  compileStep,
  concat,
  conv,
  evaluate,
  gelu,
  grad,
  hostCall,
  leavesWithPaths,
  less,
  logSoftmax,
  matmul,
  maxPool,
  mean,
  mul,
  type NDArray,
  named,
  ones,
  random,
  reference,
  relu,
  reshape,
  select,
  softmax,
  square,
  sub,
  swapLast,
  type Tensor,
  tensor,
  transpose,
  valueAndGrad,
  variance,
  whileLoop,
  zeros,
  zipTrees,
} from '../index.ts'
import { violations } from '../testing/onnx-rules.ts'
import { exportOnnxParts } from './export.ts'
import type { OnnxNode } from './format.ts'
import { exportOnnx, saveOnnx } from './index.ts'
import { readModel } from './read.ts'

type OrtTensor = import('onnxruntime-common').Tensor
const ort = createRequire(import.meta.url)('onnxruntime-node') as typeof import('onnxruntime-common')

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
    expect(violations(readModel(model))).toEqual([])
    expect(Object.keys(readModel(model).opsets)).toEqual([''])
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

/** Runs a model as someone without Quire would. */
async function run(model: Uint8Array | string, inputs: Record<string, Tensor>): Promise<Record<string, OrtTensor>> {
  const session = await ort.InferenceSession.create(model as Uint8Array)
  expect(session.inputNames.toSorted()).toEqual(Object.keys(inputs).toSorted())
  const feeds = await Promise.all(
    Object.entries(inputs).map(async ([name, x]) => [
      name,
      new ort.Tensor(x.dtype as 'float32', (await x.data()) as Float32Array, x.shape),
    ]),
  )
  return (await session.run(Object.fromEntries(feeds))) as unknown as Record<string, OrtTensor>
}

const close = (actual: OrtTensor, expected: NDArray): void => {
  expect(actual.dims).toEqual(expected.shape)
  expected.data.forEach((value, i) => {
    expect(Math.abs((actual.data as Float32Array)[i] - value)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(value)))
  })
}

describe('names', () => {
  const big = ones([64, 32])

  test('inputs and outputs are named by their paths, and weights are stored inside', async () => {
    await big.data()
    const model = readModel(
      exportOnnx(
        ({ image }: { image: Tensor }) => ({ logits: matmul(image, big), positive: less(0, reshape(image, [64])) }),
        [{ image: zeros([1, 64]) }],
        { arguments: ['batch'], doc: 'two lines', metadata: { author: 'quire' } },
      ),
    )
    expect(model.graph.inputs).toEqual([{ name: 'batch.image', dtype: 'float32', shape: [1, 64] }])
    expect(model.graph.outputs.map(({ name, dtype }) => [name, dtype])).toEqual([
      ['logits', 'float32'],
      ['positive', 'bool'],
    ])
    expect(model.graph.initializers.some(({ shape }) => `${shape}` === '64,32')).toBe(true)
    expect(model).toMatchObject({ producer: 'quire', doc: 'two lines', metadata: { author: 'quire' }, irVersion: 10, opsets: { '': 21 } })
  })

  test.each([
    [{ inputs: ['a'] }, /there are 2 inputs, but 1 names/],
    [{ inputs: ['a', 'a'] }, /two inputs would be called 'a'/],
    [{ inputs: ['a', 'b'], outputs: ['b'] }, /'b' names an input and an output/],
  ])('%j is refused', (options, message) => {
    expect(() => exportOnnx((a: Tensor, b: Tensor) => add(a, b), [zeros([2]), zeros([2])], options)).toThrow(message)
  })
})

describe('an open batch size', () => {
  const x = random.normal(key(8), [4, 6])
  const model = (fn: (x: Tensor) => unknown, example = x) => exportOnnx(fn, [example], { arguments: ['x'], batch: ['x'] })
  const images = random.normal(key(9), [2, 1, 6, 6])
  const turned = random.normal(key(17), [6, 6])

  test.each([
    ['a classifier', functions.classifier.fn, x],
    ['a weight that is transposed inside', (x: Tensor) => matmul(matmul(x, transpose(turned)), weights.w), x],
    ['attention', functions.attention.fn, random.normal(key(5), [2, 4, 3])],
    ['convolution and a flattened layer', (x: Tensor) => reshape(functions.convolution.fn(x), [x.shape[0] * 2, -1]), images],
    ['a batch made of a constant', (x: Tensor) => concat([x, broadcastTo(weights.b, [x.shape[0], 5])], { axis: 1 }), x],
  ] as const)('%s gives the same numbers at every size', async (_, fn, example) => {
    const bytes = model(fn, example)
    expect(violations(readModel(bytes))).toEqual([])
    expect(readModel(bytes).graph.inputs[0].shape).toEqual(['batch', ...example.shape.slice(1)])
    for (const size of [1, 2, 7]) {
      const batch = random.normal(key(size), [size, ...example.shape.slice(1)])
      close(Object.values(await run(bytes, { x: batch }))[0], reference(fn(batch))[0])
    }
  })

  test('is refused where the function depends on it', () => {
    expect(() => model((x) => mean(x))).toThrow(/batch size cannot stay open: a constant float32 \[\] depends on it/)
    expect(() => model((x) => Array.from({ length: x.shape[0] }, (_, i) => select(x, i)).reduce(add))).toThrow(/other operations/)
    expect(() => exportOnnx((x: Tensor) => x, [x], { batch: ['y'] })).toThrow(/no input is called 'y'; there are input.0/)
  })
})

describe('a whole training step', () => {
  const data = { x: random.normal(key(10), [16, 3]), y: random.normal(key(11), [16, 1]) }
  const loss = (w: { hidden: Tensor; out: Tensor }, x: Tensor, y: Tensor) => mean(square(sub(matmul(gelu(matmul(x, w.hidden)), w.out), y)))
  const first = {
    weights: { hidden: random.normal(key(12), [3, 8]), out: random.normal(key(13), [8, 1]) },
    momentum: { hidden: zeros([3, 8]), out: zeros([8, 1]) },
  }
  const step = (state: typeof first, x: Tensor, y: Tensor) => {
    const { value, gradient } = valueAndGrad((w: typeof first.weights) => loss(w, x, y))(state.weights)
    const momentum = zipTrees<typeof first.momentum>([state.momentum, gradient], (m: Tensor, g: Tensor) => add(mul(m, 0.9), g))
    const weights = zipTrees<typeof first.weights>([state.weights, momentum], (w: Tensor, m: Tensor) => sub(w, mul(m, 0.05)))
    return { state: { weights, momentum }, output: { loss: value } }
  }

  test('run by plain ONNX Runtime it gives the same losses', async () => {
    const model = exportOnnx(step, [first, data.x, data.y], { arguments: ['state', 'x', 'y'] })
    expect(violations(readModel(model))).toEqual([])
    const session = await ort.InferenceSession.create(model)
    const paths = ['state.weights.hidden', 'state.weights.out', 'state.momentum.hidden', 'state.momentum.out']
    expect(session.inputNames).toEqual([...paths, 'x', 'y'])
    expect(session.outputNames).toEqual([...paths.map((path) => `next.${path}`), 'output.loss'])

    let [own, plain] = [first, await feedsOf({ state: first, ...data })]
    const train = compileStep(step)
    for (let i = 0; i < 10; i++) {
      const { state, output } = await train(own, data.x, data.y)
      const results = await session.run(plain)
      const actual = (results['output.loss'].data as Float32Array)[0]
      const expected = await output.loss.item()
      expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-5 * expected)
      own = state
      plain = { ...plain, ...Object.fromEntries(paths.map((path) => [path, results[`next.${path}`]])) }
    }
  })
})

describe('named calls become functions', () => {
  const attend = named('attention', (h: Tensor) => matmul(softmax(matmul(h, swapLast(h))), h))
  const block = named('block', (h: Tensor) => add(h, attend(relu(h))))
  const network = (h: Tensor) => mean(square(block(block(h))))
  const x = random.normal(key(18), [2, 4, 3])

  const typesOf = (nodes: readonly OnnxNode[]) => nodes.map(({ type, domain }) => `${domain || 'onnx'}:${type}`)

  test('one for each call, which hold their operators', async () => {
    const bytes = exportOnnx(network, [x], { arguments: ['x'], outputs: ['y'] })
    const { graph, functions, opsets } = readModel(bytes)
    expect(opsets).toEqual({ '': 21, local: 1 })
    expect(functions.map(({ doc }) => doc).toSorted()).toEqual(['block/attention', 'block/attention/2'])
    expect(typesOf(functions[0].nodes)).toEqual(['onnx:Transpose', 'onnx:MatMul', 'onnx:Softmax', 'onnx:MatMul'])
    // What is left of a block around its attention is two operators apart from each other, and stays.
    expect(typesOf(graph.nodes).slice(0, 3)).toEqual(['onnx:Relu', 'local:block.attention', 'onnx:Add'])
    expect(violations(readModel(bytes))).toEqual([])
    close((await run(bytes, { x })).y, reference(network(x))[0])
  })

  test('with an open batch size', async () => {
    const fn = named('head', (h: Tensor) => reshape(softmax(block(h)), [h.shape[0], 12]))
    const bytes = exportOnnx(fn, [x], { arguments: ['x'], outputs: ['y'], batch: ['x'] })
    expect(violations(readModel(bytes))).toEqual([])
    expect(readModel(bytes).functions.map(({ doc }) => doc)).toContain('head')
    for (const size of [1, 5]) {
      const batch = random.normal(key(size), [size, 4, 3])
      close((await run(bytes, { x: batch })).y, reference(fn(batch))[0])
    }
  })

  test('derivatives have functions of their own, and compute the same', async () => {
    const both = (h: Tensor) => valueAndGrad(network)(h)
    const bytes = exportOnnx(both, [x], { arguments: ['x'] })
    const { functions } = readModel(bytes)
    expect(violations(readModel(bytes))).toEqual([])
    expect(functions.length).toBeGreaterThan(2)
    expect(functions.every(({ doc }) => doc?.startsWith('block'))).toBe(true)
    const { value, gradient } = await run(bytes, { x })
    close(value, reference(network(x))[0])
    close(gradient, reference(grad(network)(x))[0])
  })

  test('without names there are none', () => {
    expect(readModel(exportOnnx(functions.attention.fn, functions.attention.inputs as [Tensor])).functions).toEqual([])
  })
})

async function feedsOf(tree: unknown): Promise<Record<string, OrtTensor>> {
  const feeds = leavesWithPaths(tree).map(async ([path, x]) => {
    const { data, dtype, shape } = await (x as Tensor).ndarray()
    return [path, new ort.Tensor(dtype as 'float32', data as Float32Array, shape)] as const
  })
  return Object.fromEntries(await Promise.all(feeds))
}

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quire-onnx-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('tensors beside the model lie at 4 KiB offsets and are found by the runtime', async () => {
    const [table, other] = await evaluate([random.normal(key(14), [50, 33]), random.normal(key(16), [50, 33])])
    const path = join(folder, 'model.onnx')
    const fn = (x: Tensor) => matmul(x, mul(table, other))
    const x = random.normal(key(15), [2, 50])
    await saveOnnx(path, fn, [x], { arguments: ['x'], outputs: ['y'], external: true })
    expect(readdirSync(folder).toSorted()).toEqual(['model.onnx', expect.stringMatching(/^model\.onnx\.[0-9a-f]{40}\.data$/)])
    expect(statSync(path).size).toBeLessThan(table.shape[0] * table.shape[1] * 4)
    const { y } = await run(path, { x })
    close(y, reference(fn(x))[0])
    const { external } = exportOnnxParts(fn, [x], { external: { location: 'w' } })
    expect(external.map(({ offset }) => offset)).toEqual([0, 8192])
  })

  test('a path that cannot be written is named', async () => {
    const path = join(folder, 'missing', 'model.onnx')
    await expect(saveOnnx(path, (x: Tensor) => x, [zeros([1])])).rejects.toThrow(`${path}: cannot be written (ENOENT)`)
  })
})

test('a host call cannot be exported', () => {
  const f = (x: Tensor) => hostCall((arrays) => arrays, [x], { name: 'same', results: [x] })[0]
  expect(() => exportOnnx(f, [zeros([2])])).toThrow(/host call/)
})
