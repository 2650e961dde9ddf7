import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { trace } from '../graph/trace.ts'
import {
  add,
  conv,
  evaluate,
  gelu,
  grad,
  InputError,
  jit,
  key,
  logSoftmax,
  matmul,
  maxPool,
  mean,
  mul,
  type NDArray,
  named,
  random,
  reference,
  relu,
  reshape,
  softmax,
  softplus,
  square,
  sub,
  sum,
  swapLast,
  type Tensor,
  tensor,
  variance,
  zeros,
} from '../index.ts'
import { callsHost } from '../primitives/host.ts'
import { primitiveTable } from '../primitives/table.ts'
import { expectAllClose, functionOf, inputsOf } from '../testing/checks.ts'
import { violations } from '../testing/onnx-rules.ts'
import { samples } from '../testing/samples.ts'
import { expectValues } from '../testing/values.ts'
import { bytesOf, type OnnxNode, type OnnxTensor } from './format.ts'
import { exportOnnx, importOnnx, readOnnx, saveOnnx } from './index.ts'
import { operators } from './operators/index.ts'
import { readModel } from './read.ts'
import { modelOf, writeModel } from './write.ts'

/** A model of one node; the inputs after the first are stored in it. */
function oneNode(
  type: string,
  stored: readonly Tensor[],
  attributes: OnnxNode['attributes'] = {},
  shape: readonly (number | string)[] = ['n'],
) {
  const initializers = stored.map((x, i): OnnxTensor => {
    const array = x.node.value!
    return { name: `stored${i}`, dtype: array.dtype, shape: array.shape, bytes: bytesOf(array) }
  })
  const node = { type, name: 'it', inputs: ['x', ...initializers.map(({ name }) => name)], outputs: ['y'], attributes }
  const graph = {
    name: 'one',
    nodes: [node],
    inputs: [{ name: 'x', dtype: 'float32', shape } as const],
    outputs: [{ name: 'y' }],
    initializers,
  }
  return writeModel(modelOf(graph)).model
}

describe('what was exported is read back', () => {
  const sampled = primitiveTable.filter(({ kind }) => kind !== 'structural')

  const needsHost = (fn: (...x: Tensor[]) => Tensor[], inputs: Tensor[]) => callsHost(trace(fn as never, inputs))

  /** A primitive may be lowered to operators that are not read yet. */
  const isRead = (bytes: Uint8Array) => readModel(bytes).graph.nodes.every(({ type }) => type in operators)

  test.each(sampled)('$name: valid, with the same shapes, dtypes and numbers', (primitive) => {
    for (const sample of samples[primitive.name]) {
      const inputs = inputsOf(sample, 'float32')
      const fn = functionOf(primitive, sample)
      const exported = () => exportOnnx(fn as never, inputs as never, { inputs: inputs.map((_, i) => `x${i}`) })
      if (needsHost(fn, inputs)) {
        expect(exported).toThrow(/host call cannot be/)
        continue
      }
      const bytes = exported()
      expect(violations(readModel(bytes))).toEqual([])
      if (!isRead(bytes)) continue
      const model = importOnnx(bytes)
      const given = Object.fromEntries(inputs.map((x, i) => [`x${i}`, x]))
      const outputs = Object.values(model.apply(model.parameters, given))
      outputs.forEach(({ shape, dtype }, i) => {
        expect({ shape, dtype }).toEqual({ shape: model.outputs[i].shape, dtype: model.outputs[i].dtype })
      })
      expectAllClose(reference(outputs), reference(fn(...inputs)), 1e-5, `${primitive.name} ${JSON.stringify(sample.attributes)}`)
    }
  })

  const normal = (n: number, shape: number[]) => random.normal(key(n), shape)
  const w = { embed: normal(1, [6, 8]), hidden: normal(2, [8, 8]), out: normal(3, [8, 3]), kernel: normal(4, [4, 1, 3, 3]) }
  const attention = named('attention', (h: Tensor) => matmul(softmax(matmul(h, swapLast(h))), h))
  const network = ({ x, image }: { x: Tensor; image: Tensor }) => {
    const h = attention(matmul(x, w.embed))
    const normed = mul(sub(h, mean(h, { axes: -1, keepDims: true })), variance(h, { axes: -1, keepDims: true }))
    return { logits: logSoftmax(matmul(gelu(matmul(normed, w.hidden)), w.out)), pooled: maxPool(relu(conv(image, w.kernel)), { size: 2 }) }
  }

  test('and differentiates as the function itself does', async () => {
    await evaluate(w)
    const given = { x: normal(5, [2, 4, 6]), image: normal(6, [2, 1, 6, 6]) }
    const model = importOnnx(exportOnnx(network, [given], { arguments: ['given'] }))
    expect(model.inputs.map(({ name }) => name)).toEqual(['given.x', 'given.image'])
    const inputs = (g: typeof given) => ({ 'given.x': g.x, 'given.image': g.image })
    const score = (y: { logits: Tensor; pooled: Tensor }) => add(sum(square(y.logits)), mean(square(y.pooled)))
    const own = jit(grad((g: typeof given) => score(network(g))))(given)
    const imported = jit(grad((g: typeof given) => score(model.apply(model.parameters, inputs(g)) as never)))(given)
    await expectValues(imported.x, [...(await own.x.data())], 1e-3)
    await expectValues(imported.image, [...(await own.image.data())], 1e-4)
    // The stored weights are the parameters, whatever they are called.
    const slopes = grad((p: Record<string, Tensor>) => score(model.apply(p, inputs(given)) as never))(model.parameters)
    expect(
      Object.values(slopes)
        .map(({ shape }) => `${shape}`)
        .toSorted(),
    ).toEqual(['4,1,3,3', '6,8', '8,3', '8,8'])
  })
})

