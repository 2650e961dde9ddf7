import type { Tensor as OrtTensor } from 'onnxruntime-common'
import { type NDArray, ndarray, sizeOf } from '../array.ts'
import { builtin } from '../builtin.ts'
import { allocate, bytesPerElement } from '../dtype.ts'
import { channelBlockOf } from './blocked.ts'
import type { Runtime, RuntimeOptions, Session, SessionSignature } from './runtime.ts'
import { refuseTelemetry } from './telemetry.ts'

type OrtModule = typeof import('onnxruntime-common')
type Values = Record<string, OrtTensor>

/** The part of the addon that its public API wraps in promises. Called directly, a run costs no turn of the event loop. */
interface NativeSession {
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void
  run(feeds: Values, fetches: Record<string, OrtTensor | null>, options: object): Values
  endProfiling(): void
}

/** A line of the file that a profiled session writes; `dur` is in microseconds. */
interface ProfileEvent {
  readonly cat: string
  readonly name: string
  readonly dur: number
}

const kernelTime = '_kernel_time'

/** ONNX Runtime's native build. A run blocks the calling thread. */
export async function createNativeRuntime({
  device = 'cpu',
  threads = builtin('node:os').availableParallelism(),
}: RuntimeOptions): Promise<Runtime> {
  refuseTelemetry()
  const require = builtin('node:module').createRequire(import.meta.url)
  const ort = require('onnxruntime-node') as OrtModule
  const { binding, initOrt } = require('onnxruntime-node/dist/binding.js') as {
    binding: { InferenceSession: new () => NativeSession }
    initOrt: () => void
  }
  ort.env.logLevel = 'fatal' // what fails is said by our own errors, in one line
  initOrt()
  const { version } = require('onnxruntime-node/package.json') as { version: string }
  const sessionOptions = {
    executionProviders: [device],
    // Graphs come simplified, and in an order of their own, which the runtime's rewriting would change.
    graphOptimizationLevel: 'disabled',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // With it the runtime takes the memory of a run twice: by a plan from the second run on, beside what the first one took.
    enableMemPattern: false,
    logSeverityLevel: 4,
  }
  let block: number | undefined | null = null
  const runtime: Runtime = {
    name: `onnxruntime-node (${device})`,
    version,
    threads,
    get channelBlock() {
      if (block === null) block = device === 'cpu' ? channelBlockOf(runtime) : undefined
      return block
    },
    createSession(model, signature) {
      const session = new binding.InferenceSession()
      const stops = bytesOfResults(signature) >= worthStopping
      const { buffer, byteOffset, byteLength } = stops ? withStop(model) : model
      session.loadModel(buffer, byteOffset, byteLength, sessionOptions)
      return new NativeRunner(session, signature, ort, stops ? { [stop]: null } : {})
    },
    createProfiledSession(model, signature) {
      const fs = process.getBuiltinModule('node:fs')
      const { join } = process.getBuiltinModule('node:path')
      const folder = fs.mkdtempSync(join(process.getBuiltinModule('node:os').tmpdir(), 'quire-profile-'))
      const session = new binding.InferenceSession()
      const options = { ...sessionOptions, enableProfiling: true, profileFilePrefix: join(folder, 'run') }
      session.loadModel(model.buffer, model.byteOffset, model.byteLength, options)
      return {
        session: new NativeRunner(session, signature, ort),
        end() {
          session.endProfiling()
          const events = JSON.parse(fs.readFileSync(join(folder, fs.readdirSync(folder)[0]), 'utf8')) as ProfileEvent[]
          fs.rmSync(folder, { recursive: true })
          return events.flatMap(({ cat, name, dur }) =>
            cat === 'Node' && name.endsWith(kernelTime) ? [{ name: name.slice(0, -kernelTime.length), milliseconds: dur / 1000 }] : [],
          )
        },
      }
    },
  }
  return runtime
}

const wrapped = new WeakMap<NDArray, OrtTensor>()

/** The runtime's view of a host array: the same memory. Kept, since a training loop feeds the same arrays again and again. */
export function wrap(array: NDArray, ort: Pick<OrtModule, 'Tensor'>): OrtTensor {
  let tensor = wrapped.get(array)
  if (!tensor) {
    tensor = new ort.Tensor(array.dtype as 'float32', array.data as Float32Array, array.shape)
    wrapped.set(array, tensor)
  }
  return tensor
}

/*
 * The addon writes results into our memory, and then copies each of them into a new array all the same: of a training step that is the whole
 * state, on pages that the system has to find first (8 MiB: 3 ms, where the operation takes 0.2). It converts the results in order and cannot
 * convert a sequence. So the first result of each model is an empty sequence: the addon gives up there, with everything computed and in place.
 * An addon that copies no more, or converts sequences, does no harm.
 */
const stop = 'quire.stop'
const givenUp = 'Non tensor type is temporarily not supported'

/** Bytes of results whose copies cost more than giving up does. */
const worthStopping = 2 ** 18

const bytesOfResults = ({ results }: SessionSignature): number =>
  results.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesPerElement(dtype), 0)

/** The model with an empty sequence as its first output. A protobuf message may come in pieces, whose lists are joined. */
function withStop(model: Uint8Array): Uint8Array {
  const text = (value: string) => new TextEncoder().encode(value)
  const field = (number: number, ...contents: Uint8Array[]): Uint8Array => {
    const bytes = contents.flatMap((part) => [...part])
    return Uint8Array.of((number << 3) | 2, bytes.length, ...bytes)
  }
  const node = field(1, field(2, text(stop)), field(4, text('SequenceEmpty')))
  const output = field(12, field(1, text(stop)))
  const graph = field(7, node, output)
  const result = new Uint8Array(graph.length + model.length)
  result.set(graph)
  result.set(model, graph.length)
  return result
}

class NativeRunner implements Session {
  readonly #session: NativeSession
  readonly #signature: SessionSignature
  readonly #ort: OrtModule
  readonly #extra: Record<string, null>

  /** `extra`: further outputs to ask for, before the others. */
  constructor(session: NativeSession, signature: SessionSignature, ort: OrtModule, extra: Record<string, null> = {}) {
    this.#session = session
    this.#signature = signature
    this.#ort = ort
    this.#extra = extra
  }

  run(inputs: readonly NDArray[], into: readonly (NDArray | undefined)[] = []): NDArray[] {
    const { inputs: inputNames, outputs, results } = this.#signature
    const feeds: Values = {}
    inputNames.forEach((name, i) => {
      feeds[name] = wrap(inputs[i], this.#ort)
    })
    const arrays = results.map((aval, i) => into[i] ?? ndarray(allocate(aval.dtype, sizeOf(aval.shape)), aval.shape, aval.dtype))
    const fetches: Record<string, OrtTensor | null> = { ...this.#extra }
    outputs.forEach((name, i) => {
      fetches[name] = wrap(arrays[i], this.#ort)
    })
    try {
      this.#session.run(feeds, fetches, {})
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith(givenUp))) throw error
    }
    return arrays
  }
}
