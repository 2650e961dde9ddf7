import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluate, type NDArray, ndarray, reference, tensor } from '../index.ts'
import { elementType, type OnnxGraph, type OnnxNode } from './format.ts'
import { importOnnx } from './import.ts'
import type { Narrow } from './narrow.ts'
import { modelOf, writeModel } from './write.ts'

/** JavaScript's own arrays wrap as ONNX Runtime's and NumPy's do. */
const arrays = { int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array }
const types = Object.keys(arrays) as Narrow[]

const node = (type: string, inputs: string[], output: string, attributes: OnnxNode['attributes'] = {}): OnnxNode => ({
  type,
  name: output,
  inputs,
  outputs: [output],
  attributes,
})

function importing(type: Narrow, nodes: readonly OnnxNode[], outputs = nodes.flatMap((each) => each.outputs)) {
  const inputs = ['a', 'b'].map((name) => ({ name, dtype: type, shape: ['n'] }))
  const graph: OnnxGraph = { name: 'g', nodes, inputs, outputs: outputs.map((name) => ({ name })), initializers: [] }
  return importOnnx(writeModel(modelOf(graph)).model)
}

const int32 = (values: readonly number[]): NDArray => ndarray(Int32Array.from(values), [values.length], 'int32')

/** Pairs of numbers of a type, often at the ends of its range; the second is never 0. */
function pairsOf(type: Narrow): fc.Arbitrary<[number[], number[]]> {
  const bits = 8 * arrays[type].BYTES_PER_ELEMENT
  const [min, max] = type.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
  const number = fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max, max - 1))
  return fc
    .array(fc.tuple(number, number), { minLength: 1, maxLength: 6 })
    .map((pairs) => [pairs.map(([a]) => a), pairs.map(([, b]) => b || 1)])
}

describe.each(types)('%s wraps', (type) => {
  const Own = arrays[type]
  const bits = 8 * Own.BYTES_PER_ELEMENT
  const elements = (a: readonly number[], of: (value: number, i: number) => number) => [...Own.from(a.map(of))]
  const cases: Record<string, [OnnxNode[], (a: number[], b: number[]) => number[]]> = {
    Add: [[node('Add', ['a', 'b'], 'y')], (a, b) => elements(a, (v, i) => v + b[i])],
    Sub: [[node('Sub', ['a', 'b'], 'y')], (a, b) => elements(a, (v, i) => v - b[i])],
    Mul: [[node('Mul', ['a', 'b'], 'y')], (a, b) => elements(a, (v, i) => Math.imul(v, b[i]))],
    Div: [[node('Div', ['a', 'b'], 'y')], (a, b) => elements(a, (v, i) => Math.trunc(v / b[i]))],
    Neg: [[node('Neg', ['a'], 'y')], (a) => elements(a, (v) => -v)],
    Abs: [[node('Abs', ['a'], 'y')], (a) => elements(a, Math.abs)],
    BitwiseNot: [[node('BitwiseNot', ['a'], 'y')], (a) => elements(a, (v) => ~v)],
    ReduceSum: [[node('ReduceSum', ['a'], 'y', { keepdims: 0 })], (a) => elements([a.reduce((s, v) => s + v, 0)], (v) => v)],
    'what follows sees what wrapped': [
      [node('Add', ['a', 'b'], 's'), node('Less', ['s', 'a'], 'y')],
      (a, b) => elements(a, (v, i) => v + b[i]).map((s, i) => Number(s < a[i])),
    ],
    'through movement and choice': [
      [
        node('Concat', ['a', 'b'], 'c', { axis: 0 }),
        node('Add', ['c', 'c'], 'd'),
        node('Less', ['d', 'c'], 'l'),
        node('Where', ['l', 'd', 'c'], 'e'),
        node('Mul', ['e', 'e'], 'y'),
      ],
      (a, b) => elements([...a, ...b], (v) => (Own.of(2 * v)[0] < v ? Own.of(2 * v)[0] : v)).map((v) => Own.of(Math.imul(v, v))[0]),
    ],
    ...Object.fromEntries(
      types.map((to): [string, [OnnxNode[], (a: number[]) => number[]]] => [
        `Cast to ${to}`,
        [[node('Cast', ['a'], 'y', { to: elementType[to] })], (a) => [...arrays[to].from(a)]],
      ]),
    ),
  }
  const shifts: typeof cases = {
    'BitShift, left': [
      [node('BitShift', ['a', 'b'], 'y', { direction: 'LEFT' })],
      (a, b) => elements(a, (v, i) => Number(BigInt.asUintN(bits, BigInt(v) << BigInt(b[i] % bits)))),
    ],
    'BitShift, right': [[node('BitShift', ['a', 'b'], 'y', { direction: 'RIGHT' })], (a, b) => elements(a, (v, i) => v >> (b[i] % bits))],
  }

  test.each(Object.entries(type.startsWith('u') ? { ...cases, ...shifts } : cases))('%s', async (name, [nodes, expected]) => {
    const model = importing(type, nodes, ['y'])
    const samples = fc.sample(pairsOf(type), { numRuns: 30, seed: 7 })
    const results = samples.map(([a, b]) => {
      const places = name.startsWith('BitShift') ? b.map((v) => v % bits) : b
      const wanted = expected(a, places)
      // Known while tracing, and not.
      const known = model.apply({}, { a: int32(a), b: int32(places) }).y
      const traced = model.apply({}, { a: tensor(Int32Array.from(a)), b: tensor(Int32Array.from(places)) }).y
      expect([...reference(traced)[0].data]).toEqual(wanted)
      return { known, traced, wanted }
    })
    await evaluate(results.flatMap(({ known, traced }) => [known, traced]))
    for (const { known, traced, wanted } of results) {
      expect([...(await known.data())]).toEqual(wanted)
      expect([...(await traced.data())]).toEqual(wanted)
    }
  })
})