test('softplus comes back with its first and second derivative, σ(x) and σ(x)(1 − σ(x)), however far from 0', async () => {
  const model = importOnnx(exportOnnx((x: Tensor) => softplus(x), [tensor([0])], { inputs: ['x'], batch: ['x'] }))
  const at = [-90, -20, -1e-3, 0, 1e-3, 2, 20, 90]
  const f = (x: Tensor) => sum(Object.values(model.apply({}, { x }))[0])
  const sigma = at.map((x) => 1 / (1 + Math.exp(-x)))
  await expectValues(grad(f)(tensor(at)), sigma, 1e-6)
  const second = grad((x: Tensor) => sum(grad(f)(x)))(tensor(at))
  await expectValues(
    second,
    sigma.map((s) => s * (1 - s)),
    1e-6,
  )
})

describe('shapes follow from the inputs', () => {
  test('a symbolic extent is chosen by the caller', async () => {
    const model = importOnnx(oneNode('Mul', [tensor([2])]))
    await expectValues(model.apply(model.parameters, { x: tensor([1, 2, 3]) }).y, [2, 4, 6])
    await expectValues(model.apply(model.parameters, { x: tensor([5]) }).y, [10])
  })

  test('the largest int64 means "to the end", also in a file that Node has read', async () => {
    const list = (name: string, value: bigint): OnnxTensor => ({
      name,
      dtype: 'int64',
      shape: [1],
      bytes: new Uint8Array(BigInt64Array.of(value).buffer),
    })
    const node = { type: 'Slice', name: 'it', inputs: ['x', 'starts', 'ends'], outputs: ['y'], attributes: {} }
    const inputs = [{ name: 'x', dtype: 'float32', shape: ['n'] }] as const
    const initializers = [list('starts', 1n), list('ends', 2n ** 63n - 1n)]
    const file = Buffer.from(writeModel(modelOf({ name: 'g', nodes: [node], inputs, outputs: [{ name: 'y' }], initializers })).model)
    await expectValues(importOnnx(file).apply({}, { x: tensor([1, 2, 3]) }).y, [2, 3])
    const tooLarge = writeModel(
      modelOf({ name: 'g', nodes: [node], inputs, outputs: [{ name: 'y' }], initializers: [list('starts', 1n), list('ends', 2n ** 40n)] }),
    ).model
    expect(() => importOnnx(tooLarge)).toThrow(/onnx: tensor 'ends': element 0 is 1099511627776, which does not fit int32/)
  })

  test('an input given as a host array is known while tracing', async () => {
    const model = importOnnx(oneNode('Reshape', [], {}, []))
    const node = { type: 'Reshape', name: 'it', inputs: ['x', 'shape'], outputs: ['y'], attributes: {} }
    const inputs = [
      { name: 'x', dtype: 'float32', shape: ['n'] },
      { name: 'shape', dtype: 'int64', shape: ['k'] },
    ] as const
    const reshaping = importOnnx(
      writeModel(modelOf({ name: 'g', nodes: [node], inputs, outputs: [{ name: 'y' }], initializers: [] })).model,
    )
    const shape: NDArray = { shape: [2], dtype: 'int32', data: Int32Array.of(2, -1) }
    const apply = jit((x: Tensor) => reshaping.apply({}, { x, shape }).y)
    expect(apply(zeros([6])).shape).toEqual([2, 3])
    expect(() => reshaping.apply({}, { x: zeros([6]), shape: tensor([2, 3], { dtype: 'int32' }) })).toThrow(
      /onnx: Reshape 'it': input 1 must be known while tracing/,
    )
    expect(() => model.apply({}, { x: zeros([]) })).toThrow(/the new shape is missing/)
  })
})

