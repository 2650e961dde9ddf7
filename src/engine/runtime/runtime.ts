import type { NDArray } from '../array.ts'
import { InputError } from '../errors.ts'
import type { Aval } from '../graph/node.ts'
import { tried } from './probe.ts'
import type { StartWorker } from './worker.ts'

export type Device = 'cpu' | 'webgpu' | 'cuda'

export interface SessionSignature {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly results: readonly Aval[]
}

/** A compiled model, ready to run. Inputs and outputs go by position. */
export interface Session {
  /** Runs on these arrays. Where `into[i]` is given, result i is written into its memory; otherwise memory is allocated. */
  run(inputs: readonly NDArray[], into?: readonly (NDArray | undefined)[]): NDArray[] | Promise<NDArray[]>
}

/** Something that runs ONNX models. */
export interface Runtime {
  readonly name: string
  readonly version: string
  readonly threads: number
  /** Whether arrays may lie in shared memory; absent where they may not. */
  readonly takesShared?: boolean
  /** How many channels lie together in the layout in which it convolves fastest (`blocked.ts`); absent where there is no such layout. */
  readonly channelBlock?: number
  createSession(model: Uint8Array, signature: SessionSignature): Session | Promise<Session>
  /** A session that times its nodes; absent where the runtime cannot. */
  createProfiledSession?(model: Uint8Array, signature: SessionSignature): ProfiledSession
}

export interface ProfiledSession {
  readonly session: Session
  /** Ends the session: milliseconds of each run of each ONNX node, by name. */
  end(): { readonly name: string; readonly milliseconds: number }[]
}

export interface RuntimeOptions {
  /** Default: cpu. */
  readonly device?: Device
  /** Worker threads of one run. Default: `QUIRE_THREADS`, else the number of cores. WebAssembly has one in Node and in pages that are not cross-origin isolated. */
  readonly threads?: number
  /** 'native' and 'wasm' insist; 'auto' takes the native runtime where it loads. */
  readonly prefer?: 'auto' | 'native' | 'wasm'
  /** In a page: where the files of WebAssembly are, if not where the bundler put them: an address ending in `/`. */
  readonly wasmPaths?: string
  /**
   * In Node: runs in a worker thread, so that the calling thread stays free; otherwise a run blocks it. Default: false. A program that is bundled gives
   * a function that starts the thread.
   */
  readonly worker?: boolean | StartWorker
}

let chosen: RuntimeOptions = {}
let loading: Promise<Runtime> | undefined
let loaded: Runtime | undefined

/**
 * Chooses device and threads. Must come before the first evaluation.
 *
 * @example
 * // Before anything is evaluated:
 * configureRuntime({ prefer: 'wasm' })
 * const { name } = await getRuntime()
 */
export function configureRuntime(choice: RuntimeOptions): void {
  if (loaded) throw new InputError('the runtime is already in use', { fix: 'call configureRuntime before anything is evaluated' })
  chosen = { ...chosen, ...choice }
  loading = undefined
}

/**
 * The runtime, loaded at first use: the native one where it is installed, else WebAssembly.
 *
 * @example
 * const { name, threads } = await getRuntime()
 */
export function getRuntime(): Promise<Runtime> {
  loading ??= load().then((runtime) => (loaded = runtime))
  return loading
}

async function load(): Promise<Runtime> {
  const options = { ...chosen, threads: chosen.threads ?? threadsAsked() }
  if (options.worker) return (await import('./worker.ts')).createWorkerRuntime(options)
  const prefer = options.prefer ?? (globalThis.process?.env?.QUIRE_RUNTIME as RuntimeOptions['prefer']) ?? 'auto'
  if (prefer !== 'wasm') {
    try {
      return await tried(await (await import('./native.ts')).createNativeRuntime(options))
    } catch (error) {
      if (prefer === 'native' || (options.device ?? 'cpu') !== 'cpu') {
        throw new InputError(`the native runtime does not load: ${firstLine(error)}`, { fix: 'npm install onnxruntime-node', cause: error })
      }
    }
  }
  const wasm = await (await import('./wasm.ts')).createWasmRuntime(options)
  try {
    return await tried(wasm)
  } catch (error) {
    const { cause } = error as Error
    if (!/no available backend/.test(firstLine(cause))) throw error
    throw new InputError(`the WebAssembly runtime does not load: ${firstLine(cause)}`, {
      fix: "configureRuntime({ wasmPaths: 'https://…/' }) says where the files of onnxruntime-web/dist lie",
      cause: error,
    })
  }
}

/** What the environment asks for: on a machine that is shared with others, say. */
function threadsAsked(): number | undefined {
  const asked = globalThis.process?.env?.QUIRE_THREADS
  if (!asked) return undefined
  if (!/^[1-9]\d{0,3}$/.test(asked)) throw new InputError(`QUIRE_THREADS is '${asked}'`, { fix: 'give a whole number, 1 or more' })
  return Number(asked)
}

const firstLine = (error: unknown): string => String(error instanceof Error ? error.message : error).split('\n')[0]
