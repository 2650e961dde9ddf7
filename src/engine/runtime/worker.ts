import { type NDArray, ndarray, sizeOf } from '../array.ts'
import { builtin } from '../builtin.ts'
import { allocate, bytesPerElement, type TypedArray } from '../dtype.ts'
import { receivedError, type SentError } from '../errors.ts'
import type { Aval } from '../graph/node.ts'
import type { Runtime, RuntimeOptions, Session, SessionSignature } from './runtime.ts'
import { refuseTelemetry } from './telemetry.ts'

/*
 * A runtime in a thread of its own, for programs that must not stand still while a model runs. Results lie in shared memory, which both threads
 * see: given again as inputs, or written again, they cost the calling thread nothing. Other inputs may be changed by their owner at any time, so
 * they are copied once, and the copy is handed over. The worker itself copies only for a runtime that takes no shared memory, as the native one.
 */

/** How a runtime is asked for something; a thread answers in the order in which it was asked. */
export type Request =
  | { readonly create: Uint8Array; readonly signature: SessionSignature }
  | { readonly session: number; readonly inputs: readonly NDArray[]; readonly results: readonly NDArray[] }

export type Answer = { readonly value: unknown } | { readonly error: SentError }

/** What a thread says first, or the error that keeps it from starting. */
export type Introduction = Pick<Runtime, 'name' | 'version' | 'threads' | 'channelBlock'>

/** What is asked of a thread: a `Worker` of node:worker_threads. Written out, so that a page's program checks without Node's types. */
export interface WorkerThread {
  postMessage(value: unknown, transfer?: readonly ArrayBuffer[]): void
  // biome-ignore lint/suspicious/noExplicitAny: so is it declared by Node
  on(event: string, listener: (value: any) => void): unknown
  ref(): void
  unref(): void
}

/** Starts a thread whose entry is worker-entry.js, with these options as its `workerData`. */
export type StartWorker = (options: RuntimeOptions) => WorkerThread

const startFromFile: StartWorker = (workerData) => {
  refuseTelemetry()
  return new (builtin('node:worker_threads').Worker)(new URL(/* @vite-ignore */ './worker-entry.js', import.meta.url), { workerData })
}

/** The runtime that these options ask for, in a worker thread. A run leaves the calling thread free. */
export async function createWorkerRuntime({ worker: how, ...options }: RuntimeOptions): Promise<Runtime> {
  const thread = new Thread((typeof how === 'function' ? how : startFromFile)(options))
  const { name, version, threads, channelBlock } = (await thread.introduction) as Introduction
  return {
    name: `${name}, in a worker`,
    version,
    threads,
    channelBlock,
    async createSession(model, signature): Promise<Session> {
      const session = (await thread.ask({ create: model, signature })) as number
      return { run: (inputs, into) => run(thread, session, signature.results, inputs, into) }
    },
  }
}

async function run(
  thread: Thread,
  session: number,
  avals: readonly Aval[],
  inputs: readonly NDArray[],
  into: readonly (NDArray | undefined)[] = [],
): Promise<NDArray[]> {
  const results = avals.map((aval, i) => (into[i] && isShared(into[i]) ? into[i] : sharedArray(into[i] ?? aval)))
  const copies = inputs.map((array) => (isShared(array) ? array : { ...array, data: array.data.slice() }))
  const moved = copies.filter((array) => !isShared(array)).map(({ data }) => data.buffer as ArrayBuffer)
  await thread.ask({ session, inputs: copies, results }, moved)
  return results.map((result, i) => {
    if (!into[i] || into[i] === result) return result
    into[i].data.set(result.data)
    return into[i]
  })
}

export const isShared = ({ data }: NDArray): boolean => data.buffer instanceof SharedArrayBuffer

function sharedArray({ shape, dtype }: Aval): NDArray {
  const storage = allocate(dtype, 0).constructor as new (buffer: SharedArrayBuffer) => TypedArray
  return ndarray(new storage(new SharedArrayBuffer(sizeOf(shape) * bytesPerElement(dtype))), shape, dtype)
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** The calling side of a thread: answers come in the order of the requests. It keeps the process alive only while an answer is due. */
class Thread {
  readonly introduction: Promise<unknown>
  readonly #worker: WorkerThread
  readonly #waiting: Waiting[] = []
  #ended?: Error

  constructor(worker: WorkerThread) {
    this.#worker = worker
    this.introduction = this.#answer()
    worker.on('message', (answer: Answer) => {
      const { resolve, reject } = this.#waiting.shift()!
      if ('error' in answer) reject(receivedError(answer.error))
      else resolve(answer.value)
      if (this.#waiting.length === 0) worker.unref()
    })
    worker.on('error', (error: Error) => this.#end(error))
    worker.on('exit', () => this.#end(new Error('the thread of the runtime has ended')))
  }

  ask(request: Request, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended)
    this.#worker.postMessage(request, transfer)
    return this.#answer()
  }

  #answer(): Promise<unknown> {
    this.#worker.ref()
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended)
  }
}
