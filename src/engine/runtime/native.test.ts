import { expect, test } from 'vitest'
import { lowerGraph } from '../compile/lower.ts'
import { runOrder } from '../compile/order.ts'
import { trace } from '../graph/trace.ts'
import {
  add,
  configureRuntime,
  evaluate,
  full,
  getRuntime,
  jit,
  jvp,
  key,
  matmul,
  neg,
  random,
  sum,
  type Tensor,
  tanh,
  zeros,
} from '../index.ts'
import { encodeModel } from '../onnx/write.ts'
import { createNativeRuntime } from './native.ts'

configureRuntime({ prefer: 'native', threads: 1 })

const pagesPerRun = async (run: () => Promise<unknown>): Promise<number> => {
  for (let i = 0; i < 5; i++) await run()
  const before = process.resourceUsage().minorPageFault
  for (let i = 0; i < 20; i++) await run()
  return (process.resourceUsage().minorPageFault - before) / 20
}

test('large results are written in place: a run touches no new memory', async () => {
  const runtime = await getRuntime()
  expect(runtime.name).toContain('onnxruntime-node')
  const shape = [2 ** 21]
  const value = { dtype: 'float32' as const, shape }
  const nodes = [{ type: 'Neg', name: 'negate', inputs: ['x'], outputs: ['y'], attributes: {} }]
  const model = encodeModel({ name: 'g', nodes, inputs: [{ name: 'x', ...value }], outputs: [{ name: 'y', ...value }], initializers: [] })
  const session = await runtime.createSession(model, { inputs: ['x'], outputs: ['y'], results: [value] })
  const [x, y] = await Promise.all([full(shape, 3), full(shape, 0)].map((tensor) => tensor.ndarray()))
  const pages = await pagesPerRun(async () => session.run([x], [y]))
  expect(y.data[5]).toBe(-3)
  // A copy of the result would take 2,048 pages of 4 KiB.
  expect(pages).toBeLessThan(500)
})

test('a run that fails still says so', async () => {
  const runtime = await getRuntime()
  const large = { dtype: 'float32' as const, shape: [2 ** 18] }
  const nodes = [{ type: 'Gather', name: 'pick', inputs: ['x', 'at'], outputs: ['y'], attributes: {} }]
  const inputs = [
    { name: 'x', ...large },
    { name: 'at', dtype: 'int32' as const, shape: [2 ** 18] },
  ]
  const model = encodeModel({ name: 'g', nodes, inputs, outputs: [{ name: 'y', ...large }], initializers: [] })
  const session = await runtime.createSession(model, { inputs: ['x', 'at'], outputs: ['y'], results: [large] })
  const given = [full([2 ** 18], 1), full([2 ** 18], 2 ** 20, 'int32')]
  const [x, at] = await Promise.all(given.map((tensor) => tensor.ndarray()))
  expect(() => session.run([x, at])).toThrow(/out of (bounds|range)|indices element/i)
})

test('results of a compiled function, large and small', async () => {
  const twice = jit((x: Tensor) => ({ large: neg(x), small: neg(neg(x)) }))
  const { large, small } = await evaluate(twice(full([2 ** 17], 2)))
  expect([(await large.data())[7], (await small.data())[7]]).toEqual([-2, 2])
})

test('nodes run in the order that the compiler foresees', async () => {
  const layer = { w: zeros([16, 16]), b: zeros([16]) }
  const network = (layers: readonly (typeof layer)[], x: Tensor) => sum(layers.reduce((h, { w, b }) => tanh(add(matmul(h, w), b)), x))
  const layers = Array.from({ length: 6 }, () => ({ ...layer }))
  const forward = (ps: typeof layers, us: typeof layers, x: Tensor) => jvp((p) => network(p, x), [ps], [us])
  const graph = trace(forward, [layers, layers, zeros([64, 16])] as never)
  const names = { inputs: graph.parameters.map((_, i) => `in${i}`), outputs: graph.outputs.map((_, i) => `out${i}`) }
  const lowered = lowerGraph(graph, names.inputs, names.outputs)
  const producer = new Map(lowered.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)))
  const foreseen = runOrder(lowered.nodes, ({ inputs }) => inputs.flatMap((name) => producer.get(name) ?? [])).map(({ name }) => name)

  const runtime = await createNativeRuntime({ threads: 1 })
  const { session, end } = runtime.createProfiledSession!(encodeModel(lowered), { ...names, results: graph.outputs })
  const arrays = await evaluate(graph.parameters.map(({ shape }, i) => random.normal(key(i), [...shape])))
  await session.run(await Promise.all(arrays.map((x) => x.ndarray())))
  // What the runtime does not run (a constant, a view) is not in its record.
  const ran = end().map(({ name }) => name)
  expect(ran.length).toBeGreaterThan(40)
  expect(ran).toEqual(foreseen.filter((name) => ran.includes(name)))
})