describe('refusals say what, where and what to do', () => {
  const refusal = (bytes: Uint8Array, inputs: Record<string, Tensor> = { x: zeros([2, 3]) }): string => {
    try {
      const model = importOnnx(bytes, { where: 'model.onnx' })
      model.apply(model.parameters, inputs)
    } catch (error) {
      expect(error).toBeInstanceOf(InputError)
      return (error as InputError).message
    }
    return 'nothing'
  }

  test.each([
    [
      'an unknown operator',
      oneNode('Frobnicate', []),
      /^model\.onnx: the operator Frobnicate of node 'it' is not read; Quire reads Abs .*Where Xor$/,
    ],
    ['a name of an object’s own', oneNode('constructor', []), /the operator constructor of node 'it' is not read/],
    [
      'a shape that does not fit',
      oneNode('MatMul', [zeros([2, 2]).node.value ? zeros([2, 2]) : tensor([[1], [2]])], {}, [2, 3]),
      /^model\.onnx: MatMul 'it': matmul: .*; given float32 \[2, 3\] and float32 \[2, 1\]/,
    ],
    ['an attribute of another kind', oneNode('Softmax', [], { axis: 'last' }, [2, 3]), /Softmax 'it': attribute 'axis' is of another kind/],
    ['an axis that is not there', oneNode('Softmax', [], { axis: 2 }, [2, 3]), /Softmax 'it': there is no axis 2 among 2/],
  ])('%s', (_, bytes, message) => {
    expect(refusal(bytes)).toMatch(message)
  })

  test('functions that call each other without end', () => {
    const call = { type: 'f', domain: 'own', name: '', inputs: ['x'], outputs: ['y'], attributes: {} }
    const fn = { domain: 'own', name: 'f', inputs: ['x'], outputs: ['y'], attributes: [], defaults: {}, opsets: { own: 1 }, nodes: [call] }
    const twice = { ...fn, nodes: [call, { ...call, inputs: ['y'], outputs: ['z'] }] }
    const graph = {
      name: 'g',
      nodes: [call],
      inputs: [{ name: 'x', dtype: 'float32', shape: [2, 3] } as const],
      outputs: [{ name: 'y' }],
      initializers: [],
    }
    for (const endless of [fn, twice])
      expect(refusal(writeModel(modelOf(graph, { functions: [endless] })).model)).toMatch(
        /^model.onnx: f 'y': functions call each other more than 64 deep$/,
      )
  })

  test('inputs', () => {
    const bytes = oneNode('Relu', [], {}, ['n', 3])
    expect(refusal(bytes, {})).toBe("model.onnx: input 'x', float32 [n, 3], is missing")
    expect(refusal(bytes, { x: zeros([2, 4]) })).toBe("model.onnx: input 'x' takes float32 [n, 3], got float32 [2, 4]")
    expect(refusal(bytes, { x: zeros([2, 3], 'int32') })).toBe("model.onnx: input 'x' takes float32 [n, 3], got int32 [2, 3]")
    expect(refusal(bytes, { x: zeros([2, 3]), z: zeros([]) })).toBe("model.onnx: there is no input 'z'; it has x")
  })

  test('parameters', () => {
    const model = importOnnx(oneNode('Mul', [tensor([2])]))
    expect(() => model.apply({ stored0: zeros([2]) }, { x: zeros([1]) })).toThrow(/parameter 'stored0' has shape \[1\], got \[2\]/)
    expect(() => model.apply({}, { x: zeros([1]) })).toThrow(/got nothing; pass a tree like `parameters`/)
  })
})

test('mutated models are read, or refused by an InputError', () => {
  const model = exportOnnx(
    (x: Tensor) => softmax(reshape(add(matmul(x, x), mean(x)), [4])),
    [
      tensor([
        [1, 2],
        [3, 4],
      ]),
    ],
    { inputs: ['x'] },
  )
  const mutation = fc.array(fc.tuple(fc.nat(model.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(mutation, (changes) => {
      const bytes = model.slice()
      for (const [at, byte] of changes) bytes[at] = byte
      try {
        const { parameters, apply } = importOnnx(bytes)
        apply(parameters, {
          x: tensor([
            [1, 2],
            [3, 4],
          ]),
        })
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        expect(error.message).toMatch(/^onnx: [^\n]+$/)
      }
    }),
    { numRuns: 2000 },
  )
})

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quire-onnx-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('tensors beside the model are read', async () => {
    const weights = await evaluate(random.normal(key(3), [40, 20]))
    const path = join(folder, 'model.onnx')
    const x = random.normal(key(4), [2, 40])
    await saveOnnx(path, (x: Tensor) => matmul(x, weights), [x], { arguments: ['x'], outputs: ['y'], external: true })
    const model = await readOnnx(path)
    expect(Object.values(model.parameters).map(({ shape }) => shape)).toEqual([[40, 20]])
    await expectValues(model.apply(model.parameters, { x }).y, [...(await matmul(x, weights).data())], 1e-5)
    const beside = join(folder, readdirSync(folder).find((name) => name.endsWith('.data'))!)
    const bytes = readFileSync(beside)
    bytes[17] ^= 1
    writeFileSync(beside, bytes)
    await expect(readOnnx(path)).rejects.toThrow(`${beside}: is not the file that the model was saved with`)
    rmSync(beside)
    await expect(readOnnx(path)).rejects.toThrow(`${beside}: cannot be read (ENOENT)`)
  })
})