test('inside of branches, loops and scans', async () => {
  const body = (nodes: OnnxNode[], inputs: string[], outputs: string[]): OnnxGraph => ({
    name: 'body',
    nodes,
    inputs: inputs.map((name) => ({ name })),
    outputs: outputs.map((name) => ({ name })),
    initializers: [],
  })
  const double = (from: string, to: string) => node('Add', [from, from], to)
  const tensorOf = (value: number[], dtype: 'int64' | 'bool') => ({
    tensor: {
      name: '',
      dtype,
      shape: [],
      bytes: new Uint8Array(dtype === 'bool' ? Uint8Array.from(value).buffer : BigInt64Array.from(value, BigInt).buffer),
    },
  })
  const model = importing(
    'uint8',
    [
      node('Constant', [], 'trips', { value: tensorOf([3], 'int64') }),
      node('Constant', [], 'on', { value: tensorOf([1], 'bool') }),
      {
        ...node('Loop', ['trips', 'on', 'a'], 'l', {
          body: body([double('x', 'x2'), node('Identity', ['c'], 'c2')], ['i', 'c', 'x'], ['c2', 'x2', 'x2']),
        }),
        outputs: ['l', 'rows'],
      },
      node('Add', ['rows', 'b'], 'moreRows'),
      { ...node('Scan', ['a'], 's', { num_scan_inputs: 1, body: body([double('v', 'v2')], ['v'], ['v2']) }) },
      node('Less', ['a', 'b'], 'less'),
      node('If', ['less'], 'chosen', {
        then_branch: body([double('a', 't')], [], ['t']),
        else_branch: body([double('b', 'e')], [], ['e']),
      }),
      node('Add', ['chosen', 'chosen'], 'four'),
    ],
    ['l', 'rows', 'moreRows', 's', 'chosen', 'four'],
  )
  const outputs = model.apply({}, { a: tensor(Int32Array.of(100)), b: tensor(Int32Array.of(150)) })
  await evaluate(outputs)
  const values = await Promise.all(['l', 'rows', 'moreRows', 's', 'chosen', 'four'].map(async (name) => [...(await outputs[name].data())]))
  expect(values).toEqual([[800 % 256], [200, 400 % 256, 800 % 256], [350 % 256, 550 % 256, (32 + 150) % 256], [200], [200], [400 % 256]])
})
