import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { add, InputError, less, matmul, mean, mul, softmax, type Tensor, tensor, whileLoop } from '../index.ts'
import { attributeType, elementType, type OnnxModel, type OnnxType } from './format.ts'
import { exportOnnx } from './index.ts'
import { readModel } from './read.ts'
import { writeModel } from './write.ts'

const names = fc.string({ minLength: 1, maxLength: 6 })
const records = <T>(values: fc.Arbitrary<T>) => fc.dictionary(names, values, { maxKeys: 3 })
const integers = fc.integer({ min: -(2 ** 40), max: 2 ** 40 })

const widths: Partial<Record<OnnxType, number>> = { float32: 4, int64: 8, bool: 1, float16: 2, float64: 8, uint8: 1 }
const tensors = fc
  .record({
    name: names,
    dtype: fc.constantFrom(...(Object.keys(widths) as OnnxType[])),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
  })
  .chain(({ name, dtype, shape }) => {
    const length = shape.reduce((a, b) => a * b, widths[dtype]!)
    return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => ({ name, dtype, shape, bytes }))
  })
const values = fc.record({
  name: names,
  dtype: fc.constantFrom(...(Object.keys(elementType) as OnnxType[])),
  shape: fc.array(fc.oneof(fc.nat(9), fc.constantFrom('', 'batch')), { maxLength: 3 }),
})

const { graph } = fc.letrec((tie) => ({
  attribute: fc.oneof(
    { maxDepth: 2 },
    integers,
    fc.string(),
    fc.array(integers),
    fc.record({ float: fc.float() }),
    fc.record({ floats: fc.array(fc.float()) }),
    fc.record({ strings: fc.array(fc.string()) }),
    fc.record({ tensor: tensors }),
    fc.record({ reference: names, type: fc.constant(attributeType.ints) }),
    tie('graph'),
  ),
  node: fc.record({
    type: names,
    domain: fc.constantFrom('', 'quire'),
    name: names,
    inputs: fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }),
    outputs: fc.array(names, { maxLength: 2 }),
    attributes: records(tie('attribute')),
  }),
  graph: fc.record({
    name: fc.string(),
    nodes: fc.array(tie('node'), { maxLength: 3 }),
    inputs: fc.array(values, { maxLength: 2 }),
    outputs: fc.array(values, { maxLength: 2 }),
    initializers: fc.array(tensors, { maxLength: 2 }),
  }),
}))

const models = fc.record({
  irVersion: fc.nat(),
  opsets: records(fc.nat(30)),
  producer: fc.string(),
  doc: fc.string(),
  metadata: records(fc.string()),
  functions: fc.constant([]),
  graph,
}) as unknown as fc.Arbitrary<OnnxModel>

test('what was written is read', () => {
  fc.assert(
    fc.property(models, (model) => {
      expect(plain(readModel(writeModel(model).model))).toEqual(plain(model))
    }),
    { numRuns: 200 },
  )
})

/** Records without a prototype, as fast-check makes them, compare as plain ones. */
const plain = (model: OnnxModel): unknown => structuredClone(model)

const trained = tensor([
  [1, 2],
  [3, 4],
])
const real = exportOnnx(
  (x: Tensor) =>
    whileLoop(
      (y: Tensor) => less(mean(y), 10),
      (y) => add(mul(y, 2), softmax(matmul(y, trained))),
      x,
      { maxIterations: 20 },
    ),
  [tensor([[1, 2]])],
  { arguments: ['x'] },
)

describe('hostile files', () => {
  /** Either a model or one line with an offset. */
  const outcome = (bytes: Uint8Array): string => {
    try {
      readModel(bytes, { where: 'hostile.onnx' })
      return 'a model'
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      expect(error.message).toMatch(/^hostile\.onnx: offset \d+: [^\n]+; the file is damaged, truncated or not an ONNX model$/)
      return 'refused'
    }
  }

  test('every truncation is refused', () => {
    for (let length = 0; length < real.length; length++) {
      // A cut between two fields of the model itself leaves a shorter model.
      if (outcome(real.subarray(0, length)) === 'a model') expect(readModel(real.subarray(0, length)).graph).toEqual(readModel(real).graph)
    }
  })

  test('mutations give a model or a line, never another error', () => {
    const mutation = fc.array(fc.tuple(fc.nat(real.length - 1), fc.oneof(fc.constantFrom(0, 0x7f, 0x80, 0xff), fc.nat(255))), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(mutation, (changes) => {
        const bytes = real.slice()
        for (const [at, byte] of changes) bytes[at] = byte
        outcome(bytes)
      }),
      { numRuns: 3000 },
    )
  })

  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        outcome(bytes)
      }),
      { numRuns: 1000 },
    )
  })

  const wrap = (field: number, inner: readonly number[]): number[] => {
    const length: number[] = []
    for (let rest = inner.length; ; rest >>>= 7) {
      length.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest)
      if (rest <= 0x7f) break
    }
    return [(field << 3) | 2, ...length, ...inner]
  }

  test('graphs nested without end', () => {
    let nested: number[] = []
    // A graph in an attribute in a node in a graph, ...
    for (let level = 0; level < 500; level++) nested = wrap(1, wrap(5, wrap(6, nested)))
    expect(() => readModel(Uint8Array.from(wrap(7, nested)))).toThrow(/nested deeper than 64/)
  })

  test('a length of many gigabytes costs nothing', () => {
    expect(() => readModel(Uint8Array.of((7 << 3) | 2, 0xff, 0xff, 0xff, 0xff, 0x7f))).toThrow(
      /onnx: offset 6: 34359738367 bytes do not fit/,
    )
  })

  test('a tensor whose shape does not describe its bytes', () => {
    const model = readModel(real)
    const initializers = model.graph.initializers.map((initializer) => ({ ...initializer, shape: [2 ** 40, ...initializer.shape] }))
    const { model: bytes } = writeModel({ ...model, graph: { ...model.graph, initializers } })
    expect(() => readModel(bytes)).toThrow(/tensor '.*': \w+ \[1099511627776.*\] takes \d+ bytes, there are \d+/)
  })

  test.each(['../secret', '/etc/passwd', 'a/../../b', 'C:\\x', '..'])('tensors outside of the folder: %s', (location) => {
    const { model } = writeModel(
      { ...readModel(real), graph: { ...readModel(real).graph, initializers: [big] } },
      { external: { location } },
    )
    expect(() => readModel(model, { external: () => big.bytes })).toThrow(/is no name of a file beside the model/)
  })
})

const big = { name: 'big', dtype: 'float32', shape: [512], bytes: new Uint8Array(2048) } as const

test('external data outside of its file is refused, and a missing reader named', () => {
  const { model } = writeModel(
    { ...readModel(real), graph: { ...readModel(real).graph, initializers: [big] } },
    { external: { location: 'w.data' } },
  )
  expect(() => readModel(model)).toThrow(/its tensors lie in 'w.data'; read it with readOnnx/)
  expect(() => readModel(model, { external: () => new Uint8Array(2047) })).toThrow(/do not lie in 'w.data'/)
  expect(readModel(model, { external: () => big.bytes }).graph.initializers[0].bytes.length).toBe(2048)
})
