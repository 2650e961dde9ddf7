import type { Tensor as OrtTensor } from 'onnxruntime-common'
import { type NDArray, ndarray } from '../array.ts'
import type { TypedArray } from '../dtype.ts'
import { InputError } from '../errors.ts'
import type { Runtime, RuntimeOptions, Session, SessionSignature } from './runtime.ts'

/** ONNX Runtime's WebAssembly build: everywhere, a few times slower than the native one. */
export async function createWasmRuntime({ device = 'cpu', threads }: RuntimeOptions): Promise<Runtime> {
  if (device !== 'cpu') throw new InputError(`there is no ${device} device in the WebAssembly runtime`, { fix: 'use --device cpu' })
  const ort = await import('onnxruntime-web/wasm')
  // In Node the threads of the WebAssembly build keep the process alive; one thread does not.
  ort.env.wasm.numThreads = globalThis.process?.versions?.node ? 1 : (threads ?? 0)
  ort.env.logLevel = 'error'
  return {
    name: 'onnxruntime-web (wasm)',
    version: ort.env.versions.web ?? '',
    threads: ort.env.wasm.numThreads ?? 1,
    async createSession(model, signature): Promise<Session> {
      const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'], graphOptimizationLevel: 'basic' })
      return new WasmRunner(session, signature, ort.Tensor)
    },
  }
}

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

  async run(inputs: readonly NDArray[], into: readonly (NDArray | undefined)[] = []): Promise<NDArray[]> {
    const { inputs: inputNames, outputs, results } = this.#signature
    const feeds = Object.fromEntries(
      inputNames.map((name, i) => [name, new this.#Tensor(inputs[i].dtype as 'float32', inputs[i].data as Float32Array, inputs[i].shape)]),
    )
    const fetched = await this.#session.run(feeds)
    return results.map(({ shape, dtype }, i) => {
      const data = fetched[outputs[i]].data as TypedArray
      if (!into[i]) return ndarray(data, shape, dtype)
      into[i].data.set(data)
      return into[i]
    })
  }
}
