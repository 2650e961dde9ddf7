import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { lowerGraph } from '../compile/lower.ts'
import { trace } from '../graph/trace.ts'
import {
  add,
  compileStep,
  configureRuntime,
  evaluate,
  fromArray,
  getRuntime,
  hostCall,
  InputError,
  jit,
  key,
  matmul,
  mul,
  type NDArray,
  ndarray,
  random,
  reference,
  snapshot,
  type Tensor,
  tensor,
} from '../index.ts'
import { encodeModel } from '../onnx/write.ts'
import { expectAllClose } from '../testing/checks.ts'
import { heldWorker, startWorker } from '../testing/worker.ts'
import { createNativeRuntime } from './native.ts'
import type { Runtime } from './runtime.ts'
import { createWorkerRuntime, isShared } from './worker.ts'

configureRuntime({ worker: startWorker })

const floats = (data: Float32Array, shape: readonly number[] = [data.length]) => ndarray(data, shape, 'float32')
const shared = async (x: Tensor) => (await x.data()).buffer instanceof SharedArrayBuffer

test('values are those of the reference, of every dtype, also around a call of the host', async () => {
  const x = random.normal(key(0), [7, 5])
  const double = ([{ shape, data }]: readonly NDArray[]) => [
    floats(
      Float32Array.from(data, (v) => 2 * v),
      shape,
    ),
  ]
  const doubled = (y: Tensor) => hostCall(double, [y], { name: 'double', results: [y] })[0]
  const results = [
    matmul(x, tensor(new Array(5).fill([1, 2]))),
    tensor([1, 2], { dtype: 'float64' }),
    mul(tensor([3, -4], { dtype: 'int32' }), 2),
    add(doubled(add(x, 1)), 1),
  ]
  const expected = reference(results)
  await evaluate(results)
  expectAllClose(await Promise.all(results.map((each) => each.ndarray())), expected)
  expect((await getRuntime()).name).toMatch(/^onnxruntime-.*, in a worker$/)
})

test('a loop writes its states into the same two sets of shared memory, and leaves the memory of others alone', async () => {
  const step = compileStep((state: Tensor, x: Tensor) => ({ state: add(state, x), output: mul(state, x) }))
  const ones = new Float32Array(4).fill(1)
  let state: Tensor = fromArray(floats(new Float32Array(4)))
  const first = state
  const buffers = new Set<unknown>()
  for (let i = 0; i < 8; i++) {
    ;({ state } = await step(state, fromArray(floats(ones))))
    expect(await shared(state)).toBe(true)
    buffers.add((await state.data()).buffer)
    expect([...(await state.data())]).toEqual(new Array(4).fill(i + 1))
  }
  expect(buffers.size).toBeLessThanOrEqual(3)
  expect([...(await first.data())]).toEqual([0, 0, 0, 0])
  expect(ones.length).toBe(4)
  expect(await shared(await snapshot(state))).toBe(false)
})

test('an array that the caller changes between runs is read anew', async () => {
  const data = Float32Array.of(1, 2, 3, 4)
  const half = floats(data.subarray(2))
  const twice = jit((x: Tensor) => mul(x, 2))
  expect([...(await twice(fromArray(half)).data())]).toEqual([6, 8])
  data[3] = 5
  expect([...(await twice(fromArray(half)).data())]).toEqual([6, 10])
})

/** The session of a function of one array. */
function sessionOf(runtime: Runtime, fn: (x: Tensor) => Tensor, example: Tensor) {
  const graph = trace(fn as never, [example])
  return runtime.createSession(encodeModel(lowerGraph(graph, ['x'], ['y'])), {
    inputs: ['x'],
    outputs: ['y'],
    results: graph.outputs.map(({ shape, dtype }) => ({ shape, dtype })),
  })
}

const double = (x: Tensor) => mul(x, 2)
const ones = (n: number): NDArray => floats(new Float32Array(n).fill(1))

