import type { Tensor as OrtTensor } from 'onnxruntime-common'
import { type NDArray, ndarray } from '../array.ts'
import type { TypedArray } from '../dtype.ts'
import { InputError } from '../errors.ts'
import type { Runtime, RuntimeOptions, Session, SessionSignature } from './runtime.ts'

/** ONNX Runtime's WebAssembly build: everywhere, a few times slower than the native one. A run blocks the calling thread. */
export async function createWasmRuntime({ device = 'cpu', threads, wasmPaths }: RuntimeOptions): Promise<Runtime> {
  if (device !== 'cpu') throw new InputError(`there is no ${device} device in the WebAssembly runtime`, { fix: 'use --device cpu' })
  const ort = await import('onnxruntime-web/wasm')
  const numThreads = Math.min(threads ?? Number.POSITIVE_INFINITY, possibleThreads())
  Object.assign(ort.env.wasm, { numThreads, wasmPaths })
  ort.env.logLevel = 'error'
  return {
    name: 'onnxruntime-web (wasm)',
    version: ort.env.versions.web ?? '',
    threads: numThreads,
    takesShared: true, // it copies to and from memory of its own
    async createSession(model, signature): Promise<Session> {
      const options = { executionProviders: ['wasm'], graphOptimizationLevel: 'basic' } as const
      const session = await inTurn(() => ort.InferenceSession.create(model, options))
      return new WasmRunner(session, signature, ort.Tensor)
    },
  }
}

/** Threads share memory, which a page may only where it is isolated from other origins. In Node they would keep the process alive. */
const possibleThreads = (): number => (page.crossOriginIsolated ? (page.navigator?.hardwareConcurrency ?? 1) : 1)
const page = globalThis as { crossOriginIsolated?: boolean; navigator?: { hardwareConcurrency: number } }

type OrtSession = { run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>> }
type TensorClass = new (type: 'float32', data: Float32Array, shape: readonly number[]) => OrtTensor

class WasmRunner implements Session {
  readonly #session: OrtSession
  readonly #signature: SessionSignature
  readonly #Tensor: TensorClass

  constructor(session: unknown, signature: SessionSignature, Tensor: unknown) {
    this.#session = session as OrtSession
    this.#signature = signature
    this.#Tensor = Tensor as TensorClass
  }

  run(inputs: readonly NDArray[], into: readonly (NDArray | undefined)[] = []): Promise<NDArray[]> {
    return inTurn(async () => {
      const { inputs: inputNames, outputs, results } = this.#signature
      const feeds = Object.fromEntries(
        inputNames.map((name, i) => [
          name,
          new this.#Tensor(inputs[i].dtype as 'float32', inputs[i].data as Float32Array, inputs[i].shape),
        ]),
      )
      const fetched = await this.#session.run(feeds)
      return results.map(({ shape, dtype }, i) => {
        const data = fetched[outputs[i]].data as TypedArray
        if (!into[i]) return ndarray(data, shape, dtype)
        into[i].data.set(data)
        return into[i]
      })
    })
  }
}

let last: Promise<unknown> = Promise.resolve()

/** The WebAssembly instance has one stack: what overlaps on it fails, so that each waits for those before it. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(work)
  last = mine.catch(() => {})
  return mine
}
