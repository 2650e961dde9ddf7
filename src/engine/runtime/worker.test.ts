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
  full,
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
import { startWorker } from '../testing/worker.ts'
import type { Runtime } from './runtime.ts'
import { createWorkerRuntime } from './worker.ts'

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

test('timers keep their time during a long run', async () => {
  const x = random.uniform(key(1), [500, 500])
  const chain = jit((a: Tensor) => Array.from({ length: 60 }).reduce<Tensor>((y) => mul(matmul(y, a), 1e-2), a))
  await evaluate(x)
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  const start = performance.now()
  await evaluate(chain(x))
  const time = performance.now() - start
  clearInterval(timer)
  // A thread that runs the model itself comes to none in all that time. Other programs may take this one's time, but hardly nine tenths of it.
  expect(ticks).toBeGreaterThan(Math.min(time / 10, 10))
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

test('threads have sessions of their own and run side by side', async () => {
  const threads = await Promise.all([1, 2, 3].map(() => createWorkerRuntime({ worker: startWorker, threads: 1 })))
  const power = (x: Tensor) => Array.from({ length: 40 }).reduce<Tensor>((y) => matmul(y, x), x)
  const examples = [500, 4, 2].map((n) => full([n, n], 1 / n))
  const inputs = await Promise.all(examples.map((x) => x.ndarray()))
  const sessions = await Promise.all(threads.map((thread, i) => sessionOf(thread, power, examples[i])))
  const ended: number[] = []
  await Promise.all(
    sessions.map(async (session, i) => {
      expectAllClose(await session.run([inputs[i]]), [inputs[i]])
      ended.push(i)
    }),
  )
  expect(ended.at(-1)).toBe(0) // asked first, with most to do
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