test('while a thread runs, timers and other threads go on', async () => {
  const held = heldWorker()
  const threads = await Promise.all([held.start, startWorker, startWorker].map((worker) => createWorkerRuntime({ worker, threads: 1 })))
  const sessions = await Promise.all(threads.map((thread, i) => sessionOf(thread, double, fromArray(ones(i + 1)))))
  const ended: number[] = []
  const runs = sessions.map(async (session, i) => {
    const [y] = await session.run([ones(i + 1)])
    expect([...y.data]).toEqual(new Array(i + 1).fill(2))
    ended.push(i)
  })
  // The first, asked before the others, stands still: were they to wait for it, this would not come to an end.
  await Promise.all(runs.slice(1))
  await new Promise((resolve) => setTimeout(resolve, 1))
  expect(ended.toSorted()).toEqual([1, 2])
  held.letGo()
  await runs[0]
})

test.each(['native', 'wasm'] as const)(
  'shared memory is read and written where it lies, other memory is left alone: %s',
  async (prefer) => {
    const thread = await createWorkerRuntime({ worker: startWorker, threads: 1, prefer })
    const session = await sessionOf(thread, double, fromArray(ones(3)))
    const own = ones(3)
    const [first] = await session.run([own])
    expect(own.data.length).toBe(3) // not handed over
    expect(isShared(first)).toBe(true)
    const [second] = await session.run([first])
    const [third] = await session.run([second], [first])
    expect(third).toBe(first)
    const target = ones(3)
    expect((await session.run([third], [target]))[0]).toBe(target)
    expect([second, third, target].map(({ data }) => [...data])).toEqual([
      [4, 4, 4],
      [8, 8, 8],
      [16, 16, 16],
    ])
    // What changes between runs is seen, in either kind of memory.
    first.data[0] = 5
    own.data[1] = 7
    expect([...(await session.run([first]))[0].data]).toEqual([10, 16, 16])
    expect([...(await session.run([own]))[0].data]).toEqual([2, 14, 2])
  },
)

test('the native runtime takes no shared memory; once it does, worker-entry needs no memory of its own', async () => {
  const native = await createNativeRuntime({ threads: 1 })
  expect(native.takesShared).toBeUndefined()
  const session = await sessionOf(native, double, fromArray(ones(2)))
  const shared = floats(new Float32Array(new SharedArrayBuffer(8)))
  expect(() => session.run([shared])).toThrow()
  expect(() => session.run([ones(2)], [shared])).toThrow()
})

test('errors cross over: ours as ours, the runtime’s in its words', async () => {
  const refused = createWorkerRuntime({ worker: startWorker, prefer: 'wasm', device: 'cuda' })
  await expect(refused).rejects.toThrow(InputError)
  await expect(refused).rejects.toThrow('there is no cuda device in the WebAssembly runtime; use --device cpu')
  const runtime = await createWorkerRuntime({ worker: startWorker })
  await expect(
    runtime.createSession(Uint8Array.of(1, 2, 3), { inputs: [], outputs: [], results: [] }) as Promise<unknown>,
  ).rejects.toThrow()
})

test('a thread that ends says so to whoever waits', async () => {
  let thread: ReturnType<typeof startWorker> | undefined
  const runtime = await createWorkerRuntime({ worker: (options) => (thread = startWorker(options)) })
  await thread!.terminate()
  await expect(runtime.createSession(Uint8Array.of(1), { inputs: [], outputs: [], results: [] }) as Promise<unknown>).rejects.toThrow(
    'the thread of the runtime has ended',
  )
})

test('a program whose work is done ends by itself', async () => {
  const child = join(import.meta.dirname, '..', 'testing', 'child.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [
    '-e',
    `import('vite').then((vite) => vite.runnerImport(${JSON.stringify(child)}))`,
  ])
  expect(stdout.trim()).toBe('[ 2, 3 ]')
})
